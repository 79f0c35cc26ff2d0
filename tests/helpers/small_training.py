"""A network and images so small that training them takes a second."""

from pathlib import Path

import numpy as np
from PIL import Image

FACTORY = """
import torch
from torch import nn

def network(dropout=0.0):
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, stride=2, bias=False), nn.BatchNorm2d(8), nn.ReLU(),
        nn.Conv2d(8, 16, 3, stride=2), nn.BatchNorm2d(16), nn.ReLU(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(dropout),
    )
"""


def small_spec(folder: Path, **changes) -> dict:
    """Settings of a small network, whose code and images lie in a folder."""
    return {
        **{"entry": "small", "objective": "barlow_twins", "lambda": 0.3, "seed": 0},
        **{"data": {"folder": str(folder / "images")}, "size": 16},
        **{"architecture": f"{folder / 'mine.py'}:network", "arguments": {}, "projector": [24, 12]},
        **{"augmentation": {}, "batch": 4, "accumulate": 1, "processes": 1, "epochs": 3},
        "optimizer": {"kind": "adamw", "lr": 0.001, "weight_decay": 1e-6, "momentum": 0.9, "warmup": 1},
        **{"precision": "float32", "factorization": 0, "ema": None},
        **changes,
    }


def write_images(folder: Path, n: int = 17, size: int = 20) -> None:
    """Noisy pictures of two classes that differ in color, of different sizes; and the network's code."""
    rng = np.random.default_rng(0)
    (folder / "mine.py").write_text(FACTORY)
    for i in range(n):
        label = "ab"[i % 2]
        (folder / "images" / label).mkdir(parents=True, exist_ok=True)
        color = np.array([200, 60, 60] if label == "a" else [60, 60, 200])
        picture = np.clip(color + rng.normal(0, 40, (size + i, size + 2 * i, 3)), 0, 255).astype(np.uint8)
        Image.fromarray(picture).save(folder / "images" / label / f"{i}.png")

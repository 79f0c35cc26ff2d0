"""What float16, autocast and the memory layout change.

    python tests/benchmarks/faster_passes.py STIMULI.h5

Networks with random weights on the first images of a stimulus set: the relative Frobenius error of the centered Gram
matrix when responses are stored in float16, or computed with autocast, and processor seconds on one thread.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from ventral.core.errors import Fault
from ventral.core.hdf5 import open_hdf5
from ventral.gram import gram
from ventral.models import extract, load_model
from ventral.models.layer_choice import resolve_layers
from ventral.stimuli import open_images

RUNS, IMAGES = 3, 64
ARCHITECTURES = ("resnet18", "mobilenet_v2")
WAYS = {
    "default": {},
    "channels first": {"channels_last": False},
    "channels last, weights too": {"channels_last": True},
    "autocast bfloat16": {"autocast": "bfloat16"},
}


def main(stimuli: str) -> None:
    torch.set_num_threads(1)
    with open_images(stimuli) as stored:
        images = stored[:IMAGES]
    print(f"{images.shape[1]} pixels\n\n| network | way | ms/image | largest error of K |\n|---|---|---|---|")
    for architecture in ARCHITECTURES:
        spec = {"source": "torchvision", "architecture": architecture, "layers": "auto"}
        seconds, found = {way: [] for way in WAYS}, {}
        for _ in range(RUNS):
            for way, keys in WAYS.items():
                taken, found[way] = run(spec | keys, images)
                seconds[way].append(1000 * taken / IMAGES)
        exact = found["default"]
        for way, Ks in found.items():
            print(f"| {architecture} | {way} | {statistics.median(seconds[way]):.1f} | {error(Ks, exact):.1e} |")
        try:
            stored = f"{error(run(spec, images, 'float16')[1], exact):.1e}"
        except Fault as fault:
            stored = str(fault)
        print(f"| {architecture} | stored in float16 | | {stored} |", flush=True)


def run(spec: dict, images: np.ndarray, precision: str = "float32") -> tuple[float, dict[str, np.ndarray]]:
    """Processor seconds of an extraction, and the centered Gram matrix of each layer."""
    model, layers = load_model(spec), resolve_layers(spec)
    with tempfile.TemporaryDirectory() as folder:
        path, start = Path(folder) / "activations.h5", time.process_time()
        extract(model, images, layers, path, batch=32, precision=precision)
        seconds = time.process_time() - start
        with open_hdf5(path) as file:
            return seconds, {layer: gram(file[layer], device="cpu").centered for layer in layers}


def error(found: dict[str, np.ndarray], exact: dict[str, np.ndarray]) -> float:
    return max(np.linalg.norm(found[layer] - K) / np.linalg.norm(K) for layer, K in exact.items())


if __name__ == "__main__":
    main(sys.argv[1])

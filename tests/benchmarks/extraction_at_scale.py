"""Memory of extraction against the number of images, and what float16, autocast and the memory layout change.

    python tests/benchmarks/extraction_at_scale.py STIMULI.h5

Memory is the peak of a process that shows 2,000 or 20,000 images of 32 pixels to a small network. The other figures are
those of networks with random weights on the first images of a stimulus set: the relative Frobenius error of the
centered Gram matrix when responses are stored in float16, or computed with autocast, and processor seconds on one
thread.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from memory import megabytes

from ventral.core.errors import Fault
from ventral.core.hdf5 import open_hdf5
from ventral.gram import gram
from ventral.models import extract, load_model
from ventral.models.layer_choice import resolve_layers
from ventral.stimuli import open_images, write_stimuli

COUNTS, RUNS, IMAGES = (2_000, 20_000), 3, 64
ARCHITECTURES = ("resnet18", "mobilenet_v2")
WAYS = {
    "default": {},
    "channels first": {"channels_last": False},
    "channels last, weights too": {"channels_last": True},
    "autocast bfloat16": {"autocast": "bfloat16"},
}


def main(stimuli: str) -> None:
    torch.set_num_threads(1)
    print("| images | peak MB |\n|---|---|")
    for count in COUNTS:
        peak = subprocess.run([sys.executable, __file__, str(count)], capture_output=True, text=True, check=True)
        print(f"| {count} | {peak.stdout.strip()} |", flush=True)
    with open_images(stimuli) as stored:
        images = stored[:IMAGES]
    print(f"\n{images.shape[1]} pixels\n\n| network | way | ms/image | largest error of K |\n|---|---|---|---|")
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


def peak(count: int) -> float:
    """Megabytes at the peak of making a set of images and extracting responses to it."""
    import pandas as pd

    rng = np.random.default_rng(0)
    table = pd.DataFrame({"stimulus_id": [f"image{i:07d}" for i in range(count)]})
    network = lambda: torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.ReLU())  # noqa: E731
    with tempfile.TemporaryDirectory() as folder:
        shown = (rng.integers(0, 256, (32, 32, 3), dtype=np.uint8) for _ in range(count))
        write_stimuli(Path(folder) / "stimuli.h5", shown, table, "images", "Noise.")
        model = load_model({"source": "python", "factory": network}, "small")
        with open_images(Path(folder) / "stimuli.h5") as images:
            extract(model, images, ["0", "1"], Path(folder) / "small.h5", content="noise")
    return megabytes("VmHWM")


if __name__ == "__main__":
    if sys.argv[1].isdigit():
        print(f"{peak(int(sys.argv[1])):.0f}")
    else:
        main(sys.argv[1])

"""Speed of extraction against the bare forward passes of the same network.

    python tests/benchmarks/extraction.py

Five times, in turn, images go through the bare network and through `extract`, which also prepares them, copies
five layers and writes them to a checksummed HDF5 file. Both run on one thread of the CPU, and processor
seconds are counted, so that other work on the machine does not matter.
"""

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import torch

from ventral.models import Model, extract, load_model
from ventral.models.layer_choice import resolve_layers

ARCHITECTURES = ("resnet18", "squeezenet1_1", "alexnet", "mobilenet_v2")
N, SIZE, BATCH, RUNS = 128, 128, 32, 5


def main() -> None:
    torch.set_num_threads(1)
    images = np.random.default_rng(0).integers(0, 256, (N, SIZE, SIZE, 3), dtype=np.uint8)
    print("| network | bare ms/image | extract ms/image | images/s | extract : bare |\n|---|---|---|---|---|")
    for architecture in ARCHITECTURES:
        spec = {"source": "torchvision", "architecture": architecture, "layers": "auto"}
        model, layers = load_model(spec), resolve_layers(spec)
        bare, stored = [], []
        batches = [model.preprocess(images[start : start + BATCH]) for start in range(0, N, BATCH)]
        forward(model, batches[:1])
        for _ in range(RUNS):
            bare.append(seconds(forward, model, batches))
            stored.append(seconds(store, model, images, layers))
        ratio = statistics.median(b / a for a, b in zip(bare, stored, strict=True))
        a, b = (1000 * statistics.median(runs) / N for runs in (bare, stored))
        print(f"| {architecture} | {a:.1f} | {b:.1f} | {1000 / b:.0f} | {ratio:.2f} |", flush=True)


def forward(model: Model, batches: list[torch.Tensor]) -> None:
    with torch.inference_mode():
        for batch in batches:
            model.network(batch)


def store(model: Model, images: np.ndarray, layers: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        extract(model, images, layers, Path(folder) / "activations.h5", batch=BATCH)


def seconds(run, *arguments) -> float:
    start = time.process_time()
    run(*arguments)
    return time.process_time() - start


if __name__ == "__main__":
    main()

"""Speed and memory of the Gram stage against the machine's own float32 matrix product.

    python tests/benchmarks/gram.py

A layer file of 2,000 images × 100,000 units is multiplied from disk, five times, in turn with a plain
matrix product of the same size; each run is a process of its own. The rate counts 2 n² d operations for
both; the Gram needs only half of them, because it is symmetric.

Where there is a GPU, 24 layers of 1,000 images × 50,000 units are multiplied on it as well, read from one
file, one at a time and four at a time, in turn.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import h5py
import numpy as np

from ventral.core.block_products import LAYERS, block_width
from ventral.core.device import gpus
from ventral.core.streams import on_streams

N, D, RUNS = 2_000, 100_000, 5
ON_GPU = {"layers": 24, "images": 1_000, "units": 50_000}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layer.h5"
        write_layer(path)
        gemm, gram = [], []
        for _ in range(RUNS):
            gemm.append(run("gemm"))
            gram.append(run("gram", str(path)))
    ratio = statistics.median(one[0] / other[0] for one, other in zip(gemm, gram, strict=True))
    beyond = statistics.median(other[1] for other in gram) - N * N * 8 / 1e6
    print("| | seconds | Gflop/s | MB beyond the Gram |\n|---|---|---|---|")
    for name, runs in (("float32 matrix product", gemm), ("Gram stage, from disk", gram)):
        seconds = statistics.median(one[0] for one in runs)
        memory = f"{beyond:.0f}" if runs is gram else ""
        print(f"| {name} | {seconds:.2f} | {2 * N * N * D / seconds / 1e9:.0f} | {memory} |")
    print(f"\nThe Gram stage reaches {100 * ratio:.0f} % of the matrix product's rate (median of {RUNS} pairs).")
    if gpus():
        on_gpu()
    else:
        print("There is no GPU, so layers that share one were not timed.")


def on_gpu() -> None:
    """Print the seconds of Grams on a GPU, one layer at a time and several."""
    seconds: dict[int, list[float]] = {1: [], LAYERS: []}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "layers.h5"
        with h5py.File(path, "w") as file:
            for number in range(ON_GPU["layers"]):
                write_units(file, f"layer{number}", ON_GPU["images"], ON_GPU["units"])
        for _ in range(RUNS):
            for at_once, runs in seconds.items():
                runs.append(run("layers", str(path), str(at_once))[0])
    print("\n| layers at a time | seconds |\n|---|---|")
    for at_once, runs in seconds.items():
        print(f"| {at_once} | {statistics.median(runs):.2f} |")


def write_layer(path: Path) -> None:
    with h5py.File(path, "w") as file:
        write_units(file, "layer", N, D)


def write_units(file: h5py.File, name: str, images: int, units: int) -> None:
    rng = np.random.default_rng(0)
    layer = file.create_dataset(name, (images, units), np.float32, chunks=(64, 4096), fletcher32=True)
    for start in range(0, images, 64):
        layer[start : start + 64] = rng.standard_normal((min(64, images - start), units), np.float32)


def run(what: str, *arguments: str) -> tuple[float, float]:
    out = subprocess.run([sys.executable, __file__, what, *arguments], check=True, capture_output=True, text=True)
    seconds, megabytes = map(float, out.stdout.split())
    return seconds, megabytes


def time_gemm() -> None:
    rng = np.random.default_rng(0)
    X, Y = rng.standard_normal((N, 8192), np.float32), rng.standard_normal((8192, N), np.float32)
    X @ Y
    start = time.perf_counter()
    for _ in range(3):
        X @ Y
    print((time.perf_counter() - start) / 3 * D / 8192, 0)


def time_gram(path: str) -> None:
    from ventral.gram import gram

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with h5py.File(path) as file:
        start = time.perf_counter()
        gram(file["layer"], device="cpu")
        seconds = time.perf_counter() - start
    print(seconds, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1e3)


def time_layers(path: str, at_once: str) -> None:
    from ventral.gram import gram

    with h5py.File(path) as file:
        jobs = [partial(gram, file[layer], block_width(file[layer], int(at_once)), device="cuda") for layer in file]
        jobs[0]()  # CUDA starts
        start = time.perf_counter()
        on_streams(jobs, "cuda", int(at_once))
        print(time.perf_counter() - start, 0)


if __name__ == "__main__":
    if sys.argv[1:]:
        {"gemm": time_gemm, "gram": time_gram, "layers": time_layers}[sys.argv[1]](*sys.argv[2:])
    else:
        main()

"""Speed and memory of the Gram stage against the machine's own float32 matrix product.

    python tests/benchmarks/gram.py

A layer file of 2,000 images × 100,000 units is multiplied from disk, five times, in turn with a plain
matrix product of the same size; each run is a process of its own. The rate counts 2 n² d operations for
both; the Gram needs only half of them, because it is symmetric.
"""

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

N, D, RUNS = 2_000, 100_000, 5


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


def write_layer(path: Path) -> None:
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        layer = file.create_dataset("layer", (N, D), np.float32, chunks=(64, 4096), fletcher32=True)
        for start in range(0, N, 64):
            layer[start : start + 64] = rng.standard_normal((min(64, N - start), D), np.float32)


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


if __name__ == "__main__":
    {"gemm": time_gemm, "gram": time_gram}[sys.argv[1]](*sys.argv[2:]) if sys.argv[1:] else main()

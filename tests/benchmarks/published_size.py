"""Time, memory and disk of the Gram and the geometry of one layer at published sizes.

    python tests/benchmarks/published_size.py [--raw] [n,d,classes …]

10,000 images × 512 features with 1,000 classes is a layer of the published dimensionality study; 4,000 × 2,048 is the
last layer of a ResNet-50. --raw adds 10,000 × 100,352 features, which need 4 GB of disk and some 4 GB of memory. Each
job is the workflow's own script in a process of its own, whose seconds include the start of Python. The machine's
float32 matrix product, measured before and after each layer, says how fast the machine was meanwhile.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "workflow"), str(ROOT / "tests" / "helpers")]

from stage_of_size import inputs, run, write_inputs  # noqa: E402

from ventral.resources import SNAKEMAKE, memory  # noqa: E402

SIZES = [(10_000, 512, 1_000), (4_000, 2_048, 100)]
RAW = (10_000, 100_352, 1_000)
EARLIER = "Commit e86d78c, two cores, 10,000 × 512: Gram 7.9 s, geometry 158 s, 3.9 GB, a file of 807 MB."


def main(arguments: list[str]) -> None:
    chosen = [tuple(map(int, text.split(","))) for text in arguments if text != "--raw"]
    columns = (
        "layer",
        "job",
        "processor, s",
        "on the clock, s",
        "peak, MB",
        "asked for, MB",
        "file, MB",
        "GEMM, Gflop/s",
    )
    print(f"| {' | '.join(columns)} |\n{'|---' * len(columns)}|")
    for size in [*(chosen or SIZES), *([RAW] if "--raw" in arguments else [])]:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), *size)
    print(f"\n{EARLIER}")


def measure(folder: Path, n: int, d: int, classes: int) -> None:
    """Print one row for each job of a layer."""
    write_inputs(folder, n, d, classes)
    for stage, made in (("gram", "gram.h5"), ("geometry", "geometry.csv")):
        before = matrix_product_rate()
        processor, clock, peak = run(stage, folder)
        rate = (before + matrix_product_rate()) / 2
        asked = memory(stage)(None, input=inputs(stage, folder), threads=1, attempt=1) - SNAKEMAKE
        size = (folder / made).stat().st_size / 1e6
        cells = f"{processor:.1f} | {clock:.1f} | {peak:.0f} | {asked} | {size:.1f} | {rate:.0f}"
        print(f"| {n:,} × {d:,}, {classes:,} classes | {stage} | {cells} |", flush=True)
        if stage == "gram" and d >= n:
            print(f"\nThe Gram's 2 n² d operations: {2e-9 * n**2 * d / processor:.0f} Gflop per processor second.\n")


def matrix_product_rate(n: int = 2_048) -> float:
    """Float32 products of n × n matrices in Gflop per second of the processor."""
    X = np.random.default_rng(0).standard_normal((n, n), np.float32)
    X @ X
    start = time.process_time()
    for _ in range(3):
        X @ X
    return 3 * 2e-9 * n**3 / (time.process_time() - start)


if __name__ == "__main__":
    main(sys.argv[1:])

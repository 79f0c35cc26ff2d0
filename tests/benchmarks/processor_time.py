"""Processor time of a study: user and system seconds of every process that one run of Snakemake starts.

    python tests/benchmarks/processor_time.py [--configfile FILE] [--runs N] [CHECKOUT ...]

Each checkout of this repository (by default this one) runs the study in an empty results folder, all checkouts in turn,
so that a machine that others use slows all of them alike. The study is the default one (`config.yaml` of the checkout)
unless another file is named. The first table has the medians over runs; the second divides the last run by stage, from
the files in `results/benchmarks/`, whose samples miss part of jobs that last a second. Time beside the jobs is that of
Snakemake itself.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parent.parent.parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", nargs="*", type=Path, default=[ROOT])
    parser.add_argument("--configfile", type=Path)
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    seconds: dict[Path, list[float]] = {checkout: [] for checkout in options.checkouts}
    stages: dict[Path, pd.DataFrame] = {}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.runs):
            for checkout, found in seconds.items():
                results = Path(folder, "results")
                found.append(processor_seconds(checkout.resolve(), options.configfile, results))
                stages[checkout] = by_stage(results / "benchmarks")
                shutil.rmtree(results)
    print("| checkout | processor seconds | lowest | highest |\n|---|---|---|---|")
    for checkout, found in seconds.items():
        print(f"| {checkout} | {statistics.median(found):.0f} | {min(found):.0f} | {max(found):.0f} |")
    for checkout, table in stages.items():
        print(f"\n{checkout}, last run\n\n{table.to_string()}")


def processor_seconds(checkout: Path, configfile: Path | None, results: Path) -> float:
    """User and system seconds of one run of Snakemake and of all processes that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    named = ["--configfile", str((configfile or checkout / "config.yaml").resolve())]
    subprocess.run(
        [sys.executable, "-m", "snakemake", "--cores", "2", *named, "--config", f"results={results}"],
        cwd=checkout,
        env=os.environ | {"PYTHONPATH": str(checkout / "workflow")},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def by_stage(benchmarks: Path) -> pd.DataFrame:
    """Number of jobs, and their processor seconds, of each stage."""
    jobs = [
        {"stage": path.relative_to(benchmarks).parts[0], "jobs": 1}
        | pd.read_csv(path, sep="\t", usecols=["s", "cpu_time"], na_values="NA").iloc[0].to_dict()
        for path in sorted(benchmarks.rglob("*.tsv"))
    ]
    return pd.DataFrame(jobs).groupby("stage").sum().round(1)


if __name__ == "__main__":
    main()

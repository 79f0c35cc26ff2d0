"""How long Snakemake takes to plan: the default study, and one of the published size.

    python tests/benchmarks/dag.py

Medians of five dry runs each, in turn with the time that `snakemake --help` takes, which is the floor.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT / "tests" / "workflow"), str(ROOT / "tests" / "helpers")]

RUNS = 5


def main() -> None:
    from test_scale import published

    with tempfile.TemporaryDirectory() as folder:
        large = Path(folder) / "large.yaml"
        large.write_text(yaml.safe_dump(published(yaml.safe_load((ROOT / "config.yaml").read_text()))))
        commands = {
            "`snakemake --help`": ["--help"],
            "default study, dry run": ["--dry-run", "--configfile", "config.yaml", "--config", "results=no-results"],
            "568 layers, dry run": ["--dry-run", "--configfile", str(large), "--config", "results=no-results"],
        }
        seconds = {name: [] for name in commands}
        for _ in range(RUNS):
            for name, arguments in commands.items():
                start = time.perf_counter()
                subprocess.run(
                    [sys.executable, "-m", "snakemake", *arguments], cwd=ROOT, check=True, capture_output=True
                )
                seconds[name].append(time.perf_counter() - start)
    print("| | seconds |\n|---|---|")
    for name, found in seconds.items():
        print(f"| {name} | {statistics.median(found):.1f} |")


if __name__ == "__main__":
    main()

"""Time, memory and disk of a study of the published size: 46 networks with 568 layers, and 10,000 images.

    python tests/benchmarks/published_study.py [--folder FOLDER] [--images N] [--classes C] [--layers L] [--cores 2]
    python tests/benchmarks/published_study.py --dag [--folder FOLDER] [--images 60] [--layers L]

The networks and layers are those of `tests/data/dimensionality/layers.csv`, with the channels that torchvision's
networks of these names have there. Responses are made up (`tests/helpers/made_up_layers.py`), so extraction is left
out: the stage "activations" makes them up and stores them as any responses are stored. Everything else is the
workflow itself, which deletes the activations of a network when its Gram files exist.

Without --dag, one network of each of the five architectures runs, which are 40 layers, at true size and without
recordings. Seconds of a layer of d features, from the times in the logs, are multiplied by the number of layers of
this width among the 568; starts of jobs by the number of networks; and the comparison of pairs of layers by the number
of pairs. With --dag, all 568 layers run on few images, with a simulated recording, for what depends on the number of
layers alone: summary, figures, report, and Snakemake itself. --layers takes the last layers of each network, for a
trial.
"""

import argparse
import csv
import re
import resource
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import datetime
from pathlib import Path

import numpy as np
import yaml

ROOT = Path(__file__).parents[2]
HELPERS = ROOT / "tests" / "helpers"
sys.path[:0] = [str(ROOT / "workflow"), str(HELPERS), str(ROOT / "tests" / "workflow")]

from made_up_layers import numbered_images  # noqa: E402
from study import Study, copy_project  # noqa: E402

WIDTHS = {  # features of the layers of each architecture, averaged over positions
    "AlexNet": [64, 192, 384, 256, 256],
    "ResNet18": [64, 64, 128, 128, 256, 256, 512, 512],
    "ResNet50": [256] * 3 + [512] * 4 + [1024] * 6 + [2048] * 3,
    "SqueezeNet": [128, 256, 384, 512, 512],
    "VGG16": [512] * 6,
}
IMAGES, CLASSES = 10_000, 1_000
ONCE = ("summary", "figures", "report")  # stages of one job each, whatever the number of layers
LAYER = re.compile(r"^(\S+ \S+) (?:The layer (\S+) of|(done))", re.MULTILINE)


def published() -> list[tuple[str, list[str]]]:
    """The architecture and the layers of each of the 46 networks."""
    networks: dict[tuple, list[str]] = {}
    with open(ROOT / "tests" / "data" / "dimensionality" / "layers.csv", newline="") as file:
        for row in csv.DictReader(file):
            key = tuple(row[name] for name in ("architecture", "task", "kind", "source"))
            networks.setdefault(key, []).append(row["layer"])
    return [(key[0], layers) for key, layers in networks.items()]


def widths_of(architecture: str, layers: list[str], last: int | None) -> dict[str, int]:
    return dict([*zip(layers, WIDTHS[architecture], strict=True)][-(last or 0) :])


def prepared(folder: Path, options: argparse.Namespace, networks: dict[str, dict[str, int]]) -> Study:
    """A study of made-up networks in a copy of the project."""
    study = copy_project(folder)
    shutil.copy(HELPERS / "made_up_layers.py", folder)
    labels = np.array([f"class{k % options.classes}" for k in range(options.images)])
    np.savez(folder / "images.npz", images=numbered_images(options.images), label=labels)
    made = {"source": "python", "factory": "made_up_layers.py:network", "kind": "other"}
    models = {
        name: made | {"layers": [*widths], "arguments": {"widths": widths, "classes": options.classes, "name": name}}
        for name, widths in networks.items()
    }
    config = {
        "title": "Study of the published size, with made-up responses",
        "device": "cpu",
        "keep_activations": False,
        "stimuli": {"published": {"kind": "images", "folder": "images.npz", "size": 16}},
        "models": models,
    }
    if options.dag:
        config["recordings"] = {"simulated": {"kind": "simulated", "stimuli": "published", "units": 20, "repeats": 4}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    return study


class Disk(threading.Thread):
    """The largest size of a folder while it is watched, in bytes, and that of the activations in it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(daemon=True)
        self.folder, self.ended = folder, threading.Event()
        self.largest = self.activations = 0

    def run(self) -> None:
        while not self.ended.wait(1):
            self.largest = max(self.largest, size(self.folder))
            self.activations = max(self.activations, size(self.folder / "activations"))


def size(folder: Path) -> int:
    """Bytes of the blocks of all files, which may vanish meanwhile."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.lstat().st_blocks * 512
        except OSError:
            continue
    return total


def jobs_of(results: Path) -> list[dict]:
    """Stage, name, seconds, processor seconds and peak megabytes of every job."""
    jobs = []
    for path in sorted((results / "benchmarks").rglob("*.tsv")):
        row = next(csv.DictReader(path.open(), delimiter="\t"))
        number = {key: float(row[key]) for key in ("s", "cpu_time", "max_rss") if row[key] not in ("NA", "-")}
        stage = path.relative_to(results / "benchmarks").parts[0]
        stage = path.stem if stage == "summary" else stage
        jobs.append({"stage": stage, "name": path.stem, "s": 0.0, "cpu_time": 0.0, "max_rss": 0.0} | number)
    return jobs


def print_stages(jobs: list[dict], clock: float, processor: float) -> None:
    print("| stage | jobs | seconds of jobs | of the processor | largest peak, MB |\n|---|---|---|---|---|")
    for stage in dict.fromkeys(job["stage"] for job in jobs):
        of_stage = [job for job in jobs if job["stage"] == stage]
        seconds, cpu = (sum(job[key] for job in of_stage) for key in ("s", "cpu_time"))
        print(
            f"| {stage} | {len(of_stage)} | {seconds:.1f} | {cpu:.1f} | {max(job['max_rss'] for job in of_stage):.0f} |"
        )
    print(f"\nThe whole run took {clock:.0f} s on the clock and {processor:.0f} s of the processor.")


def seconds_of_layers(results: Path, stage: str, networks: dict[str, dict[str, int]]) -> dict[int, float]:
    """Mean seconds of a layer of each width, from the times in the logs of a stage."""
    found: dict[int, list[float]] = {}
    for name, widths in networks.items():
        [log] = (results / "logs" / stage).glob(f"{name}*.log")
        marks = LAYER.findall(log.read_text())
        times = [datetime.strptime(when, "%Y-%m-%d %H:%M:%S,%f") for when, _, _ in marks]
        for (_, layer, _), start, end in zip(marks, times, times[1:], strict=False):
            found.setdefault(widths[layer], []).append((end - start).total_seconds())
    return {width: float(np.mean(times)) for width, times in sorted(found.items())}


def seconds_of_pair() -> float:
    """Seconds of the Procrustes distance of two layers, which is most of the comparison of a pair."""
    from ventral.representational_similarity import distance_of_roots
    from ventral.summary.tables import IMAGES_COMPARED as n

    A, B = np.random.default_rng(0).standard_normal((2, n, n - 1)) / n
    start = time.process_time()
    for _ in range(50):
        distance_of_roots(A, B)
    return (time.process_time() - start) / 50


def print_time(results: Path, jobs: list[dict], networks: dict[str, dict[str, int]], options) -> None:
    """The time of the 568 layers, with the sums that it follows from."""
    every = [widths_of(architecture, layers, options.layers) for architecture, layers in published()]
    count = Counter(width for widths in every for width in widths.values())
    layers, total = len(every_width(networks)), 0.0
    print(f"\n| width | layers of {sum(count.values())} | Gram, s | geometry, s |\n|---|---|---|---|")
    of_width = {stage: seconds_of_layers(results, stage, networks) for stage in ("gram", "geometry")}
    for width, number in sorted(count.items()):
        print(f"| {width} | {number} | {of_width['gram'][width]:.2f} | {of_width['geometry'][width]:.2f} |")
    for stage, seconds in of_width.items():
        inside = sum(seconds[width] for width in every_width(networks))
        start = (sum(job["s"] for job in jobs if job["stage"] == stage) - inside) / len(networks)
        whole = sum(number * seconds[width] for width, number in count.items()) + len(every) * start
        total += whole / options.cores
        print(
            f"\n{stage}: Σ layers × s + {len(every)} starts of {start:.1f} s = {whole:.0f} s, / {options.cores} cores."
        )
    pairs, wanted = (n * (n - 1) // 2 for n in (layers, sum(count.values())))
    of_pair, similarity = seconds_of_pair(), sum(job["s"] for job in jobs if job["stage"] == "similarity")
    whole = max(similarity - pairs * of_pair, 0) * sum(count.values()) / layers + wanted * of_pair
    print(f"\nsimilarity: {similarity:.0f} s for {pairs} pairs, {whole:.0f} s for {wanted} of {1e3 * of_pair:.1f} ms.")
    total += whole
    print(f"\nIn all {total / 3600:.2f} h, to which the summary, figures and report of --dag are added.")


def print_disk(results: Path, networks: dict[str, dict[str, int]], options, disk: Disk) -> None:
    """The disk that the 568 layers need."""
    every = [width for name, layers in published() for width in widths_of(name, layers, options.layers).values()]
    measured, kept = every_width(networks), size(results / "gram")
    others = (size(results) - kept) * len(every) / len(measured)
    print(f"\nDisk: {disk.largest / 1e9:.2f} GB at most. Of {len(every)} layers:")
    print(f"Gram files {1e-9 * kept * sum(every) / sum(measured):.1f} GB, in proportion to the sum of widths,")
    print(f"other files {others / 1e9:.2f} GB, and activations of one network {disk.activations / 1e9:.2f} GB.")


def every_width(networks: dict[str, dict[str, int]]) -> list[int]:
    """The width of each layer of all networks."""
    return [width for widths in networks.values() for width in widths.values()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dag", action="store_true")
    parser.add_argument("--folder", type=Path, help="a folder of its own, which must not exist")
    parser.add_argument("--images", type=int)
    parser.add_argument("--classes", type=int)
    parser.add_argument("--layers", type=int)
    parser.add_argument("--cores", type=int, default=2)
    options = parser.parse_args()
    options.images = options.images or (60 if options.dag else IMAGES)
    options.classes = options.classes or max(2, options.images * CLASSES // IMAGES)
    every = published()
    chosen = every if options.dag else [next(one for one in every if one[0] == name) for name in WIDTHS]
    networks = {
        f"{architecture.lower()}_{k:02d}": widths_of(architecture, layers, options.layers)
        for k, (architecture, layers) in enumerate(chosen, 1)
    }
    with tempfile.TemporaryDirectory() as place:
        folder = options.folder or Path(place) / "study"
        study = prepared(folder, options, networks)
        disk = Disk(folder / "results")
        disk.start()
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        process = study.start("--cores", str(options.cores))
        printed, _ = process.communicate()
        assert not process.returncode, printed
        after, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
        disk.ended.set()
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        jobs = jobs_of(folder / "results")
        print(f"{sum(map(len, networks.values()))} layers of {len(networks)} networks, {options.images} images\n")
        print_stages(jobs, clock, processor)
        if options.dag:
            once = sum(job["s"] for job in jobs if job["stage"] in ONCE)
            inside = sum(job["s"] for job in jobs)
            print(f"\nSummary, figures and report: {once:.0f} s.")
            print(f"All jobs: {inside:.0f} s; on {options.cores} cores {inside / options.cores:.0f} s or more.")
            print(f"Report: {(folder / 'results' / 'report.html').stat().st_size / 1e6:.1f} MB.")
        else:
            print_time(folder / "results", jobs, networks, options)
            print_disk(folder / "results", networks, options, disk)


if __name__ == "__main__":
    main()

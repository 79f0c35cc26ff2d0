"""Memory and time of each stage on many images, and an extraction that is killed and continued.

    python tests/benchmarks/million_images.py {hdf5,shards,folder} [IMAGES] [--folder PLACE]

Images are noise of 32 pixels, gray, in 1,000 classes. A study shows them to a convolution of 64 channels, averaged over
positions. Snakemake makes one stage after the other. The extraction is killed (SIGKILL) after four tenths of the images
and run again. Of a folder's files, 1,000 differ and the others are links to them. A million images of `hdf5` need
4.5 GB of disk. At the end, the network's own forward pass is timed on the same images.
"""

import argparse
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np
import yaml
from PIL import Image

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests" / "workflow"), str(ROOT / "tests" / "helpers"), str(ROOT / "workflow")]

from study import copy_project  # noqa: E402

SIZE, CLASSES, SHARD, BLOCK = 32, 1000, 10_000, 4096
NETWORK = """
from torch import nn

def network():
    return nn.Sequential(nn.Conv2d(3, 64, 3, stride=2), nn.ReLU())
"""
RNG = np.random.default_rng(0)
STAGES = {
    "stimuli": "results/stimuli/many.h5",
    "activations": "results/activations/many/small.h5",
    "gram": "results/gram/many/small/1.h5",
    "geometry": "results/geometry/many/small/1.csv",
}


def noise(n: int) -> np.ndarray:
    return RNG.integers(0, 256, (n, SIZE, SIZE), dtype=np.uint8)


def picture() -> bytes:
    written = io.BytesIO()
    Image.fromarray(noise(1)[0]).save(written, "bmp")
    return written.getvalue()


def hdf5(folder: Path, n: int) -> dict:
    with h5py.File(folder / "images.h5", "w") as file:
        images = file.create_dataset("images", (n, SIZE, SIZE), np.uint8, chunks=(64, SIZE, SIZE))
        for start in range(0, n, BLOCK):
            images[start : start + BLOCK] = noise(min(BLOCK, n - start))
        file["label"] = np.array([f"c{i % CLASSES}" for i in range(n)], "S8")
    return {"kind": "images", "folder": "images.h5"}


def shards(folder: Path, n: int) -> dict:
    (folder / "shards").mkdir()
    for start in range(0, n, SHARD):
        with tarfile.open(folder / "shards" / f"{start // SHARD:05d}.tar", "w") as archive:
            for i in range(start, min(n, start + SHARD)):
                for suffix, content in (("bmp", picture()), ("cls", str(i % CLASSES).encode())):
                    member = tarfile.TarInfo(f"{i:07d}.{suffix}")
                    member.size = len(content)
                    archive.addfile(member, io.BytesIO(content))
    return {"kind": "shards", "folder": "shards"}


def tree(folder: Path, n: int) -> dict:
    for i in range(n):
        file = folder / "photos" / f"c{i % CLASSES:04d}" / f"{i:07d}.bmp"
        file.parent.mkdir(parents=True, exist_ok=True)
        if i < CLASSES:
            file.write_bytes(picture())
        else:
            os.link(folder / "photos" / f"c{i % CLASSES:04d}" / f"{i % CLASSES:07d}.bmp", file)
    return {"kind": "images", "folder": "photos"}


CONTAINERS = {"hdf5": hdf5, "shards": shards, "folder": tree}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("container", choices=CONTAINERS)
    parser.add_argument("images", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=chosen.folder) as place:
        study = copy_project(Path(place, "study"))
        pictures = CONTAINERS[chosen.container](study.folder, chosen.images)
        (study.folder / "small.py").write_text(NETWORK)
        small = {"source": "python", "factory": "small.py:network", "layers": ["1"]}
        config = {"device": "cpu", "stimuli": {"many": pictures | {"size": SIZE, "pooling": "avg"}}}
        (study.folder / "config.yaml").write_text(yaml.safe_dump(config | {"models": {"small": small}}))
        print(f"{chosen.container}, {chosen.images:,} images\n\n| stage | processor, s | peak, MB |\n|---|---|---|")
        measure(study, "plan", "--dry-run")
        for stage, target in STAGES.items():
            if stage == "activations":
                kill(study, target, 0.4 * chosen.images)
            measure(study, stage, target)
        print(f"\nForward pass alone: {1e6 * forward_seconds(study.folder):.0f} µs per image")
        shutil.rmtree(study.folder)


def measure(study, name: str, *arguments: str) -> None:
    """Print processor seconds of Snakemake and its job, and the peak of the largest of their processes."""
    process = study.start("--cores", "1", *arguments, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{name} failed; see {study.folder}/.snakemake/log")
    print(f"| {name} | {used.ru_utime + used.ru_stime:.1f} | {used.ru_maxrss / 1e3:.0f} |", flush=True)


def kill(study, target: str, images: float) -> None:
    """Kill an extraction when its mark tells that it has completed so many images, if it takes that long."""
    process, marked = study.start("--cores", "1", target, stdout=subprocess.DEVNULL), 0
    while process.poll() is None and marked < images:
        time.sleep(0.2)
        for mark in (study.folder / target).parent.glob(".*"):
            try:
                marked = json.loads(mark.read_bytes())["images"]
            except (OSError, ValueError):  # of the unfinished file, which is no mark, or between two marks
                continue
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        print(f"| killed after {marked:,} images | | |")
    else:
        (study.folder / target).unlink()


def forward_seconds(folder: Path) -> float:
    """Processor seconds per image of the network with the workflow's preprocessing, in batches of 32."""
    import torch

    from ventral.models import load_model
    from ventral.stimuli import open_images

    torch.set_num_threads(1)
    spec = {"source": "python", "factory": f"{folder}/small.py:network"}
    model = load_model(spec, "small")
    with open_images(folder / STAGES["stimuli"]) as images, torch.no_grad():
        shown = images[:3200]
    model.network(model.preprocess(shown[:32]))
    start = time.process_time()
    with torch.no_grad():
        for place in range(0, len(shown), 32):
            model.network(model.preprocess(shown[place : place + 32])).mean((2, 3)).numpy()
    return (time.process_time() - start) / len(shown)


if __name__ == "__main__":
    main()

"""Writes onto a disk that is full after so many bytes; a program that is run in a process of its own.

    python small_disk.py FOLDER mounted
    python small_disk.py FOLDER limited

Mounted, the folder is a small file system where the user may mount one. Limited, and where the user may not, the size
of a file is limited instead, so that the system refuses writes in either case. Each line that is printed says what
became of one attempt.
"""

import contextlib
import json
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.core.errors import Fault
from ventral.core.files import whole
from ventral.core.hdf5 import create_hdf5, write_array
from ventral.core.table_files import write_table
from ventral.gram import gram, write_gram
from ventral.stimuli import write_stimuli

SIZE = 1 << 20  # bytes of the file system
X = np.random.default_rng(0).normal(size=(300, 600))


@contextlib.contextmanager
def small_disk(folder: Path, way: str):
    """Mount a small file system at the folder; give whether that is wanted and allowed."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", folder]
    mounted = way == "mounted" and shutil.which("mount") and not subprocess.run(command, capture_output=True).returncode
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", folder], check=True)


@contextlib.contextmanager
def room(folder: Path, size: int, mounted: bool):
    """Leave room for `size` bytes."""
    ballast = folder / "ballast"
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        if mounted:
            ballast.write_bytes(bytes(shutil.disk_usage(folder).free - size))
        else:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        ballast.unlink(missing_ok=True)


def attributes(path: Path) -> None:
    with create_hdf5(path) as file:
        for i in range(2000):
            file.attrs[f"name{i}"] = "value" * 100


def blocks(path: Path) -> None:
    with create_hdf5(path) as file:
        layers = [file.create_dataset(f"layer{k}", X.shape, chunks=(10, 100), fletcher32=True) for k in range(3)]
        for start in range(0, len(X), 10):
            for layer in layers:
                layer[start : start + 10] = X[start : start + 10]


def arrays(path: Path) -> None:
    with create_hdf5(path) as file:
        write_array(file, "X", X)


def stimuli(path: Path) -> None:
    table = pd.DataFrame({"stimulus_id": [f"image{i}" for i in range(400)], "scene": ""})
    images = np.random.default_rng(0).integers(0, 256, (400, 32, 32, 3), np.uint8)
    write_stimuli(path, images, table, "images", "Noise.")


def state(path: Path) -> None:
    import torch

    from ventral.training.saved_state import save

    save(path, {"weights": torch.from_numpy(X)})


def figure(path: Path) -> None:
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(12, 12))
    drawn.add_subplot().imshow(X)
    with whole(path) as partial:
        drawn.savefig(partial, dpi=100)


def picture(path: Path) -> None:
    from PIL import Image

    noise = np.random.default_rng(0).integers(0, 256, (700, 700, 3), np.uint8)
    with whole(path) as partial:
        Image.fromarray(noise).save(partial)


WRITERS = {
    "attributes.h5": attributes,
    "blocks.h5": blocks,
    "arrays.h5": arrays,
    "stimuli.h5": stimuli,
    "gram.h5": lambda path: write_gram(gram(np.vstack([X, X])), path),
    "table.csv": lambda path: write_table(pd.DataFrame(X), path),
    "units.parquet": lambda path: write_table(pd.DataFrame(X), path),
    "state.pth": state,
    "figure.png": figure,
    "sheet.png": picture,
}


def main(folder: Path, way: str) -> None:
    tempfile.gettempdir()  # which tries to write, once
    with small_disk(folder, way) as mounted:
        for name, write in WRITERS.items():
            path = folder / name
            for size in (0, 12288, 200704):
                path.write_text("old")
                told = ""
                with room(folder, size, mounted):
                    try:
                        write(path)
                    except Fault as fault:
                        told = str(fault)
                kept, left = path.read_bytes() == b"old", [other.name for other in folder.iterdir()]
                print(json.dumps({"name": name, "told": told, "kept": kept, "left": left}), flush=True)
            path.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])

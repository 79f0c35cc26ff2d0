"""Tiny files of laboratories that show THINGS pictures, as their publishers write them."""

from pathlib import Path

import h5py
import numpy as np
from PIL import Image


def write_pictures(folder: Path, names: list[str]) -> None:
    """Uniform pictures; the gray level of each is its place in the list."""
    for level, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (20, 16), (level,) * 3).save(folder / name)


def write_references(file: h5py.File, group: str, texts: list[str]) -> None:
    """A cell array of texts in MATLAB 7.3: references of shape (n, 1) to characters of shape (length, 1)."""
    references = []
    for text in texts:
        characters = np.frombuffer(text.encode("utf-16-le"), "<u2")[:, None]
        place = f"#refs#/{len(file.get('#refs#', ()))}"
        references.append(file.create_dataset(place, data=characters).ref)
    file.create_dataset(f"{group}/things_path", data=np.array(references, dtype=h5py.ref_dtype)[:, None])

"""Tiny files of laboratories that show THINGS pictures, as their publishers write them."""

from pathlib import Path

import h5py
import numpy as np
from PIL import Image

TRAIN, TEST, REPEATS = 12, 4, 3
NAMES = [f"object{i // 3}/object{i // 3}_{i:02d}b.jpg" for i in range(TRAIN)]
NAMES += [f"été/été_{i}s.jpg" for i in range(TEST)]


def write_pictures(folder: Path, names: list[str], step: int = 1) -> None:
    """Uniform pictures; the gray level of each is `step` times its place in the list."""
    for level, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (20, 16), (step * level,) * 3).save(folder / name)


def write_tvsd(folder: Path) -> None:
    """Both animals of TVSD, with the pictures NAMES.

    The response to image i of electrode e is 10,000 i + e, in trial t of a test image plus t. Electrodes below 100 are
    unreliable, electrode 7 is dead, and electrode 200 lacks one pair of repeats.
    """
    values = 10_000.0 * np.arange(TRAIN + TEST)[:, None] + np.arange(1024)
    reliab = np.random.default_rng(0).uniform(0.4, 0.6, (REPEATS, 1024))
    reliab[:, :100], reliab[0, 200], reliab[:, 7] = 0.1, np.nan, np.nan
    test = values[TRAIN:] + np.arange(REPEATS)[:, None, None]
    for animal in "FN":
        write_animal(folder / f"monkey{animal}", NAMES, values[:TRAIN], test, reliab)


def write_animal(folder: Path, names: list[str], train: np.ndarray, test: np.ndarray, reliab: np.ndarray) -> None:
    """The two files of an animal in TVSD.

    Parameters
    ----------
    folder : path
        Its last name is monkeyF or monkeyN.
    names : texts
        Names of the training images and of the test images.
    train : array of shape (training images, 1024)
    test : array of shape (repeats, test images, 1024)
    reliab : array of shape (pairs of repeats, 1024)
    """
    (folder / "_logs").mkdir(parents=True)
    with h5py.File(folder / "THINGS_normMUA.mat", "w", userblock_size=512) as file:
        file["train_MUA"], file["test_MUA_reps"], file["test_MUA"] = train, test, test.mean(axis=0)
        file["reliab"], file["oracle"], file["SNR_max"] = reliab, np.ones((1024, 1)), np.ones((1024, 1))
    with h5py.File(folder / "_logs" / "things_imgs.mat", "w", userblock_size=512) as file:
        write_paths(file, "train_imgs", names[: len(train)])
        write_paths(file, "test_imgs", names[len(train) :])


def write_paths(file: h5py.File, group: str, names: list[str]) -> None:
    """A cell array of texts in MATLAB 7.3: references of shape (n, 1) to characters of shape (length, 1)."""
    references = []
    for name in names:
        characters = np.frombuffer(name.replace("/", "\\").encode("utf-16-le"), "<u2")[:, None]
        place = f"#refs#/{len(file.get('#refs#', ()))}"
        references.append(file.create_dataset(place, data=characters).ref)
    file.create_dataset(f"{group}/things_path", data=np.array(references, dtype=h5py.ref_dtype)[:, None])

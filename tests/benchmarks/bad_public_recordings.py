"""Bad files of public recordings, from each of which a recording is made."""

import io
import os
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from bad_contents import PAGE
from PIL import Image

RNG = np.random.default_rng(0)
TRIALS = RNG.standard_normal((3, 6, 4))
MEANS = TRIALS.mean(axis=2)
SESSION = 210224
Cases = dict[str, tuple[Callable, str]]


def of_macaques() -> Cases:
    files = {
        "means as trials": (dict(trials=MEANS), "responses_trials"),
        "trials as means": (dict(mean=TRIALS), "responses_mean"),
        "trials of another session": (dict(trials=TRIALS[:2]), "responses_trials"),
        "trials of other numbers": (dict(trials=TRIALS + 1), "responses_trials"),
        "means of another session": (dict(mean=MEANS[:, :4], trials=None), "responses_mean"),
        "means that are a web page": (dict(mean=PAGE), "responses_mean"),
        "means that are cut": (dict(mean=b"\x93NUMPY\x01\0"), "responses_mean"),
        "means of objects": (dict(mean=MEANS.astype(object)), "responses_mean"),
        "images that are no archive": (dict(images=b"no archive"), f"images_{SESSION}.zip"),
        "images that are a web page": (dict(images=PAGE), f"images_{SESSION}.zip"),
        "no means": (dict(mean=None), "responses_mean"),
        "no images": (dict(images=None), f"images_{SESSION}.zip"),
    }
    return {f"macaque: {what}": (partial(macaque, **changed), named) for what, (changed, named) in files.items()}


def of_kay() -> Cases:
    observers = {
        "no test images": (dict(stimuli_test=None), "kay_images.npz"),
        "other responses": (dict(responses=np.ones((5, 5))), "kay_images.npz"),
        "areas of other voxels": (dict(roi=np.arange(9)), "kay_images.npz"),
        "areas without a name": (dict(roi=np.full(5, 9)), "kay_images.npz"),
    }
    return {f"kay2008: {what}": (partial(kay, **changed), named) for what, (changed, named) in observers.items()}


def macaque(folder: Path, **changed) -> Callable:
    """A call that reads the files of a session, some of them changed, from a data folder of its own."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        for i in range(6):
            picture = io.BytesIO()
            Image.fromarray(np.full((12, 12, 3), 20 * i, dtype=np.uint8)).save(picture, "jpeg")
            zipped.writestr(f"image{i:04d}.jpg", picture.getvalue())
    files = {
        f"images_{SESSION}.zip": archive.getvalue(),
        f"responses_mean_{SESSION}.npy": MEANS,
        f"responses_trials_{SESSION}.npy": TRIALS,
    }
    data = (folder / "data").absolute()
    data.mkdir()
    for name, value in files.items():
        value = changed.get(name.split("_")[1] if "responses" in name else "images", value)
        if isinstance(value, bytes):
            (data / name).write_bytes(value)
        elif value is not None:
            np.save(data / name, value)
    return with_data(data, made("macaque_v4", session=SESSION))


def kay(folder: Path, **changed) -> Callable:
    """A call that reads the file of Kay et al., some of its arrays changed."""
    arrays = {
        "stimuli": RNG.standard_normal((6, 8, 8)),
        "stimuli_test": RNG.standard_normal((3, 8, 8)),
        "responses": RNG.standard_normal((6, 5)),
        "responses_test": RNG.standard_normal((3, 5)),
        "roi": np.array([1, 1, 2, 0, 0]),
        "roi_names": np.array(["Other", "V1", "V2"]),
    } | changed
    data = (folder / "data").absolute()
    data.mkdir()
    np.savez(data / "kay_images.npz", **{key: value for key, value in arrays.items() if value is not None})
    return with_data(data, made("kay2008", size=8))


def with_data(data: Path, run: Callable) -> Callable:
    """The call, with this folder as that of fetched files."""

    def run_with_data():
        os.environ["VENTRAL_DATA"] = str(data)
        run()

    return run_with_data


def made(kind: str, **spec) -> Callable:
    """A call that makes a recording in ./out, with the images of ./photos.h5."""
    from ventral.recordings.prepare import make

    return lambda: make("mine", {"kind": kind, "stimuli": "photos", "seed": 0} | spec, "out/mine.h5", "photos.h5")

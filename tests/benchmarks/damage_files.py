"""Small files of every kind, as the workflow writes them and as the next stage reads them."""

import hashlib
import os
from pathlib import Path

import numpy as np
import pandas as pd
import torch

from ventral.core.errors import Fault
from ventral.core.hdf5 import create_hdf5, open_hdf5, read_texts, write_array, write_texts
from ventral.core.table_files import checksum_beside, write_table
from ventral.core.table_files import read_table as read_results
from ventral.gram import gram, read_gram, write_gram
from ventral.models.checkpoints import read as read_weights
from ventral.recordings import Recording, read_recording, write_recording
from ventral.recordings.choices import Behavior, read_behavior, write_behavior
from ventral.recordings.registry import Source, fetch
from ventral.stimuli import open_images, read_contents, read_table, write_stimuli
from ventral.summary.tables import gather_spectra, read_summary
from ventral.training.saved_state import resumable, save

IDS = [f"photo-{i}-é" for i in range(90)]


def responses(*shape: int) -> np.ndarray:
    """Numbers whose bytes hold many words of zeros and ones, as those of rectified responses do."""
    drawn = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    drawn[drawn < 0] = 0
    drawn[:, ::7] = -1.0
    return drawn


def frame() -> pd.DataFrame:
    X = responses(90, 6).astype(np.float64)
    table = pd.DataFrame(X, columns=["value", "low", "high", "n", "threshold", "depth"])
    return table.assign(model="squeezenet", layer="1.10", metric=["factorization", "invariance", "alpha"] * 30)


def stimuli(path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 256, (90, 24, 24, 3), np.uint8)
    images[:, :8] = 255
    table = pd.DataFrame({"stimulus_id": IDS, "scene": "", "parameter": "", "level": -1, "label": "a cat"})
    write_stimuli(path, images, table, "images", "Photographs of cats.")


def all_of_stimuli(path: Path) -> object:
    with open_images(path) as images:
        shown = [images[start : start + 16] for start in range(0, len(images), 16)]
    return [shown, read_table(path), read_contents(path), attributes(path)]


def attributes(path: Path) -> dict:
    with open_hdf5(path) as file:
        return dict(file.attrs)


def recording(path: Path) -> None:
    units = pd.DataFrame({"unit": [f"u{i}" for i in range(12)], "area": "V4", "noise_ceiling": np.linspace(0, 1, 12)})
    trials = np.random.default_rng(0).normal(size=(12, 90, 3)).astype(np.float32)
    about = {"simulated": False, "licence": "CC0", "citation": "Nobody (1900)", "source": "a file"}
    part = np.array(["train", "test"] * 45, dtype=object)
    ids = np.array(IDS, dtype=object)
    write_recording(path, Recording("r", trials.mean(axis=2), trials, units, ids, part=part, **about))


def all_of_recording(path: Path) -> object:
    return vars(read_recording(path))


def choices(path: Path) -> None:
    trials = pd.DataFrame({"stimulus_id": np.repeat(IDS, 2), "sample": np.repeat(np.resize(["a", "b"], 90), 2)})
    trials = trials.assign(distractor=trials["sample"].map({"a": "b", "b": "a"}), choice=trials["sample"])
    about = {"simulated": False, "licence": "CC0", "citation": "Nobody (1900)", "source": "a file"}
    write_behavior(path, Behavior(name="r", trials=trials, **about))


def activations(path: Path) -> None:
    with create_hdf5(path) as file:
        write_texts(file, "stimulus_id", IDS)
        file.attrs.update(model="net", source="nowhere", fingerprint="0" * 16)
        for layer in ("conv1", "conv2"):
            data = responses(90, 3000)
            file.create_dataset(layer, data=data, chunks=(32, 1024), fletcher32=True).attrs["shape"] = (3, 10, 100)


def all_of_activations(path: Path) -> object:
    with open_hdf5(path) as file:
        found = [dict(file.attrs), read_texts(file, "stimulus_id")]
        for layer in ("conv1", "conv2"):
            blocks = [file[layer][:, start : start + 1000] for start in range(0, 3000, 1000)]
            found += [dict(file[layer].attrs), blocks]
        return found


def grams(path: Path) -> None:
    G = gram(responses(90, 300))
    G.origin.update(model="net", source="nowhere", fingerprint="0" * 16)
    write_gram(G.subset(np.arange(90)), path)


def spectrum(path: Path) -> None:
    with create_hdf5(path) as file:
        write_array(file, "eigenvalues", np.arange(3000.0, 0, -1))


def weights(path: Path) -> None:
    content = {"architecture": "small", "state_dict": {"a": torch.from_numpy(responses(90, 300)), "b": torch.zeros(9)}}
    with path.open("wb") as file:
        torch.save(content, file)


def state_of(path: Path) -> object:
    state = resumable(path, "digest", "small")
    if state is None:
        raise Fault(f"{path.name} begins anew")
    return state


def download(path: Path) -> None:
    path.write_bytes(responses(90, 300).tobytes())


def fetched(path: Path) -> object:
    """Read a published file; if its checksum differs, there is no network to fetch it again."""
    os.environ["VENTRAL_DATA"] = str(path.parent)
    digest = hashlib.sha256(responses(90, 300).tobytes()).hexdigest()
    return fetch(path.name, {path.name: Source("http://127.0.0.1:9/nothing", f"sha256:{digest}")}).read_bytes()


FILES = {
    "stimuli.h5": (stimuli, all_of_stimuli, None),
    "recording.h5": (recording, all_of_recording, None),
    "choices.h5": (choices, lambda path: vars(read_behavior(path)), None),
    "activations.h5": (activations, all_of_activations, None),
    "gram.h5": (grams, lambda path: vars(read_gram(path)), None),
    "spectrum.h5": (spectrum, lambda path: gather_spectra([path]), None),
    "layers.csv": (lambda path: write_table(frame(), path), read_summary, None),
    "geometry.csv": (lambda path: write_table(frame(), path), read_summary, checksum_beside),
    "units.parquet": (lambda path: write_table(frame(), path), read_results, None),
    "network.pth": (weights, lambda path: read_weights(path, "small"), None),
    "state.pth": (lambda path: save(path, {"digest": "digest", "x": torch.ones(90, 90)}), state_of, None),
    "published.npy": (download, fetched, None),
}

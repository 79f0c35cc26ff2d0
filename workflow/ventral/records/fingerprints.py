"""What the numbers of a study depend on, as digests that other studies and later runs can be compared with."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ventral.core.errors import Fault
from ventral.core.files import whole
from ventral.core.hdf5 import content_digest, open_hdf5

FILE = "provenance.json"  # in the folder summary
OF_MODEL = ("source", "preprocess", "fingerprint")  # attributes of a Gram
PIXELS = ("images",)  # of a stimulus set, which also holds a digest of each image


def fingerprints(
    stimuli: Iterable[str | Path],
    recordings: Iterable[str | Path],
    grams: Iterable[str | Path],
    shown: Mapping[str, str],
    files: Mapping[str, Mapping[str, Iterable[str]]],
    settings: Mapping[str, Any],
    copies: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Digests of all images and recordings, fingerprints of all models, and checksums of the user's own files.

    Parameters
    ----------
    stimuli, recordings : paths of HDF5 files, named for what they hold
    grams : paths of HDF5 files
        One of each model.
    shown : mapping of str
        The stimulus set of each recording.
    files : mapping
        The files of each model, under "models", and of each recording, under "recordings".
    settings : mapping
        On which every number depends.
    copies : mapping of str
        Where those of these files lie that Snakemake fetched from an object store.

    Returns
    -------
    dict
        settings; stimuli, with the digest of their images and table; recordings, with the digest of their responses or
        choices, the set of their images and their source; models, with source, preprocessing and fingerprint, which is
        a hash of both and of every weight. `files` in the last two are SHA-256 by path.

    Raises
    ------
    Fault
        A file is missing or damaged.
    """
    about_models: dict[str, dict[str, Any]] = {}
    for path in grams:
        with open_hdf5(path) as file:
            about: dict[str, Any] = {key: str(file.attrs.get(key, "")) for key in OF_MODEL}
            about_models[str(file.attrs["model"])] = about
    for name, about in about_models.items():
        about["files"] = checksums(files["models"].get(name, ()), copies)
    about_recordings = {}
    for path in map(Path, recordings):
        with open_hdf5(path) as file:
            source = str(file.attrs["source"])
        digest, own = content_digest(path), checksums(files["recordings"].get(path.stem, ()), copies)
        about_recordings[path.stem] = {"digest": digest, "stimuli": shown[path.stem], "source": source, "files": own}
    return {
        "settings": dict(settings),
        "stimuli": {Path(path).stem: {"digest": content_digest(path, PIXELS)} for path in stimuli},
        "recordings": about_recordings,
        "models": about_models,
    }


def checksums(files: Iterable[str], copies: Mapping[str, str]) -> dict[str, str]:
    """The SHA-256 of each file or its copy, by its path."""
    found = {}
    for path in files:
        with open(copies.get(path, path), "rb") as file:
            found[path] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def write_fingerprints(path: str | Path, found: Mapping[str, Any]) -> None:
    """Write the digests as JSON."""
    with whole(path) as partial:
        partial.write_text(json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


def read_fingerprints(path: str | Path) -> dict[str, Any]:
    """Read what `write_fingerprints` wrote.

    Raises
    ------
    Fault
        The file is missing or damaged.
    """
    try:
        return json.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise Fault(f"{path} does not exist; run Snakemake to make it.") from error
    except ValueError as error:
        raise Fault(f"{path} is damaged. Delete it and run Snakemake again.") from error

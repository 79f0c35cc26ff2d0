"""A tiny folder and an entry of each kind of recording that laboratories publish."""

from pathlib import Path

import numpy as np
from allen_files import write_experiment
from published_folders import algonauts_folder, bold5000_folder, nsd_folder
from things_files import NAMES, write_pictures, write_tvsd
from things_fmri_files import write_things_fmri

SCENES = 9


def nsd(folder: Path) -> dict[str, object]:
    nsd_folder(folder)
    return {"kind": "nsd", "folder": str(folder), "subject": 1, "areas": ["V1", "hV4"], "sessions": 2, "images": 40}


def algonauts2023(folder: Path) -> dict[str, object]:
    algonauts_folder(folder)
    return {"kind": "algonauts2023", "folder": str(folder), "subject": 1, "areas": ["V1", "early"]}


def bold5000(folder: Path) -> dict[str, object]:
    bold5000_folder(folder)
    return {"kind": "bold5000", "folder": str(folder), "subject": 4, "areas": ["EarlyVis", "LOC"]}


def tvsd(folder: Path) -> dict[str, object]:
    write_tvsd(folder / "TVSD")
    write_pictures(folder / "object_images", NAMES, 3)
    folders = {"folder": str(folder / "TVSD"), "pictures": str(folder / "object_images")}
    return {"kind": "tvsd", "animal": "F", "areas": ["V4", "IT"], "reliability": 0.56} | folders


def things_fmri(folder: Path) -> dict[str, object]:
    return write_things_fmri(folder)


def allen_natural_scenes(folder: Path) -> dict[str, object]:
    order = [*np.random.default_rng(0).permutation(np.tile(np.arange(-1, SCENES), 3)).tolist()]
    write_experiment(folder, 501, "VISp", order, SCENES)
    write_experiment(folder, 502, "VISl", order, SCENES)
    return {"kind": "allen_natural_scenes", "folder": str(folder), "experiments": [501, 502]}


FOLDERS = (nsd, algonauts2023, bold5000, tvsd, things_fmri, allen_natural_scenes)


def entry_of(make_folder, folder: Path) -> dict[str, object]:
    """Make the folder and return the recording's entry, with small pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    return make_folder(folder) | {"size": 16}

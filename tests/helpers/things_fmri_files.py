"""Tiny files of THINGS-fMRI, in which every response is the number of its voxel and trial."""

import shutil
from pathlib import Path

import pandas as pd
from checkout import ROOT
from things_files import write_pictures

TRIALS = [
    "dog_12s",
    "tie_rack_03s",
    "dog_01b",
    "cat_02n",
    "cat_02n",
    "dog_12s",
    "dog_07b",
    "ant_01b",
    "dog_12s",
    "cat_02n",
]
NAMES = ["ant/ant_01b.jpg", "dog/dog_01b.jpg", "dog/dog_07b.jpg", "tie_rack/tie_rack_03s.jpg"]
TEST = ["cat/cat_02n.jpg", "dog/dog_12s.jpg"]
SHOWN = {"ant/ant_01b.jpg": [7], "dog/dog_01b.jpg": [2], "dog/dog_07b.jpg": [6], "tie_rack/tie_rack_03s.jpg": [1]}
SHOWN |= {"cat/cat_02n.jpg": [3, 4, 9], "dog/dog_12s.jpg": [0, 5, 8]}
VOXELS = {
    "voxel_id": range(5),
    "nc_singletrial": [1.0, 2, 3, 4, 5],
    "nc_testset": [40.0, 30, 20, 10, 0],
    "V1": [1, 1, 0, 0, 0],
    "lFFA": [0, 0, 1, 0, 0],
    "rFFA": [0, 0, 0, 1, 0],
    "IT": [0, 1, 1, 1, 0],
    "glasser-a9-\n46v": [0, 0, 0, 0, 1],
}


def write_things_fmri(folder: Path) -> dict[str, object]:
    """One observer, with responses as pandas 3.1 and PyTables 3.11 wrote them; returns the recording's entry.

    The response of voxel v in trial t is 1000 v + t.
    """
    betas = folder / "betas_csv"
    betas.mkdir()
    shutil.copy(ROOT / "tests/data/things_fmri/responses.h5", betas / "sub-01_ResponseData.h5")
    pd.DataFrame(VOXELS).to_csv(betas / "sub-01_VoxelMetadata.csv", index=False)
    part = ["test" if TRIALS.count(one) > 1 else "train" for one in TRIALS]
    concept = [one.rpartition("_")[0] for one in TRIALS]
    table = {
        "trial_type": part,
        "session": 1,
        "run": 1,
        "stimulus": [f"{one}.jpg" for one in TRIALS],
        "concept": concept,
    }
    pd.DataFrame(table).to_csv(betas / "sub-01_StimulusMetadata.csv", index=False)
    write_pictures(folder / "object_images", NAMES + TEST)
    folders = {"folder": str(betas), "pictures": str(folder / "object_images")}
    return {"kind": "things_fmri", "subject": 1, "areas": ["V1", "IT"], "size": 16} | folders

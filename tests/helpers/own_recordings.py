"""Files of a user's own recordings, in every format, and what is made from them."""

from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import xarray

from ventral.recordings import read_recording
from ventral.recordings.prepare import make
from ventral.stimuli import write_stimuli

IDS = [f"image{i}" for i in range(6)]
UNITS = {"unit": ["a", "b", "c"], "area": ["V1", "V1", "hV4"], "animal": ["S1"] * 3}


def photos(path, ids):
    """A stimulus set of kind images with these ids."""
    table = pd.DataFrame({"stimulus_id": ids, "scene": "", "parameter": "", "level": -1, "label": ""})
    write_stimuli(path, np.zeros((len(ids), 8, 8, 3), dtype=np.uint8), table, "images", "photos")
    return path


def save(path: Path, arrays: dict) -> Path:
    """Write arrays in the format that the file's name tells."""
    if path.suffix == ".npz":
        np.savez(path, **{key: np.asarray(value) for key, value in arrays.items()})
    elif path.suffix == ".h5":
        with h5py.File(path, "w") as file:
            for key, value in arrays.items():
                value = np.asarray(value)
                file[key] = value.astype(object) if value.dtype.kind == "U" else value
    else:
        along = dict.fromkeys(("stimulus_id", "split", "group"), "presentation")
        names = {"unit": "neuroid_id", "area": "region", "animal": "animal"} | {key: key for key in along}
        coordinates = {name: (along.get(key, "neuroid"), arrays[key]) for key, name in names.items() if key in arrays}
        values = xarray.DataArray(arrays["responses"], dims=("neuroid", "presentation"), coords=coordinates)
        values.T.to_netcdf(path, engine="h5netcdf")
    return path


def made(path, stimuli, **spec):
    """The recording that the workflow makes from such a file."""
    kind = {".npz": "npz", ".h5": "h5", ".nc": "netcdf"}[path.suffix]
    out = path.parent / "made" / "mine.h5"
    make("mine", {"kind": kind, "file": str(path), "stimuli": "photos"} | spec, out, stimuli)
    return read_recording(out)

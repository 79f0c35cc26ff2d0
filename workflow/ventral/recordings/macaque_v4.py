"""Macaque V4: two sessions of a 96-channel array, with the images that were shown.

Session 210325 showed the 640 renders of eight objects on natural backgrounds of Bashivan et al. (2019) and
keeps its trials; session 201025 showed 1200 natural images, averaged over twelve repeats. Responses are
spike counts in 100 ms. The names of the eight objects were read by eye: the files give images 1-80, 81-160, …
without a name. Pose, size, place and background are drawn anew for every image, so in the stimulus table an object
is a scene, and its 80 images are the levels of one parameter, "variation".

Source: Cowley, Stan, Pillow & Smith, "Compact deep neural network models of the visual cortex",
Nature (2026).
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from ventral.names import did_you_mean
from ventral.recordings.pictures import from_zip, opened
from ventral.recordings.recording import Recording
from ventral.recordings.registry import FILES, fetch

OBJECTS = ("bear", "elephant", "face", "car", "dog", "apple", "chair", "plane")
IMAGES_PER_OBJECT = 80
OF_OBJECTS = 210325
VARIATION = "variation"
ANIMAL = "PE"  # of both sessions
SESSIONS = sorted(int(PurePosixPath(name).stem.split("_")[1]) for name in FILES if name.startswith("images_"))
CITATION = (
    "Cowley, Stan, Pillow & Smith, Compact deep neural network models of the visual cortex, "
    "Nature (2026), doi:10.1038/s41586-026-10150-1"
)


def images_of(name: str, spec: dict) -> tuple[Iterator[np.ndarray], pd.DataFrame]:
    """The images that a recording brings.

    Parameters
    ----------
    name : str
        Of the recording, for messages.
    spec : dict
        `session`, and `size`, the pixels along each side if not the 112 of the files.

    Returns
    -------
    iterator of uint8 arrays of shape (size, size, 3)
    DataFrame
        The stimulus table; its rows are the responses' columns.

    Raises
    ------
    Fault
        The file cannot be fetched, or an image of it cannot be read.
    """
    archive = fetch(f"images_{spec['session']}.zip")
    with opened(name, archive) as file:
        members = sorted(file.namelist())
    ids = [f"{spec['session']}/{PurePosixPath(member).stem}" for member in members]
    table = pd.DataFrame({"stimulus_id": ids, "scene": "", "parameter": "", "level": -1, "label": ""})
    if varied(spec):
        index = np.arange(len(members))
        objects = np.array(OBJECTS, dtype=object)[index // IMAGES_PER_OBJECT]
        table = table.assign(scene=objects, parameter=VARIATION, level=index % IMAGES_PER_OBJECT, label=objects)
    return from_zip(name, archive, members, spec.get("size")), table


def varied(spec: dict) -> list[str]:
    """The parameters that a session's images vary."""
    return [VARIATION] if spec["session"] == OF_OBJECTS else []


def record(name: str, spec: dict) -> Recording:
    """The responses of one session.

    Raises
    ------
    Fault
        A file cannot be fetched.
    """
    session = spec["session"]
    responses = np.load(fetch(f"responses_mean_{session}.npy")).astype(np.float64)
    trials = f"responses_trials_{session}.npy"
    _, table = images_of(name, spec)
    return Recording(
        name=name,
        responses=responses,
        trials=np.load(fetch(trials)).astype(np.float32) if trials in FILES else None,
        units=pd.DataFrame({"unit": np.arange(len(responses)), "area": "V4", "animal": ANIMAL}),
        stimulus_id=table.stimulus_id.to_numpy(),
        simulated=False,
        licence="GPL-3.0",
        citation=CITATION,
        source=f"macaque V4, session {session}, github.com/cowleygroup/V4_compact_models",
    )


def problems(name: str, spec: dict) -> list[str]:
    """What can be known to be wrong with a recording's configuration before any job runs, as `key: sentence`.

    Parameters
    ----------
    name : str
    spec : dict

    Returns
    -------
    list of str
        Empty when nothing is wrong.
    """
    if spec["session"] in SESSIONS:
        return []
    known = ", ".join(map(str, SESSIONS))
    return [f"session: {spec['session']!r} is not one of {known}{did_you_mean(spec['session'], SESSIONS)}."]

"""Macaque V4: sessions of a 96-channel array, with the images that were shown.

Of two sessions the files' checksums are known here. Of any other the user gives them, or puts the files into the
folder of fetched files: `images_SESSION.zip`, `responses_mean_SESSION.npy` and, to keep its trials,
`responses_trials_SESSION.npy`.

Session 210325 showed the 640 renders of eight objects on natural backgrounds of Bashivan et al. (2019) and
keeps its trials; session 201025 showed 1200 natural images, averaged over twelve repeats. Responses are
spike counts in 100 ms. The names of the eight objects were read by eye: the files give images 1-80, 81-160, …
without a name. Pose, size, place and background are drawn anew for every image, so in the stimulus table an object
is a scene, and its 80 images are the levels of one parameter, "variation".

Source: Cowley, Stan, Pillow & Smith, "Compact deep neural network models of the visual cortex",
Nature (2026).
"""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import numpy as np
import pandas as pd

from ventral.names import did_you_mean
from ventral.recordings.pictures import from_zip, opened
from ventral.recordings.recording import Recording
from ventral.recordings.registry import FILES, V4_RESPONSES, Source, data_folder, fetch
from ventral.store import Fault

OBJECTS = ("bear", "elephant", "face", "car", "dog", "apple", "chair", "plane")
IMAGES_PER_OBJECT = 80
OF_OBJECTS = 210325
VARIATION = "variation"
SESSIONS = (
    *(190923, 190924, 190925, 190926, 190927, 190928, 190929),  # animal WE
    *range(201016, 201026),  # animal PE, until 210326
    *(210224, 210225, 210226, 210301, 210302, 210303, 210304, 210305, 210308, 210309, 210310, 210312, 210315, 210316),
    *(210322, 210323, 210324, 210325, 210326),
    *(210620, 210621, 211008, 211012, 211013, 211014, 211015, 211018, 211022, 211025, 211026, 211027, 211028, 211103),
)
CITATION = (
    "Cowley, Stan, Pillow & Smith, Compact deep neural network models of the visual cortex, "
    "Nature (2026), doi:10.1038/s41586-026-10150-1"
)


def images_of(name: str, spec: dict) -> tuple[Iterator[np.ndarray], pd.DataFrame]:
    """The images of a session and their table, as `kinds.images_of`; `size` may be given in place of 112 pixels."""
    archive = fetch(f"images_{spec['session']}.zip", sources(spec))
    with opened(name, archive) as file:  # some archives hold a folder
        members = sorted(one for one in file.namelist() if one.endswith(".jpg") and "__MACOSX" not in one)
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
        A file cannot be fetched or read, or does not fit the others.
    """
    session, files = spec["session"], sources(spec)
    responses = read_array(fetch(f"responses_mean_{session}.npy", files)).astype(np.float64)
    trials = f"responses_trials_{session}.npy"
    _, table = images_of(name, spec)
    if responses.ndim != 2 or responses.shape[1] != len(table):
        raise Fault(
            f"Recording {name}: responses of shape {responses.shape} do not fit the session's {len(table)} images."
        )
    return Recording(
        name=name,
        responses=responses,
        trials=read_array(fetch(trials, files)).astype(np.float32) if trials in files else None,
        units=pd.DataFrame({"unit": np.arange(len(responses)), "area": "V4", "animal": animal_of(session)}),
        stimulus_id=table.stimulus_id.to_numpy(),
        simulated=False,
        licence="GPL-3.0",
        citation=CITATION,
        source=f"macaque V4, session {session}, github.com/cowleygroup/V4_compact_models",
    )


def problems(name: str, spec: dict) -> list[str]:
    """What is wrong with the configuration, as `key: sentence`: an unknown session, or files that cannot be checked."""
    session = spec["session"]
    if session not in SESSIONS:
        return [f"session: {session} is no session of the repository{did_you_mean(session, SESSIONS)}."]
    files = sources(spec)
    strange = [file for file in spec.get("sha256", {}) if file not in files or file in FILES]
    if strange:
        return [f"sha256.{strange[0]}: is no file of session {session} whose checksum is needed."]
    absent = [file for file, source in files.items() if not source.checksum and not (data_folder() / file).is_file()]
    if not absent:
        return []
    known = ", ".join(str(one) for one in SESSIONS if f"images_{one}.zip" in FILES)
    needed = " and ".join(f"{file} ({files[file].url})" for file in absent)
    return [
        f"session: checksums are known for {known} only. Put {needed} into {data_folder()}, or give "
        f"their checksums under sha256, as in {absent[0]}: (64 digits)."
    ]


def sources(spec: dict) -> dict[str, Source]:
    """The files of a session; of the trials only where a checksum is known or the file lies there."""
    session, given = spec["session"], spec.get("sha256", {})
    names = {
        f"images_{session}.zip": f"{V4_RESPONSES}/images/images_{session}.zip",
        f"responses_mean_{session}.npy": f"{V4_RESPONSES}/responses_repeat_averaged/responses_{session}.npy",
        f"responses_trials_{session}.npy": f"{V4_RESPONSES}/responses_raw/responses_{session}.npy",
    }
    if f"images_{session}.zip" in FILES:
        return {name: FILES[name] for name in names if name in FILES}
    found = {name: Source(url, f"sha256:{given[name]}" if name in given else None) for name, url in names.items()}
    trials = f"responses_trials_{session}.npy"
    if trials not in given and not (data_folder() / trials).is_file():
        del found[trials]
    return found


def animal_of(session: int) -> str:
    return "WE" if session < 200000 else "PE" if session < 210600 else "RA"


def read_array(path: Path) -> np.ndarray:
    try:
        return np.load(path)
    except (OSError, ValueError, EOFError) as error:
        raise Fault(f"{path} cannot be read as an array ({error}); replace the file.") from error

"""Macaque V4: sessions of a 96-channel array, with the images that were shown.

The checksums of two sessions are known here. For any other session, the user gives the checksums or puts the files
into the folder of fetched files: `images_SESSION.zip`, `responses_mean_SESSION.npy` and, to keep its trials,
`responses_trials_SESSION.npy`. The repository has the responses of 50 sessions, but the images of only 13; the other
sessions can be used only by those who have their images.

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

from ventral.formats import require_format
from ventral.names import did_you_mean
from ventral.recordings.pictures import from_zip, opened
from ventral.recordings.presentations import mean_of_present, means_of_trials
from ventral.recordings.recording import Recording
from ventral.recordings.registry import FILES, V4_RESPONSES, Source, data_folder, fetch
from ventral.store import Fault

OBJECTS = ("bear", "elephant", "face", "car", "dog", "apple", "chair", "plane")
IMAGES_PER_OBJECT = 80
OF_OBJECTS = 210325
VARIATION = "variation"
SESSIONS = (  # images and responses are in the repository
    *(190923, 190925, 190926, 190927, 190928, 190929),  # animal WE
    *(201025, 210224, 210225, 210305, 210322, 210325),  # animal PE
    210621,  # animal RA
)
WITHOUT_IMAGES = (  # only responses are in the repository
    190924,
    *range(201016, 201025),
    *(210226, 210301, 210302, 210303, 210304, 210308, 210309, 210310, 210312, 210315, 210316, 210323, 210324, 210326),
    *(210620, 211008, 211012, 211013, 211014, 211015, 211018, 211022, 211025, 211026, 211027, 211028, 211103),
)
MEANS = "means over trials (the folder responses_repeat_averaged of the repository)"
TRIALS = "trials (the folder responses_raw of the repository)"
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
    path = fetch(f"responses_mean_{session}.npy", files)
    responses = read_array(path, ("units", "images"), MEANS).astype(np.float64)
    _, table = images_of(name, spec)
    if responses.shape[1] != len(table):
        raise Fault(
            f"Recording {name}: responses of shape {responses.shape} do not fit the session's {len(table)} images; "
            f"{path.name} and images_{session}.zip must both be of session {session}."
        )
    return Recording(
        name=name,
        responses=responses,
        trials=trials_of(spec, responses, table.stimulus_id),
        units=pd.DataFrame({"unit": np.arange(len(responses)), "area": "V4", "animal": animal_of(session)}),
        stimulus_id=table.stimulus_id.to_numpy(),
        simulated=False,
        licence="GPL-3.0",
        citation=CITATION,
        source=f"macaque V4, session {session}, github.com/cowleygroup/V4_compact_models",
    )


def trials_of(spec: dict, responses: np.ndarray, stimulus_id: pd.Series) -> np.ndarray | None:
    """The trials of a session, whose means must equal its responses; None if it has no trials.

    Raises
    ------
    Fault
        The file cannot be read or belongs to another session.
    """
    session, files = spec["session"], sources(spec)
    file = f"responses_trials_{session}.npy"
    if file not in files:
        return None
    path = fetch(file, files)
    trials = read_array(path, ("units", "images", "repeats"), TRIALS).astype(np.float32)
    if trials.shape[:2] != responses.shape:
        raise Fault(
            f"{path} of shape {trials.shape} does not fit responses_mean_{session}.npy of shape {responses.shape}; "
            f"both must be of session {session}."
        )
    names = f"{file} and responses_mean_{session}.npy"
    means_of_trials(names, mean_of_present(trials), responses, range(len(responses)), stimulus_id.to_numpy())
    return trials


def problems(name: str, spec: dict) -> list[str]:
    """Faults of the configuration, as `key: sentence`: an unknown session, or files without a checksum or images."""
    session = spec["session"]
    if session not in (*SESSIONS, *WITHOUT_IMAGES):
        return [f"session: {session} is not a session of the repository{did_you_mean(session, SESSIONS)}."]
    files, images = sources(spec), f"images_{session}.zip"
    strange = [file for file in spec.get("sha256", {}) if file not in files or file in FILES]
    if strange:
        return [f"sha256.{strange[0]}: is not a file of session {session} that needs a checksum."]
    if session in WITHOUT_IMAGES and not (data_folder() / images).is_file():
        offered = ", ".join(map(str, SESSIONS))
        return [
            f"session: the repository has the responses of {session} but not its images. Put {images} into "
            f"{data_folder()} if you have it, or take one of {offered}."
        ]
    absent = [file for file, source in files.items() if not source.checksum and not (data_folder() / file).is_file()]
    if not absent:
        return []
    known = ", ".join(str(one) for one in SESSIONS if f"images_{one}.zip" in FILES)
    places = {file: url.removeprefix(V4_RESPONSES).rpartition("/")[0] for file, url in urls(session).items()}
    needed = " and ".join(f"{file} (of {places[file]})" for file in absent)
    trials = f"responses_trials_{session}.npy"
    return [
        f"session: checksums are known for {known} only. Put {needed}, and {trials} (of {places[trials]}) if there is "
        f"one, from {V4_RESPONSES} into {data_folder()}, or give their checksums under sha256, as in {absent[0]}: (64 "
        "digits)."
    ]


def sources(spec: dict) -> dict[str, Source]:
    """The files of a session, including trials only if their checksum is known or their file is there."""
    session, given = spec["session"], spec.get("sha256", {})
    names = urls(session)
    if f"images_{session}.zip" in FILES:
        return {name: FILES[name] for name in names if name in FILES}
    found = {name: Source(url, f"sha256:{given[name]}" if name in given else None) for name, url in names.items()}
    trials = f"responses_trials_{session}.npy"
    if trials not in given and not (data_folder() / trials).is_file():
        del found[trials]
    return found


def urls(session: int) -> dict[str, str]:
    """Addresses of a session's files in the repository, by their names in the folder of fetched files."""
    return {
        f"images_{session}.zip": f"{V4_RESPONSES}/images/images_{session}.zip",
        f"responses_mean_{session}.npy": f"{V4_RESPONSES}/responses_repeat_averaged/responses_{session}.npy",
        f"responses_trials_{session}.npy": f"{V4_RESPONSES}/responses_raw/responses_{session}.npy",
    }


def animal_of(session: int) -> str:
    return "WE" if session < 200000 else "PE" if session < 210600 else "RA"


def read_array(path: Path, axes: tuple[str, ...], what: str) -> np.ndarray:
    """An array of numbers with these axes.

    Raises
    ------
    Fault
        The file cannot be read, or holds an array of other axes; the sentence says which file it seems to be.
    """
    require_format(path, ("npy",), "an array (.npy)")
    try:
        values = np.load(path)
    except (OSError, ValueError, EOFError, SyntaxError, MemoryError) as error:
        raise Fault(f"{path} cannot be read as an array ({error}); replace the file.") from error
    if values.ndim != len(axes) or values.dtype.kind not in "fiu":
        other = {2: f" It seems to hold {MEANS}.", 3: f" It seems to hold {TRIALS}."}.get(values.ndim, "")
        shape = ", ".join(axes)
        raise Fault(f"{path} must hold {what}, numbers of shape ({shape}); it is {values.dtype} {values.shape}.{other}")
    return values

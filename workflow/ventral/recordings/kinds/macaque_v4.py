"""Macaque V4: sessions of a 96-channel array, with the images that were shown.

The checksums of two sessions are known here. For any other session, the user gives the checksums or puts the files
into the folder of fetched files: `images_SESSION.zip`, `responses_mean_SESSION.npy` and, to keep its trials,
`responses_trials_SESSION.npy`. The repository has the responses of 50 sessions, but the images of only 13; the other
sessions can be used only by those who have their images.

Session 210325 showed the 640 renders of eight objects on natural backgrounds of Bashivan et al. (2019) and
keeps its trials; session 201025 showed 1200 natural images, averaged over twelve repeats. Responses are
spike counts in 100 ms. The names of the eight objects were assigned by looking at the images: the files give images
1-80, 81-160, … without names. Pose, size, place and background were drawn anew for every image. In the stimulus table,
an object is therefore a scene, and its 80 images are the levels of one parameter, "variation".

Source: Cowley, Stan, Pillow & Smith, "Compact deep neural network models of the visual cortex",
Nature (2026).
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd

from ventral.config.entry import Digest, Key, Pooling, Size
from ventral.core.errors import Fault
from ventral.core.formats import require_format
from ventral.core.names import did_you_mean
from ventral.recordings.archives import from_zip, opened
from ventral.recordings.presentations import means_of_trials
from ventral.recordings.recording import Recording, mean_of_present
from ventral.recordings.recording_entry import Images, RecordingEntry
from ventral.recordings.registry import FILES, V4_RESPONSES, Source, data_folder, fetch, unchecked_files

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


@dataclass(frozen=True, kw_only=True)
class MacaqueV4(RecordingEntry):
    """A session of the macaque V4 recordings of Cowley et al., with its images."""

    needs: ClassVar[str] = (
        "nothing for sessions 210325 and 201025, which are fetched; files in VENTRAL_DATA, or checksums, for others"
    )
    species: ClassVar[str | None] = "macaque"

    kind: Literal["macaque_v4"]
    session: Annotated[int, Key("Its number in the repository, such as 210325.")]
    sha256: Annotated[
        dict[str, Digest] | None,
        Key(
            "For one of the other sessions whose images are published: of images_SESSION.zip, "
            "responses_mean_SESSION.npy and, to keep the trials, responses_trials_SESSION.npy. Files that are in "
            "VENTRAL_DATA need none."
        ),
    ] = None
    size: Size = 112
    pooling: Pooling = "none"

    def images(self, name: str) -> Images:
        """The images of the session and their table."""
        archive = fetch(f"images_{self.session}.zip", self.fetched())
        with opened(name, archive) as file:  # some archives hold a folder
            members = sorted(one for one in file.namelist() if one.endswith(".jpg") and "__MACOSX" not in one)
        ids = [f"{self.session}/{PurePosixPath(member).stem}" for member in members]
        table = pd.DataFrame({"stimulus_id": ids, "scene": "", "parameter": "", "level": -1, "label": ""})
        if self.varied():
            index = np.arange(len(members))
            objects = np.array(OBJECTS, dtype=object)[index // IMAGES_PER_OBJECT]
            table = table.assign(scene=objects, parameter=VARIATION, level=index % IMAGES_PER_OBJECT, label=objects)
        return from_zip(name, archive, members, self.size), table

    def varied(self) -> list[str]:
        """The parameters that vary between the session's images."""
        return [VARIATION] if self.session == OF_OBJECTS else []

    def record(self, name: str, stimuli: str | Path) -> Recording:
        """The responses of the session."""
        session, sources = self.session, self.fetched()
        path = fetch(f"responses_mean_{session}.npy", sources)
        responses = read_array(path, ("units", "images"), MEANS).astype(np.float64)
        _, table = self.images(name)
        if responses.shape[1] != len(table):
            raise Fault(
                f"Recording {name}: responses of shape {responses.shape} do not fit the session's {len(table)} images; "
                f"{path.name} and images_{session}.zip must both be of session {session}."
            )
        return Recording(
            name=name,
            responses=responses,
            trials=trials_of(session, sources, responses, table.stimulus_id),
            units=pd.DataFrame({"unit": np.arange(len(responses)), "area": "V4", "animal": animal_of(session)}),
            stimulus_id=table.stimulus_id.to_numpy(),
            simulated=False,
            licence="GPL-3.0",
            citation=CITATION,
            source=f"macaque V4, session {session}, github.com/cowleygroup/V4_compact_models",
        )

    def problems(self) -> list[str]:
        """An unknown session, or files without a checksum or images."""
        session = self.session
        if session not in (*SESSIONS, *WITHOUT_IMAGES):
            return [f"session: {session} is not a session of the repository{did_you_mean(session, SESSIONS)}."]
        sources, images = self.fetched(), f"images_{session}.zip"
        strange = [file for file in self.sha256 or () if file not in sources or file in FILES]
        if strange:
            return [f"sha256.{strange[0]}: is not a file of session {session} that needs a checksum."]
        if session in WITHOUT_IMAGES and not (data_folder() / images).is_file():
            offered = ", ".join(map(str, SESSIONS))
            return [
                f"session: the repository has the responses of {session} but not its images. Put {images} into "
                f"{data_folder()} if you have it, or take one of {offered}."
            ]
        absent = [name for name, one in sources.items() if not one.checksum and not (data_folder() / name).is_file()]
        return [f"session: {without_checksums(session, absent)}"] if absent else []

    def files(self) -> list[Path]:
        """Files of the session that are in the folder and have no known checksum."""
        return unchecked_files(self.fetched())

    def fetched(self) -> dict[str, Source]:
        """The files of the session, including trials only if their checksum is known or their file is there."""
        session, given = self.session, self.sha256 or {}
        names = urls(session)
        if f"images_{session}.zip" in FILES:
            return {name: FILES[name] for name in names if name in FILES}
        found = {name: Source(url, f"sha256:{given[name]}" if name in given else None) for name, url in names.items()}
        trials = f"responses_trials_{session}.npy"
        if trials not in given and not (data_folder() / trials).is_file():
            del found[trials]
        return found


def trials_of(
    session: int, sources: dict[str, Source], responses: np.ndarray, stimulus_id: pd.Series
) -> np.ndarray | None:
    """The trials of a session, whose means must equal its responses; None if it has no trials.

    Raises
    ------
    Fault
        The file cannot be read or belongs to another session.
    """
    file = f"responses_trials_{session}.npy"
    if file not in sources:
        return None
    path = fetch(file, sources)
    trials = read_array(path, ("units", "images", "repeats"), TRIALS).astype(np.float32)
    if trials.shape[:2] != responses.shape:
        raise Fault(
            f"{path} of shape {trials.shape} does not fit responses_mean_{session}.npy of shape {responses.shape}; "
            f"both must be of session {session}."
        )
    names = f"{file} and responses_mean_{session}.npy"
    means_of_trials(names, mean_of_present(trials), responses, range(len(responses)), stimulus_id.to_numpy())
    return trials


def without_checksums(session: int, absent: list[str]) -> str:
    """What to do about missing files of a session whose checksums are not known."""
    known = ", ".join(str(one) for one in SESSIONS if f"images_{one}.zip" in FILES)
    places = {file: url.removeprefix(V4_RESPONSES).rpartition("/")[0] for file, url in urls(session).items()}
    needed = " and ".join(f"{file} (of {places[file]})" for file in absent)
    trials = f"responses_trials_{session}.npy"
    return (
        f"checksums are known for {known} only. Put {needed}, and {trials} (of {places[trials]}) if there is one, from "
        f"{V4_RESPONSES} into {data_folder()}, or give their checksums under sha256, as in {absent[0]}: (64 digits)."
    )


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
        The file cannot be read, or its array has other axes; the sentence says which file it seems to be.
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

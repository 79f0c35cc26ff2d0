"""Reads the user's own recordings from files.

An .npz or .h5 file holds

- `responses`, numbers of shape (units, presentations), or `trials`, of shape (units, presentations, repeats), or both
  if `responses` are the means of `trials`; NaN where a unit was not recorded;
- `stimulus_id`, the image of each presentation; several presentations of an image are its repeats;
- optionally `unit`, `area` and `animal`, one text or number per unit; without areas, all units belong to one area with
  the name of the recording;
- optionally `split`, "train" or "test" for each presentation, equal for all presentations of an image;
- optionally `group`, one text or number per presentation, equal for all presentations of an image. Images of a group,
  such as frames of one clip or one scene in several textures, are never on both sides of a split.

A netCDF file (netCDF-4 or netCDF-3) holds one array with the dimensions presentation, neuroid and, optionally, time_bin
(averaged). Its coordinates are `stimulus_id` and optionally `neuroid_id`, `region` and `animal`, as in Brain-Score's
files, `split` and `group`.

A .csv file of choices has one row per trial of a match-to-sample experiment, with the columns `stimulus_id`, `sample`
(the object that the image shows), `distractor` (the object offered beside it) and `choice` (one of the two).

The ids must be exactly those of the stimulus set that the configuration names; their Unicode form and surrounding
spaces do not matter. In a study of recordings alone, units need no stimulus set, and the ids only tell images apart.
"""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd

from ventral.config.entry import Key, PathText, caught
from ventral.core.arrays import array_shapes, read_arrays, text
from ventral.core.errors import Fault
from ventral.core.formats import require_format
from ventral.recordings.array_files import KEYS, OF_IMAGES, Content, check_shapes, read_file
from ventral.recordings.choices import TRIAL, Behavior
from ventral.recordings.ids import SAME_SET, canonical, matched
from ventral.recordings.netcdf import ENGINES, ids_of, opened, read_assembly, texts_of
from ventral.recordings.presentations import means_of_trials
from ventral.recordings.recording import Recording, by_image
from ventral.recordings.recording_entry import RecordingEntry
from ventral.stimuli import advice_on_ids, read_table
from ventral.stimuli.stimulus_entry import StimulusEntry

NOT_STATED = "not stated"
PICKLES = (".pkl", ".pickle")
ARRAYS = (
    "It holds `responses` (units, presentations) or `trials` (units, presentations, repeats), or both if the responses "
    "are the means of the trials, with NaN where nothing was recorded; `stimulus_id` for each presentation; and "
    "optionally `unit`, `area` and `animal` for each unit and, for each presentation, `split` (train or test) and "
    "`group` (images of a group are never on both sides of a split)."
)
NETCDF = (
    "It holds one array with the dimensions presentation, neuroid and optionally time_bin (averaged), and the "
    "coordinates `stimulus_id` and optionally `neuroid_id`, `region`, `animal`, `split` and `group`."
)
TABLE = (
    "A .csv of choices, one row per trial, with the columns `stimulus_id`, `sample` (the object shown), `distractor` "
    "and `choice`."
)


OptionalStimuli = Annotated[
    str | None,
    Key(
        "The stimulus set whose images were shown, all of them and no others. It may be left out in a study without "
        "models, where the ids only tell images apart."
    ),
]


@dataclass(frozen=True, kw_only=True)
class UserRecording(RecordingEntry):
    """Your own recording of images of one of the study's stimulus sets, joined by their ids."""

    suffixes: ClassVar[dict[str, tuple[str, ...]]]

    file: PathText
    stimuli: Annotated[str | None, Key("The stimulus set whose images were shown, all of them and no others.")]
    licence: Annotated[str | None, Key("License of the data, for the report.")] = None
    citation: Annotated[str | None, Key("Whom to cite for the data, for the report.")] = None
    species: Annotated[str | None, Key("Of the observers, such as human. Areas of one species are averaged.")] = None

    @property
    def has_pictures(self) -> bool:
        """Whether it names a stimulus set."""
        return self.stimuli is not None

    def problems(self) -> list[str]:
        """Faults of the file that can be found without reading the content of its arrays."""
        return [*caught("file", self.check_file, Path(self.file))]

    def check_file(self, path: Path) -> None:
        """Raise a Fault if a file is missing, is of another format, or has arrays that do not fit each other."""
        suffixes = self.suffixes[self.kind]
        if path.suffix.lower() in PICKLES:
            raise Fault(
                f"{str(path)!r} is a pickle, which can run code when it is read, and is refused. Load it where "
                f"you trust it, and save its content as a {' or '.join(suffixes)} file."
            )
        if path.suffix.lower() not in suffixes:
            raise Fault(f"{str(path)!r} must be a {' or '.join(suffixes)} file for a recording of this kind.")
        if not path.is_file():
            raise Fault(f"there is no file {str(path)!r}.")
        if path.stat().st_size:  # the job reports an empty file
            self.check(path)

    def inspect(self, name: str, stimuli: StimulusEntry | None = None) -> Iterator[str]:
        """Faults of the ids of images, which must be those of the stimulus set as far as these are known."""
        known = stimuli.known_ids() if stimuli else None
        if known is None:
            yield from caught("file", self.shown)
        else:
            yield from caught("file", lambda: match_ids(name, self.shown(), known, self.stimuli))

    def files(self) -> list[Path]:
        """The file."""
        return [Path(self.file)]

    def about(self) -> dict[str, object]:
        """Where the data come from, for `Recording` and `Behavior`."""
        paths = self.files()
        return {
            "simulated": False,
            "licence": self.licence or NOT_STATED,
            "citation": self.citation or NOT_STATED,
            "source": str(paths[0]) if len(paths) == 1 else f"{len(paths)} files, {paths[0]} to {paths[-1]}",
        }

    @abstractmethod
    def check(self, path: Path) -> None:
        """Raise a Fault if the file is of another format."""

    @abstractmethod
    def shown(self) -> np.ndarray:
        """The id of each presentation's image, as the file has it.

        Raises
        ------
        Fault
            The file cannot be read.
        """


@dataclass(frozen=True, kw_only=True)
class ArrayRecording(UserRecording):
    """Your own recording of images, in arrays, joined with one of the study's stimulus sets by their ids."""

    has_parts: ClassVar[bool] = True
    suffixes: ClassVar = {"npz": (".npz",), "h5": (".h5", ".hdf5")}

    needs: ClassVar = "`file`, an .npz or .h5 file with `responses` or `trials`, and `stimulus_id`"

    kind: Literal["npz", "h5"]
    file: Annotated[PathText, Key(ARRAYS)]
    stimuli: OptionalStimuli = None

    def check(self, path: Path) -> None:
        """Raise a Fault if an array is missing or does not fit the others."""
        check_shapes(path, array_shapes(path, KEYS))

    def shown(self) -> np.ndarray:
        """The id of each presentation's image."""
        return text(read_arrays(self.file, ("stimulus_id",))["stimulus_id"], f"{self.file}: 'stimulus_id'")

    def read(self, path: Path) -> Content:
        """The content of the file; repeats become presentations of their own."""
        return read_file(path)

    def record(self, name: str, stimuli: str | Path | None) -> Recording:
        """The responses in the file."""
        path = Path(self.file)
        values, means, shown, units, of_images = self.read(path)
        shown = ids_of_set(name, shown, stimuli)
        responses, trials, ids = by_image(values, shown)
        units = pd.DataFrame({"unit": np.arange(len(responses)), "area": name} | dict(units))
        if means is not None:
            responses = means_of_trials(str(path), responses, by_image(means, shown)[0], units.unit, ids)
        given = {OF_IMAGES[key]: by_first(path, key, shown, values) for key, values in of_images.items()}
        return Recording(
            name=name, responses=responses, trials=trials, units=units, stimulus_id=ids, **given, **self.about()
        )


@dataclass(frozen=True, kw_only=True)
class NetcdfRecording(ArrayRecording):
    """Your own recording of images, in netCDF, joined with one of the study's stimulus sets by their ids."""

    suffixes: ClassVar = {"netcdf": (".nc", ".nc4", ".netcdf", ".h5")}

    needs: ClassVar = "`file`, a netCDF file with the dimensions presentation and neuroid, and `stimulus_id`"

    kind: Literal["netcdf"]
    file: Annotated[PathText, Key(NETCDF)]

    def check(self, path: Path) -> None:
        """Raise a Fault if the file is not in netCDF."""
        require_format(path, tuple(ENGINES), "a netCDF file")

    def shown(self) -> np.ndarray:
        """The id of each presentation's image."""
        with opened(self.file) as assembly:
            return ids_of(self.file, assembly)

    def read(self, path: Path) -> Content:
        """The content of the file."""
        return read_netcdf(path)


@dataclass(frozen=True, kw_only=True)
class UserChoices(UserRecording):
    """Your own observers' choices between objects in images of one of the study's stimulus sets."""

    holds: ClassVar = "choices"
    suffixes: ClassVar = {"trials": (".csv",)}

    needs: ClassVar = "`file`, a .csv table with the columns `stimulus_id`, `sample`, `distractor` and `choice`"

    kind: Literal["trials"]
    file: Annotated[PathText, Key(TABLE)]

    def check(self, path: Path) -> None:
        """Raise a Fault if the file is of a known format that is not text."""
        require_format(path, (), "a .csv file")

    def shown(self) -> np.ndarray:
        """The id of each trial's image."""
        return read_choices(Path(self.file)).stimulus_id.to_numpy()

    def record(self, name: str, stimuli: str | Path) -> Behavior:
        """The choices in the file."""
        trials = read_choices(Path(self.file)).map(canonical)
        shown = ids_of_set(name, trials.stimulus_id.to_numpy(), stimuli)
        return Behavior(name=name, trials=trials.assign(stimulus_id=shown), **self.about())


def ids_of_set(name: str, shown: np.ndarray, stimuli: str | Path | None) -> np.ndarray:
    """The id of each presentation's image, spelled as in its stimulus set, or in one form if it has none."""
    if stimuli is None:
        return np.array([canonical(str(one)) for one in shown], dtype=object)
    known = read_table(stimuli).stimulus_id.to_numpy()
    return match_ids(name, shown, known, str(stimuli), advice_on_ids(stimuli))


def match_ids(name: str, shown: np.ndarray, known: np.ndarray, stimuli: str, advice: str = SAME_SET) -> np.ndarray:
    """The id of each presentation's image, spelled as in its stimulus set, whose ids are `known`."""
    return known[matched(shown, known, f"the recording {name}", f"its stimulus set {stimuli}", advice)]


def by_first(path: Path, key: str, shown: np.ndarray, values: np.ndarray) -> np.ndarray:
    """The value of each image, in the order in which images first appear.

    Raises
    ------
    Fault
        Presentations of one image have several values.
    """
    pairs = pd.DataFrame({"image": shown, "value": values}).drop_duplicates()
    twice = pairs.image[pairs.image.duplicated()].unique()
    if len(twice):
        listed = ", ".join(map(str, twice[:5]))
        raise Fault(f"{path}: presentations of {len(twice)} images have several values of {key!r}: {listed}.")
    return pairs.value.to_numpy(dtype=object)


def read_netcdf(path: Path) -> Content:
    """Read an assembly; returns what `read_file` returns."""
    with opened(path) as assembly:
        of_images = {key: texts_of(path, assembly, key) for key in OF_IMAGES if key in assembly.coords}
    values, ids, units = read_assembly(path)
    return values, None, ids, units, of_images


def read_choices(path: Path) -> pd.DataFrame:
    """Read the trials of a .csv file, one row per trial, as text.

    Raises
    ------
    Fault
        The file cannot be read as a table, lacks a column or has an empty entry.
    """
    require_format(path, (), "a .csv file")
    try:
        trials = pd.read_csv(path, dtype=str, keep_default_na=False, skipinitialspace=True, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise Fault(f"{path} cannot be read as a table ({reason}); save it as a .csv file in UTF-8.") from error
    absent = [column for column in TRIAL if column not in trials]
    if absent:
        aside = " Separate columns by commas." if len(trials.columns) == 1 else ""
        raise Fault(f"{path} lacks the columns {', '.join(absent)}; it has {', '.join(map(str, trials))}.{aside}")
    trials = trials[list(TRIAL)]
    gaps = np.flatnonzero((trials.isna() | (trials == "")).any(axis=1))
    if len(gaps):
        raise Fault(f"{path} has {len(gaps)} rows with an empty entry, first row {gaps[0] + 2}; complete them.")
    return trials

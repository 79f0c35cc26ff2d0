"""Reads the user's own recordings from files.

An .npz or .h5 file holds

- `responses`, numbers of shape (units, presentations), or `trials`, of shape (units, presentations, repeats), or both
  if `responses` are the means of `trials`; NaN where a unit was not recorded;
- `stimulus_id`, the image of each presentation; several presentations of an image are its repeats;
- optionally `unit`, `area` and `animal`, one text or number per unit; without areas, all units belong to one area with
  the name of the recording;
- optionally `split`, "train" or "test" for each presentation, equal for all presentations of an image.

A netCDF file (netCDF-4 or netCDF-3) holds one array with the dimensions presentation, neuroid and, optionally, time_bin
(averaged). Its coordinates are `stimulus_id` and optionally `neuroid_id`, `region` and `animal`, as in Brain-Score's
files, and `split`.

A .csv file of choices has one row per trial of a match-to-sample experiment, with the columns `stimulus_id`, `sample`
(the object that the image shows), `distractor` (the object offered beside it) and `choice` (one of the two).

The ids must be exactly those of the stimulus set that the configuration names; their Unicode form and the space around
them do not matter.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from ventral.arrays import array_names, array_shapes, read_arrays, text
from ventral.formats import require_format
from ventral.recordings.assembly import ENGINES, opened, read_assembly
from ventral.recordings.behaviour import TRIAL, Behaviour
from ventral.recordings.ids import canonical, matched
from ventral.recordings.presentations import by_image, means_of_trials
from ventral.recordings.recording import Recording
from ventral.stimuli import advice_on_ids, read_table
from ventral.store import Fault

OF_UNITS = ("unit", "area", "animal")
SPLIT = "split"
KEYS = ("responses", "trials", "stimulus_id", *OF_UNITS, SPLIT)
AXES = {"responses": ("units", "presentations"), "trials": ("units", "presentations", "repeats")}
SUFFIXES = {
    "npz": (".npz",),
    "h5": (".h5", ".hdf5"),
    "netcdf": (".nc", ".nc4", ".netcdf", ".h5"),
    "trials": (".csv",),
}
NOT_STATED = "not stated"


def record(name: str, spec: dict, stimuli: str | Path) -> Recording:
    """Read a recording from the user's file.

    Parameters
    ----------
    name : str
    spec : dict
        `kind` ("npz", "h5" or "netcdf"), `file` and, for the report, optionally `licence` and `citation`.
    stimuli : path
        The stimulus set that its ids belong to.

    Raises
    ------
    Fault
        The file cannot be read, its content is not as described above, or its images are not those of the stimulus set.
    """
    path = Path(spec["file"])
    values, means, shown, units, split = READERS[spec["kind"]](path)
    shown = ids_of_set(name, shown, stimuli)
    responses, trials, ids = by_image(values, shown)
    units = pd.DataFrame({"unit": np.arange(len(responses)), "area": name} | dict(units))
    if means is not None:
        responses = means_of_trials(str(path), responses, by_image(means, shown)[0], units.unit, ids)
    return Recording(
        name=name,
        responses=responses,
        trials=trials,
        units=units,
        stimulus_id=ids,
        part=None if split is None else part_of_images(path, shown, split),
        simulated=False,
        licence=spec.get("licence", NOT_STATED),
        citation=spec.get("citation", NOT_STATED),
        source=path.name,
    )


def record_trials(name: str, spec: dict, stimuli: str | Path) -> Behaviour:
    """Read choices from the user's .csv file; see `record` for parameters and faults."""
    path = Path(spec["file"])
    trials = read_choices(path).map(canonical)
    return Behaviour(
        name=name,
        trials=trials.assign(stimulus_id=ids_of_set(name, trials.stimulus_id.to_numpy(), stimuli)),
        simulated=False,
        licence=spec.get("licence", NOT_STATED),
        citation=spec.get("citation", NOT_STATED),
        source=path.name,
    )


def problems(spec: dict) -> list[str]:
    """Faults of the file, as `key: sentence`, that can be found without reading the content of its arrays."""
    path, suffixes = Path(spec["file"]), SUFFIXES[spec["kind"]]
    if path.suffix.lower() not in suffixes:
        return [f"file: {spec['file']!r} must be a {' or '.join(suffixes)} file for a recording of this kind."]
    if not path.is_file():
        return [f"file: there is no file {spec['file']!r}."]
    try:
        if path.stat().st_size:  # the job reports an empty file
            CHECKS[spec["kind"]](path)
    except Fault as fault:
        return [f"file: {fault}"]
    return []


def ids_of_set(name: str, shown: np.ndarray, stimuli: str | Path) -> np.ndarray:
    """The id of each presentation's image, spelled as in its stimulus set."""
    known = read_table(stimuli).stimulus_id.to_numpy()
    who, where = f"the recording {name}", f"its stimulus set {stimuli}"
    return known[matched(shown, known, who, where, advice_on_ids(stimuli))]


def part_of_images(path: Path, shown: np.ndarray, split: np.ndarray) -> np.ndarray:
    """The part of each image, in the order in which images first appear.

    Raises
    ------
    Fault
        Presentations of one image are in both parts.
    """
    parts = pd.DataFrame({"image": shown, "part": split}).drop_duplicates()
    twice = parts.image[parts.image.duplicated()]
    if len(twice):
        listed = ", ".join(map(str, twice[:5]))
        raise Fault(f"{path}: presentations of {len(twice)} images are in both parts of 'split': {listed}.")
    return parts.part.to_numpy(dtype=object)


def read_file(path: Path) -> tuple[np.ndarray, np.ndarray | None, np.ndarray, pd.DataFrame, np.ndarray | None]:
    """Read an .npz or .h5 file; repeats become presentations of their own.

    Returns
    -------
    values : array of shape (units, presentations)
        Single trials, if there are any.
    means : array of shape (units, presentations), or None
        The responses of a file that also holds trials.
    stimulus_id : array of shape (presentations,)
    units : DataFrame
    split : array of shape (presentations,), or None
    """
    found = read_arrays(path, KEYS)
    found |= {key: numbers(found[key], f"{path}: {key!r}") for key in AXES if key in found}
    check_shapes(path, found)
    repeats = found["trials"].shape[2] if "trials" in found else 1
    values = found["trials" if "trials" in found else "responses"]
    means = np.repeat(found["responses"], repeats, axis=1) if {*AXES} <= {*found} else None
    ids, split = (text(found[key], f"{path}: {key!r}") if key in found else None for key in ("stimulus_id", SPLIT))
    units = {key: text(found[key], f"{path}: {key!r}") for key in OF_UNITS if key in found}
    split = None if split is None else np.repeat(split, repeats)
    return values.reshape(len(values), -1), means, np.repeat(ids, repeats), pd.DataFrame(units), split


def check_shapes(path: Path, found: dict[str, np.ndarray]) -> None:
    """Refuse arrays that are missing or do not fit each other; names and shapes are enough to tell.

    Raises
    ------
    Fault
        An array is missing, holds no numbers where it should, has other axes, or has another length.
    """
    given = [key for key in AXES if key in found]
    if not given or "stimulus_id" not in found:
        lacks = "'responses' or 'trials'" if not given else "'stimulus_id'"
        there = [*found, *(name for name in array_names(path) if name not in found)]
        raise Fault(f"{path} has no array {lacks}; it has {', '.join(there) or 'no array at all'}.")
    ids = found["stimulus_id"]
    n = ids.size if ids.dtype.itemsize > 1 else len(ids)  # single characters along a second axis are joined to texts
    for key in given:
        check_axes(path, key, found[key], n)
    units = len(found[given[0]])
    for key in (*given, *OF_UNITS, SPLIT):
        wanted, what = (n, "presentations") if key == SPLIT else (units, "units")
        if key in found and len(found[key].ravel() if key not in AXES else found[key]) != wanted:
            raise Fault(f"{path}: {key!r} has {len(found[key].ravel())} entries for {wanted} {what}.")


def check_axes(path: Path, key: str, values: np.ndarray, n: int) -> None:
    """Refuse responses or trials that are not numbers with the axes of AXES and n presentations."""
    axes = AXES[key]
    if values.dtype.kind in "fiubO" and values.ndim == len(axes) and values.shape[1] == n and 0 not in values.shape:
        return
    aside = ""
    if values.ndim == len(axes) and values.shape[1] != n and n in values.shape:
        aside = f" It has {n} along another axis and may be transposed."
    raise Fault(
        f"{path}: {key!r} must be numbers of shape ({', '.join(axes)}) with one presentation for each of the {n} "
        f"stimulus ids; it is {values.dtype} {values.shape}.{aside}"
    )


def numbers(values: np.ndarray, what: str) -> np.ndarray:
    """An array of objects as float64, where None becomes NaN; any other array unchanged.

    Raises
    ------
    Fault
        An object is neither a number nor None.
    """
    if values.dtype != object:
        return values
    strange = next((one for one in values.ravel() if not isinstance(one, (int, float, type(None)))), None)
    if strange is not None:
        raise Fault(f"{what} must hold numbers; it holds {strange!r}.")
    return values.astype(np.float64)


def read_netcdf(path: Path) -> tuple[np.ndarray, None, np.ndarray, pd.DataFrame, np.ndarray | None]:
    """Read an assembly; returns what `read_file` returns."""
    with opened(path) as assembly:
        split = text(assembly[SPLIT].values, f"{path}: {SPLIT!r}") if SPLIT in assembly.coords else None
    values, ids, units = read_assembly(path)
    return values, None, ids, units, split


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


READERS = {
    "npz": read_file,
    "h5": read_file,
    "netcdf": read_netcdf,
}
CHECKS = {
    "npz": lambda path: check_shapes(path, array_shapes(path, KEYS)),
    "h5": lambda path: check_shapes(path, array_shapes(path, KEYS)),
    "netcdf": lambda path: require_format(path, tuple(ENGINES), "a netCDF file"),
    "trials": lambda path: require_format(path, (), "a .csv file"),
}

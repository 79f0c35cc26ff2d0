"""The origin of images, recordings and models, the software, and the run times."""

import platform
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import h5py
import pandas as pd
import yaml

from ventral.core.hdf5 import open_hdf5, read_frame
from ventral.models.sources import model_entry
from ventral.recordings.choices import is_behavior
from ventral.recordings.distances import is_distances
from ventral.training.networks import models_of

PACKAGES = (
    *("ventral", "snakemake", "numpy", "scipy", "pandas", "h5py", "scikit-learn", "torch", "torchvision", "timm"),
    *("cupy-cuda13x", "trimesh", "embreex", "pillow", "matplotlib", "jinja2"),
)
FROM_GRAM = ("source", "preprocess", "fingerprint")  # attributes that describe a model
COUNTS = ("dropped_units", "missing_responses", "units_with_gaps", "images_with_gaps")  # of a recording
STAGES = (
    *("stimuli", "recordings", "training", "activations", "gram", "components"),
    *("geometry", "predictivity", "accuracy", "summary", "figures"),
)


@dataclass(frozen=True)
class Stimuli:
    """One stimulus set; `sheet` is the data URI of its contact sheet, or empty."""

    name: str
    images: int
    scenes: int
    parameters: list[str]
    description: str
    sheet: str
    trained_on: bool = False
    shown_in_training: bool = False


@dataclass(frozen=True)
class Recording:
    """One recording; `areas` are names and numbers of units, and `choices` counts those of observers. Those of
    distances, whose `measure` says what they are, are numbers of matrices, which belong to `observers`.

    Units and images with gaps lack some of the responses that are missing; they are kept.
    """

    name: str
    simulated: bool
    units: int
    images: int
    repeats: int
    areas: list[tuple[str, int]]
    dropped_units: int
    missing_responses: int
    units_with_gaps: int
    images_with_gaps: int
    choices: int
    source: str
    licence: str
    citation: str
    matrices: int = 0
    observers: int = 0
    measure: str = ""


@dataclass(frozen=True)
class Model:
    """One model and how it was trained; `preprocess` (in words) and `fingerprint` are empty if no Gram is given."""

    name: str
    baseline: bool
    kind: str
    layers: int
    weights: str
    preprocess: str
    fingerprint: str


def described_stimuli(
    paths: Sequence[str | Path], sheets: dict[str, str], training: Sequence[str] = (), shown: Collection[str] = ()
) -> list[Stimuli]:
    """The contents of each stimulus set, and whether networks are trained on it or on images that it shows."""
    described = []
    for path in map(Path, paths):
        with open_hdf5(path) as file:
            table, description = read_frame(file["table"]), str(file.attrs["description"])
        scenes, parameters = ([one for one in table[key].unique() if one] for key in ("scene", "parameter"))
        name = path.stem
        about = (name, len(table), len(scenes), parameters, description, sheets.get(name, ""))
        described.append(Stimuli(*about, trained_on=name in training, shown_in_training=name in shown))
    return described


def described_recordings(paths: Sequence[str | Path]) -> list[Recording]:
    """The contents of each recording, with its license and citation."""
    described = []
    for path in map(Path, paths):
        with open_hdf5(path) as file:
            known = contents_of(file)
            known |= {name: str(file.attrs[name]) for name in ("source", "licence", "citation")}
            described.append(Recording(name=path.stem, simulated=bool(file.attrs["simulated"]), **known))
    return described


def contents_of(file: h5py.File) -> dict[str, object]:
    """The contents of a recording of any sort."""
    if is_behavior(file):
        return of_choices(read_frame(file["trials"]))
    return of_distances(file) if is_distances(file) else of_units(file)


def of_units(file: h5py.File) -> dict[str, object]:
    """The contents of a recording of units."""
    units, images = file["responses"].shape
    areas = read_frame(file["units"]).area.value_counts(sort=False)
    return {
        "units": units,
        "images": images,
        "repeats": file["trials"].shape[2] if "trials" in file else 0,
        "areas": [(str(area), int(count)) for area, count in areas.items()],
        **{count: int(file.attrs.get(count, 0)) for count in COUNTS},
        "choices": 0,
    }


def of_distances(file: h5py.File) -> dict[str, object]:
    """The contents of a recording of distances, whose areas are counted by their matrices."""
    matrices = read_frame(file["matrices"])
    areas = matrices.area.value_counts(sort=False)
    return dict.fromkeys(("units", "repeats", "choices", *COUNTS), 0) | {
        "images": len(file["stimulus_id"]),
        "areas": [(str(area), int(count)) for area, count in areas.items()],
        "matrices": len(matrices),
        "observers": matrices.observer.nunique(),
        "measure": str(file.attrs["measure"]),
        "missing_responses": int(file.attrs["missing_distances"]),
    }


def of_choices(trials: pd.DataFrame) -> dict[str, object]:
    """The contents of a recording of observers' choices."""
    images = trials.stimulus_id.nunique()
    counts = dict.fromkeys(("units", "repeats", *COUNTS), 0)
    return counts | {"images": images, "areas": [], "choices": len(trials)}


def described_models(config: dict, layers: pd.DataFrame, grams: Sequence[str | Path]) -> list[Model]:
    """Each model's weights in words, and its preprocessing and fingerprint if one of the Grams has them."""
    known, models = {}, models_of(config)
    for path in grams:
        with open_hdf5(path) as file:
            known[str(file.attrs["model"])] = [str(file.attrs.get(key, "")) for key in FROM_GRAM]
    described = []
    for model, of_model in layers.groupby("model", sort=False):
        weights, preprocess, fingerprint = known.get(model) or (
            model_entry(models[model]).weights_in_words(config.get("seed", 0)),
            "",
            "",
        )
        about = (bool(of_model.baseline.iloc[0]), str(of_model.kind.iloc[0]), len(of_model))
        described.append(Model(model, *about, weights, preprocess, fingerprint))
    return described


def package_versions() -> list[tuple[str, str]]:
    """Names and versions of the installed packages that compute the results."""
    versions = [("Python", platform.python_version())]
    for package in PACKAGES:
        try:
            versions.append((package, metadata.version(package)))
        except metadata.PackageNotFoundError:
            continue
    return versions


def run_times(folder: str | Path) -> list[tuple[str, int, float, float]]:
    """Each stage with its number of jobs and the seconds of all jobs and of the longest, from the benchmark tables."""
    rows = []
    for stage in (one for one in Path(folder).glob("*") if one.name != "report"):  # not known when the page is made
        seconds = [time for file in stage.rglob("*.tsv") for time in seconds_of(file)]
        if seconds:
            rows.append((stage.name, len(seconds), sum(seconds), max(seconds)))
    return sorted(rows, key=lambda row: (STAGES.index(row[0]) if row[0] in STAGES else len(STAGES), row[0]))


def seconds_of(file: Path) -> list[float]:
    """Wall-clock time of one job; an empty list if its table is incomplete."""
    lines = [line.split("\t") for line in file.read_text().splitlines()]
    try:
        return [float(line[lines[0].index("s")]) for line in lines[1:]]
    except (ValueError, IndexError):
        return []


def yaml_text(config: dict) -> str:
    """The configuration as a file that gives the same study."""
    stated = {key: value for key, value in config.items() if key not in ("pathvars", "left_out") and value != {}}
    return yaml.safe_dump(stated, sort_keys=False, allow_unicode=True, width=100)

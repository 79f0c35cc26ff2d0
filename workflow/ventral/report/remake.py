"""Makes the page of a study again without Snakemake, also if some of its models failed or have not run."""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ventral.across_models.paired import compared_metrics, paired
from ventral.core.errors import Fault
from ventral.figures.drawing import save
from ventral.figures.spec import specs
from ventral.models.model_entry import trained_families
from ventral.recordings.kinds import recording_entry
from ventral.records.fingerprints import FILE as PROVENANCE
from ventral.records.fingerprints import read_fingerprints
from ventral.records.found_results import SPECTRUM, TABLE, FoundResults
from ventral.records.lost_results import lost_results
from ventral.records.study_record import read_record
from ventral.report.page import write_report
from ventral.stimuli import read_copies
from ventral.stimuli.design import read_scenes
from ventral.summary import read_summary
from ventral.summary.representations import sets_of
from ventral.summary.study_tables import study_tables
from ventral.summary.summarize_recordings import gather_areas
from ventral.summary.sweep import gather_logs, sweep
from ventral.summary.tables import gather_units
from ventral.summary.universality import compared_sets

AREAS = "recordings"  # the file of the table `areas`


def remake(results: str | Path, out: str | Path) -> list[str]:
    """Write the page of a study from what is in its results folder.

    The tables of the summary are used if they hold the whole study, and the page says which files they were made from
    are gone. Otherwise tables of the models that are complete are computed again, and the page says what is missing.

    Parameters
    ----------
    results : path of the results folder
    out : path of the page

    Returns
    -------
    list of str
        Sentences on everything that is missing.

    Raises
    ------
    Fault
        The folder holds no study, no model of it is complete, or a file is damaged.
    """
    results, record = Path(results), read_record(results)
    digests = results / "summary" / PROVENANCE
    known = read_fingerprints(digests) if digests.exists() else None
    summary = whole_summary(results, record)
    if summary is not None:
        figures = existing([results], (f"figures/{name}.svg" for name in record["figures"]))
        lost = lost_results(results, record)
        write(out, summary, [results], record, figures, lost, known)
        return lost
    if not record["layers"]:
        raise Fault(f"{results} has no table of areas; run Snakemake to make it.")
    found = FoundResults(results, record)
    summary = partial_summary(found)
    with tempfile.TemporaryDirectory() as folder:
        figures = drawn_figures(summary, record["figures"], Path(folder)) if has_all_sets(found) else []
        write(out, summary, [results], record, figures, found.missing, known)
    return found.missing


def whole_summary(results: Path, record: dict[str, Any]) -> dict[str, pd.DataFrame] | None:
    """The tables of the summary; None if they are not there, or are those of fewer or other layers."""
    files = summary_files(results, record)
    if not all(file.exists() for file in files.values()):
        return None
    summary = {name: read_summary(file) for name, file in files.items()}
    if not record["layers"]:
        return summary
    there = [
        {*zip(summary["layers"].model, summary["layers"].layer, strict=True)},
        {*summary["geometry"].stimuli},
        {*summary["predictivity"].recording},
    ]
    named = [{(row["model"], row["layer"]) for row in record["layers"]}, {*record["measured_sets"]}]
    return summary if there == [*named, {*record["recordings"]}] else None


def summary_files(results: Path, record: dict[str, Any]) -> dict[str, Path]:
    """The files of the tables of a summary, by the names of the tables."""
    files = {name: results / "summary" / f"{name}.csv" for name in record["tables"]}
    return files | {"areas": results / "summary" / f"{AREAS}.csv"}


def partial_summary(found: FoundResults) -> dict[str, pd.DataFrame]:
    """The tables of the summary for the models that are complete."""
    record, seed = found.record, found.record["config"]["seed"]
    shown = {name: record["recordings"][name] for name in found.recordings}
    models = list(dict.fromkeys(row["model"] for row in found.layers))
    summary = study_tables(
        geometry=found.of_layers("geometry", found.sets, TABLE),
        spectra=found.of_layers("geometry", found.sets, SPECTRUM),
        predictivity=found.of_layers("predictivity", found.recordings, TABLE),
        accuracy=found.existing("accuracy", models, TABLE) if found.has_accuracy else [],
        recordings=found.existing("recordings", found.recordings, ".h5"),
        stimuli=shown,
        species=record["species"],
        models=found.layers,
        seed=seed,
    )
    if found.networks:
        networks = {name: record["networks"][name] for name in found.networks}
        summary["training"] = gather_logs([found.file("networks", name, "log.csv") for name in networks], networks)
        summary["equivariance"] = sweep(summary, summary["training"])
    return summary | of_areas(found, shown, seed)


def of_areas(found: FoundResults, shown: dict[str, str], seed: int) -> dict[str, pd.DataFrame]:
    """The tables that compare layers with recorded areas, and with each other on the same images or units."""
    neural, entries = found.record["neural"], found.record["config"]["recordings"]
    neural = [name for name in found.recordings if name in neural]
    represented = [name for name in found.recordings if recording_entry(entries[name]).holds != "choices"]
    recordings = found.existing("recordings", represented, ".h5")
    files = found.existing("stimuli", found.sets, ".h5")
    copies, scenes = ({file.stem: read(file) for file in files} for read in (read_copies, read_scenes))
    sets = sets_of(found.of_layers("gram", found.sets, ".h5"), recordings, shown, seed, copies, scenes)
    pairs, components = compared_sets(sets, trained_families(found.layers), seed)
    areas = gather_areas(found.existing("geometry", neural, TABLE), recordings, shown)
    tables = {"areas": areas, "similarity": pairs}
    if neural:
        tables["universality"] = components
        units = gather_units(found.of_layers("predictivity", neural, ".parquet"), compared_metrics())
        tables["paired"] = paired(units, pd.DataFrame(found.layers), seed)
    return tables


def has_all_sets(found: FoundResults) -> bool:
    """Whether only models are missing, so that the figures of the study can be drawn."""
    sets, recordings = found.record["measured_sets"], [*found.record["recordings"]]
    return (
        found.sets == sets and found.recordings == recordings and bool(found.networks) >= bool(found.record["networks"])
    )


def drawn_figures(summary: dict[str, pd.DataFrame], names: list[str], folder: Path) -> list[Path]:
    """The figures of a study, drawn into a folder."""
    files = []
    for name in names:
        if all(table in summary for table in specs()[name].tables):
            save(name, summary, folder / f"{name}.svg", folder / f"{name}.png")
            files.append(folder / f"{name}.svg")
    return files


def write(
    out: str | Path,
    summary: dict[str, pd.DataFrame],
    folders: Sequence[Path],
    record: dict[str, Any],
    figures: Sequence[Path] = (),
    missing: Sequence[str] = (),
    fingerprints: Mapping[str, Any] | None = None,
) -> None:
    """Write the page with the contact sheets, recordings and Grams that are in one of the results folders."""
    sets = dict.fromkeys([*record["config"]["stimuli"], *record["measured_sets"]])
    layers = summary.get("layers", pd.DataFrame(columns=["model", "layer"]))
    first = layers.groupby("model", sort=False).layer.first()
    grams = [f"gram/{name}/{model}/{layer}.h5" for name in record["measured_sets"] for model, layer in first.items()]
    write_report(
        out,
        summary,
        record["config"],
        figures=figures,
        sheets=existing(folders, (f"stimuli/{name}.png" for name in sets)),
        stimuli=existing(folders, (f"stimuli/{name}.h5" for name in sets)),
        recordings=existing(folders, (f"recordings/{name}.h5" for name in record["recordings"])),
        grams=existing(folders, grams),
        benchmarks=folders[0] / "benchmarks" if len(folders) == 1 else None,
        fingerprints=fingerprints,
        missing=missing,
    )


def existing(folders: Sequence[Path], names: Iterable[str]) -> list[Path]:
    """The first file of each name in these folders."""
    files = ((folder / name for folder in folders if (folder / name).exists()) for name in names)
    return [file for one in files if (file := next(one, None))]

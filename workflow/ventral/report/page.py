"""The report as one HTML file that opens without a network connection."""

import datetime
from collections.abc import Sequence
from pathlib import Path

import jinja2
import pandas as pd

from ventral.core.files import whole
from ventral.figures.drawing import caption
from ventral.figures.spec import specs
from ventral.report import findings
from ventral.report.accuracy_table import accuracy_table
from ventral.report.all_tables import all_tables
from ventral.report.embed import picture, scaled_picture
from ventral.report.layer_tables import layer_tables
from ventral.report.methods import methods
from ventral.report.provenance import (
    described_models,
    described_recordings,
    described_stimuli,
    package_versions,
    run_times,
    yaml_text,
)
from ventral.report.score_tables import best_of_kinds
from ventral.report.training_section import sweep_table
from ventral.training.networks import shown_in_training, trained_on

TEMPLATE = Path(__file__).with_name("page.html.j2")


def write_report(
    path: str | Path,
    summary: dict[str, pd.DataFrame],
    config: dict,
    figures: Sequence[str | Path],
    sheets: Sequence[str | Path],
    stimuli: Sequence[str | Path],
    recordings: Sequence[str | Path] = (),
    grams: Sequence[str | Path] = (),
    benchmarks: str | Path | None = None,
) -> None:
    """Write the report of a study.

    Parameters
    ----------
    path : path of the HTML file
    summary : dict of DataFrames
        geometry, predictivity, layers, relations, spectra, similarity, areas; accuracy where images are classified;
        equivariance and training where networks are trained.
    config : dict
        The whole configuration, with its defaults.
    figures : paths of SVG files, named for the figures that they hold
    sheets, stimuli : paths
        Contact sheets (PNG) and stimulus sets (HDF5) with the same names.
    recordings : paths of HDF5 files
    grams : paths of HDF5 files
        One for each model whose fingerprint is shown; other models have no fingerprint on the page.
    benchmarks : path of a folder, optional
        Snakemake's benchmark tables, one folder per stage.

    Raises
    ------
    Fault
        A file is missing or damaged.
    """
    pictures = {Path(sheet).stem: scaled_picture(sheet) for sheet in sheets}
    stimuli_rows = described_stimuli(stimuli, pictures, trained_on(config), shown_in_training(config))
    recording_rows = described_recordings(recordings)
    tables = (*all_tables(summary), accuracy_table(summary), *layer_tables(summary), sweep_table(summary))
    context = {
        "title": config.get("title", "Ventral study"),
        "date": datetime.date.today().isoformat(),
        "overview": findings.overview(summary, stimuli_rows, recording_rows),
        "caveats": findings.caveats(summary, config),
        "leaders": best_of_kinds(summary),
        "findings": findings.findings(summary),
        "figures": [shown_figure(file, summary) for file in figures],
        "stimuli": stimuli_rows,
        "recordings": recording_rows,
        "left_out": config.get("left_out", {}),
        "models": described_models(config, summary["layers"], grams),
        "tables": [table for table in tables if table.rows],
        "methods": methods(summary),
        "config": yaml_text(config),
        "versions": package_versions(),
        "run_times": run_times(benchmarks) if benchmarks else [],
    }
    with whole(path) as partial:
        partial.write_text(render(context), encoding="utf-8")


def shown_figure(file: str | Path, summary: dict[str, pd.DataFrame]) -> dict[str, str]:
    """One figure with its heading, its caption and its alternative text."""
    name = Path(file).stem
    text, heading = caption(name, summary), specs()[name].heading
    return {
        "id": name,
        "heading": heading,
        "caption": text,
        "alt": f"Figure: {heading}. {text.split('. ')[0]}.",
        "image": picture(file),
    }


def render(context: dict) -> str:
    """Fill in the template; every text is escaped."""
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(context)

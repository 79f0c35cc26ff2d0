"""The report as one HTML file that opens without a network connection."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from ventral.core.files import whole
from ventral.figures.labels import count, provenance
from ventral.report import findings
from ventral.report.accuracy_table import accuracy_table
from ventral.report.all_tables import all_tables
from ventral.report.answer import answer
from ventral.report.answer_table import answer_table
from ventral.report.charts.chart import Chart, Drawing, charts, drawings
from ventral.report.charts.embedded import as_json, embedded
from ventral.report.checksum_table import checksum_table
from ventral.report.embed import scaled_picture
from ventral.report.geometry_tables import recorded_areas
from ventral.report.layer_tables import layer_tables
from ventral.report.methods import methods, paragraph
from ventral.report.pictures import Picture, pictures
from ventral.report.plain_tables import plain_overview, plain_tables
from ventral.report.provenance import (
    Recording,
    described_models,
    described_recordings,
    described_stimuli,
    package_versions,
    run_times,
    yaml_text,
)
from ventral.report.score_tables import best_in_words, best_of_kinds
from ventral.report.sortable import Table
from ventral.report.training_section import sweep_table
from ventral.training.networks import shown_in_training, trained_on

FOLDER = Path(__file__).parent
TEMPLATE = FOLDER / "template/page.html.j2"
PARTS = (  # named here, so that a change of one of them makes the page again
    *("template/macros.html.j2", "template/findings.html.j2", "template/stimuli.html.j2"),
    *("template/recordings.html.j2", "template/models.html.j2", "template/tables.html.j2"),
    *("template/methods.html.j2", "template/provenance.html.j2", "template/style.css", "template/theme.js"),
    *("template/contents.js", "template/tables.js", "template/charts.js", "charts/data.js"),
)
HEADINGS = {
    "findings": "Findings",
    "stimuli": "Stimuli",
    "recordings": "Recordings",
    "models": "Models",
    "tables": "Tables",
    "methods": "Methods",
    "provenance": "Provenance",
}


@dataclass(frozen=True)
class Section:
    """One section of the page: a picture, or the template with the name of its id."""

    id: str
    heading: str
    picture: Picture | None = None


def write_report(
    path: str | Path,
    summary: dict[str, pd.DataFrame],
    config: dict,
    figures: Sequence[str | Path] = (),
    sheets: Sequence[str | Path] = (),
    stimuli: Sequence[str | Path] = (),
    recordings: Sequence[str | Path] = (),
    grams: Sequence[str | Path] = (),
    benchmarks: str | Path | None = None,
    fingerprints: Mapping[str, Any] | None = None,
    missing: Sequence[str] = (),
) -> None:
    """Write the report of a study, or of a table that relates models.

    Parameters
    ----------
    path : path of the HTML file
    summary : dict of DataFrames
        geometry, predictivity, layers, relations, spectra, similarity, areas; accuracy where images are classified;
        equivariance and training where networks are trained. Of a study of recordings alone: areas. Of a table that is
        not a study's: layers, relations, and the other tables of statistics across models.
    config : dict
        The whole configuration, with its defaults. Of a table that is not a study's: title, command and notes.
    figures : paths of SVG files, named for the figures that they hold
    sheets, stimuli : paths
        Contact sheets (PNG) and stimulus sets (HDF5) with the same names.
    recordings : paths of HDF5 files
    grams : paths of HDF5 files
        One for each model whose fingerprint is shown; other models have no fingerprint on the page.
    benchmarks : path of a folder, optional
        Snakemake's benchmark tables, one folder per stage.
    fingerprints : mapping, optional
        Checksums of the study (`ventral.records.fingerprints`).
    missing : sentences
        What the study names and the page lacks.

    Raises
    ------
    Fault
        A file is missing or damaged.
    """
    sheet_images = {Path(sheet).stem: scaled_picture(sheet) for sheet in sheets}
    stimuli_rows = described_stimuli(stimuli, sheet_images, trained_on(config), shown_in_training(config))
    recording_rows = described_recordings(recordings)
    known, drawn = charts(), drawings(summary) if "layers" in summary else {}
    shown = pictures(drawn, known, figures, summary)
    content = {
        "stimuli": stimuli_rows,
        "recordings": recording_rows,
        "definitions": methods(summary),
        "methods": paragraph(summary, stimuli_rows, recording_rows, config.get("networks", {})),
        "provenance": package_versions(),
    }
    if "layers" not in summary:
        content |= of_areas(summary, recording_rows)
    elif "geometry" in summary:
        content |= of_study(summary, config, grams) | {
            "overview": findings.overview(summary, stimuli_rows, recording_rows)
        }
    else:
        content |= {"overview": plain_overview(summary), "tables": plain_tables(summary)}
        content |= {"caveats": config.get("notes", ())}
    if "layers" in summary:
        content |= {"answer": answer(summary).topics, "tables": [answer_table(summary), *content["tables"]]}
    content["tables"] = [table for table in content["tables"] if table.rows]
    context = dict.fromkeys(("findings", "leaders", "best", "models", "answer"), ()) | content
    context["caveats"] = [*missing, *context["caveats"]]
    context |= {
        "title": config.get("title", "Ventral study"),
        "has_models": "layers" in summary,
        "date": datetime.date.today().isoformat(),
        "sections": sections(shown, context),
        "first": next((one for one in shown if one.first), None),
        "charts": embedded_charts(drawn, known) if drawn else None,
        "left_out": config.get("left_out", {}),
        "command": config.get("command", ""),
        "config": yaml_text(config),
        "run_times": run_times(benchmarks) if benchmarks else [],
        "checksums": checksum_table(fingerprints or {}),
    }
    with whole(path) as partial:
        partial.write_text(render(context), encoding="utf-8")


def of_study(summary: dict[str, pd.DataFrame], config: dict, grams: Sequence[str | Path]) -> dict:
    """What the page says of a study and not of a table."""
    tables: list[Table] = [*all_tables(summary), accuracy_table(summary), *layer_tables(summary), sweep_table(summary)]
    tables += plain_tables({name: table for name, table in summary.items() if name != "relations"})
    leaders = best_of_kinds(summary)
    return {
        "caveats": findings.caveats(summary, config),
        "leaders": leaders,
        "best": best_in_words(leaders),
        "findings": findings.findings(summary),
        "models": described_models(config, summary["layers"], grams),
        "tables": tables,
    }


def of_areas(summary: dict[str, pd.DataFrame], recordings: Sequence[Recording]) -> dict:
    """What the page says of a study of recordings alone."""
    made = provenance(summary["areas"])
    return {
        "overview": findings.recorded_overview(recordings),
        "tables": [recorded_areas(summary)],
        "caveats": [made] if made else [],
    }


def sections(shown: Sequence[Picture], content: dict) -> list[Section]:
    """The sections that have content: maps of all results, findings, pictures, then what was measured and how."""
    written = [Section(name, heading) for name, heading in HEADINGS.items() if content[name]]
    overall, others = (
        [Section(one.id, one.heading, one) for one in shown if (one.place < 0) is of_all and not one.first]
        for of_all in (True, False)
    )
    first = [one for one in written if one.id == "findings"]
    return [*overall, *first, *others, *written[len(first) :]]


def embedded_charts(drawn: dict[str, Drawing], known: dict[str, Chart]) -> dict:
    """The data of all charts, each table once, their specifications, and the JavaScript that draws them."""
    from vl_convert import javascript_bundle

    data = {name: table for drawing in drawn.values() for name, table in drawing.data.items()}
    return {
        "data": embedded(data),
        "specs": as_json({name: drawing.spec for name, drawing in drawn.items()}),
        "vega": javascript_bundle(),
        "scripts": [f"charts/{script}" for name in drawn for script in known[name].scripts],
    }


def render(context: dict) -> str:
    """Fill in the template; every text is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATE.parent),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["count"] = count
    environment.globals["file"] = lambda name: (FOLDER / name).read_text(encoding="utf-8")
    return environment.get_template(TEMPLATE.name).render(context)

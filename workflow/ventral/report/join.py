"""Joins the summaries of several studies, with one page of all of them."""

import json
from collections.abc import Sequence
from pathlib import Path

from ventral.core.errors import Fault
from ventral.core.files import whole_folder
from ventral.core.same_paths import expect_other_paths
from ventral.core.table_files import write_table
from ventral.records.agreement import disagreements
from ventral.records.fingerprints import FILE as PROVENANCE
from ventral.records.fingerprints import read_fingerprints, write_fingerprints
from ventral.records.merged import merged_fingerprints, merged_record
from ventral.records.study_record import FILE, read_record
from ventral.report.remake import summary_files, write
from ventral.summary import read_summary
from ventral.summary.joined_tables import joined_tables
from ventral.summary.layers import PLACE


def join(folders: Sequence[str | Path], out: str | Path) -> None:
    """Join studies by the names of their models, images and recordings.

    Parameters
    ----------
    folders : paths of results folders, of studies or of joined ones
    out : path
        Of the folder that gets the tables, in `summary`, and the page. It can be joined again.

    Raises
    ------
    Fault
        A folder is named twice; a summary is not complete; two studies mean different things by one name, or have
        different settings; or `out` holds the results of a study. Nothing is written then.
    """
    expect_other_paths(folders, "results folder")
    records = {str(folder): read_record(folder) for folder in folders}
    if (Path(out) / FILE).exists() and not read_record(out).get("joined"):
        raise Fault(f"{out} has the results of a study, which would be replaced; name another --out.")
    if alone := [folder for folder, record in records.items() if not record["layers"]]:
        raise Fault(f"{alone[0]} is a study of recordings alone, which has no layers to relate; leave it out.")
    known = {folder: read_fingerprints(Path(folder, "summary", PROVENANCE)) for folder in records}
    if differing := disagreements(known):
        listed = "\n".join(f"  {sentence}" for sentence in differing)
        raise Fault(f"These studies do not agree; nothing was written. Rename or leave out what differs.\n{listed}")
    studies = {
        folder: {name: read_summary(file) for name, file in summary_files(Path(folder), record).items()}
        for folder, record in records.items()
    }
    seed = next(iter(known.values()))["settings"]["seed"]
    tables = joined_tables(studies, seed)
    layers = tables["layers"]
    places = layers[[column for column in PLACE if column in layers]].to_dict("records")
    record = merged_record([*records.values()], str(out), places)
    record["tables"] = [name for name in tables if name != "areas"]
    merged = merged_fingerprints([*known.values()])
    with whole_folder(out) as folder:
        for name, file in summary_files(folder, record).items():
            write_table(tables[name], file)
        write_fingerprints(folder / "summary" / PROVENANCE, merged)
        (folder / FILE).write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        write(folder / "report.html", tables, [Path(one) for one in records], record, fingerprints=merged)

"""`ventral relate`: relates geometry to scores in any table."""

import argparse
import shlex
import sys
from pathlib import Path
from typing import Any

from ventral.core.errors import Fault

PAGE = "report.html"
COLUMNS = (
    ("geometry", "columns that describe representations"),
    ("scores", "columns with scores; 'VALUE by COLUMN' if a column of a long table names the score of each row"),
    ("model", "columns that together name a model; default: model"),
    ("log", "columns of which the logarithm is used"),
    ("given", "columns that relations are also computed at fixed values of; default: depth, n_features, accuracy"),
)
COLUMN = (
    ("layer", "column that names the layer; default: layer, if there is one"),
    ("family", "column that names the family of a model, such as networks with the same initial weights"),
    ("kind", "column that says how a model was trained"),
    ("accuracy", "column with the accuracy of a model"),
)


def add(commands: Any) -> None:
    """Describe the command and its arguments."""
    relate = commands.add_parser(
        "relate",
        help="relate geometry to scores in any table with one row per model and layer",
        description="Relates geometry to scores across models and layers. COLUMNS are names, patterns with * and ?, or "
        "several of them with spaces or commas between.",
    )
    relate.add_argument("tables", nargs="+", metavar="TABLE.csv", help="several tables are joined by model and layer")
    for name, about in COLUMNS:
        required = name in ("geometry", "scores")
        relate.add_argument(f"--{name}", nargs="+", metavar="COLUMNS", help=about, required=required)
    for name, about in COLUMN:
        relate.add_argument(f"--{name}", metavar="COLUMN", help=about)
    relate.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="for the tables and the page")
    relate.set_defaults(run=relate_tables)


def relate_tables(chosen: argparse.Namespace) -> None:
    """Read the tables, relate their columns, and write the results and their page, all of them or none."""
    from ventral.across_models.averages import average_of, with_averages
    from ventral.across_models.wide_table import Roles, read_wide
    from ventral.core.files import whole_folder
    from ventral.core.table_files import write_table
    from ventral.records.study_record import FILE
    from ventral.report import write_report
    from ventral.summary import relate

    if (chosen.out / FILE).exists():
        raise Fault(f"{chosen.out} has the results of a study, whose page would be replaced; name another --out.")
    named = {name: value for name, _ in (*COLUMNS, *COLUMN) if (value := getattr(chosen, name))}
    if "model" in named:
        named["model"] = tuple(part for item in named["model"] for part in item.split(","))
    table = read_wide(chosen.tables, Roles(**named))
    print(*table.notes, sep="\n", file=sys.stderr)
    given = table.given if chosen.given else None
    found = relate(table.rows, table.geometry, table.scores, table.log, given, named.get("accuracy", "accuracy"))
    files = {name: value for name, value in vars(found).items() if value is not None}
    about = {"title": f"Relations in {', '.join(Path(path).name for path in chosen.tables)}", "command": command()}
    with whole_folder(chosen.out) as folder:
        for name, rows in files.items():
            write_table(rows, folder / f"{name}.csv")
        layers = with_averages(table.rows, average_of(table.rows, table.scores))
        write_report(folder / PAGE, {"layers": layers, **files}, about | {"notes": table.notes})
    print(f"Done: {len(table.rows)} rows of {table.rows.model.nunique()} models. Page: {chosen.out / PAGE}")


def command() -> str:
    """The command as it was given."""
    return shlex.join(["ventral", *sys.argv[1:]])

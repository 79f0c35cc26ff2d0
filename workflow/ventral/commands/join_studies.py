"""`ventral join`: joins the results of several studies."""

import argparse
from pathlib import Path
from typing import Any


def add(commands: Any) -> None:
    """Describe the command and its arguments."""
    join = commands.add_parser(
        "join",
        help="join the summaries of several studies and relate all their layers",
        description="Joins the summaries of studies by the names of their models, images and recordings. What has one "
        "name must be the same in all studies, and so must their settings.",
    )
    join.add_argument("folders", nargs="+", type=Path, metavar="RESULTS", help="results folders of studies")
    join.add_argument("--out", type=Path, required=True, metavar="FOLDER", help="for the tables and the page")
    join.set_defaults(run=join_studies)


def join_studies(chosen: argparse.Namespace) -> None:
    """Join the studies, or say what differs."""
    from ventral.report.join import join

    join(chosen.folders, chosen.out)
    print(f"Done: {len(chosen.folders)} studies. Page: {chosen.out / 'report.html'}")

"""`ventral report`: makes the page of a study again."""

import argparse
import sys
from pathlib import Path
from typing import Any

PAGE = "report.html"


def add(commands: Any) -> None:
    """Describe the command and its arguments."""
    report = commands.add_parser(
        "report", help="make the page of a study again without Snakemake, also if some of its models failed"
    )
    report.add_argument("results", type=Path, metavar="RESULTS", help="the results folder of the study")
    report.add_argument("--out", type=Path, metavar="FILE", help=f"default: {PAGE} in the results folder")
    report.set_defaults(run=make_report)


def make_report(chosen: argparse.Namespace) -> None:
    """Make the page, and print what is missing from it."""
    from ventral.report.remake import remake

    page = chosen.out or chosen.results / PAGE
    missing = remake(chosen.results, page)
    print(*missing, sep="\n", end="\n" if missing else "", file=sys.stderr)
    print(f"Done. Page: {page}")

"""`ventral check`: checks a configuration."""

import argparse
from pathlib import Path
from typing import Any

from ventral.config.study_file import read_study

CONFIG = Path("config.yaml")


def add(commands: Any) -> None:
    """Describe the command and its arguments."""
    check = commands.add_parser("check", help="check the configuration of a study and name all its faults")
    check.add_argument("config", nargs="?", type=Path, default=CONFIG, help="default: %(default)s")
    check.set_defaults(run=check_config)


def check_config(chosen: argparse.Namespace) -> None:
    """Check a configuration as the workflow does before any job, but without its GPU and without opening weights."""
    from ventral.config.complete import complete

    complete(read_study(chosen.config), [chosen.config])
    print(f"{chosen.config} has no faults.")

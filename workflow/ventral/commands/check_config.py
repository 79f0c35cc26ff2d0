"""`ventral check`: checks a configuration and every file that it names."""

import argparse
from pathlib import Path
from typing import Any

from ventral.config.study_file import read_study

CONFIG = Path("config.yaml")


def add(commands: Any) -> None:
    """Describe the command and its arguments."""
    check = commands.add_parser(
        "check",
        help="check a study and the files that it uses, and name all faults",
        description="Checks the configuration of a study, and opens every file that it uses: pictures, recordings, "
        "weights and names of classes. Nothing is run or downloaded. It takes seconds.",
    )
    check.add_argument("config", nargs="?", type=Path, default=CONFIG, help="default: %(default)s")
    check.set_defaults(run=check_config)


def check_config(chosen: argparse.Namespace) -> None:
    """Check a configuration and its files, name all faults at once, and say what is still to be downloaded."""
    from ventral.config.complete import complete
    from ventral.config.opened_files import downloads

    config = complete(read_study(chosen.config), [chosen.config], closely=True)
    left_out = (f"models.{name}: left out. {about['reason']}" for name, about in config.get("left_out", {}).items())
    print(*left_out, *downloads(config["recordings"]), f"{chosen.config} has no faults.", sep="\n")

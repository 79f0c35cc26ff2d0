"""`ventral weights`: what is wrong with the weights of entries, for the workflow only."""

import argparse
import contextlib
import json
import sys
from typing import Any

from ventral.core.errors import Fault


def add(commands: Any) -> None:
    """Describe the command."""
    commands.add_parser("weights").set_defaults(run=print_weights_problems)


def print_weights_problems(_: argparse.Namespace) -> None:
    """Print what is wrong with the weights of each entry on standard input, as JSON: a sentence for each name."""
    from ventral.models.sources import model_entry

    problems = {}
    with contextlib.redirect_stdout(sys.stderr):
        for name, entry in json.load(sys.stdin).items():
            try:
                model_entry(entry, name).check_weights(name)
            except Fault as fault:
                problems[name] = str(fault)
    print(json.dumps(problems))

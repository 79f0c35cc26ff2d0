"""The command `ventral`: checks studies, lists recordings and layers, relates tables, joins studies, makes pages."""

import argparse
import os
import sys

from ventral.commands import (
    check_config,
    join_studies,
    list_recordings,
    make_report,
    print_layers,
    relate_tables,
    weights_problems,
    write_catalog,
)
from ventral.core.errors import Fault, of_full_disk

COMMANDS = (
    *(check_config, list_recordings, print_layers, relate_tables, join_studies, make_report),
    *(weights_problems, write_catalog),
)


def main(arguments: list[str] | None = None) -> None:
    """Run a subcommand; a Fault or a full disk ends it with one sentence and exit status 1."""
    chosen = _parser().parse_args(arguments)
    if "" not in sys.path:  # the user's modules are in the working folder, as for the jobs of the workflow
        sys.path.insert(0, "")
    try:
        chosen.run(chosen)
        if sys.stdout:  # a shell may close it
            sys.stdout.flush()
    except Fault as fault:
        sys.exit(str(fault))
    except BrokenPipeError:  # the program that reads the output has ended
        _discard_output()
    except OSError as error:
        if not of_full_disk(error):
            raise
        _discard_output()
        what = error.filename or "The output of `ventral`"
        sys.exit(f"{what} could not be written ({error.strerror}); make room and run the same command again.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ventral", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    return parser


def _discard_output() -> None:
    """Send standard output nowhere, so that Python does not try to write the rest of it when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    main()

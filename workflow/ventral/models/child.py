"""Asks the command `ventral` about a network in a process of its own, so that nobody else imports torch."""

import json
import os
import subprocess
import sys
from pathlib import Path

from ventral.store import Fault

LIBRARY = str(Path(__file__).parents[2])


def ask(*arguments: str, entry: object) -> dict:
    """The answer of a subcommand, a mapping.

    Parameters
    ----------
    arguments : texts
        The subcommand and its options.
    entry : object
        What the subcommand is told, as JSON on its standard input.

    Raises
    ------
    Fault
        The subcommand's own sentence; or, when user code broke it or left no answer, the last line that it printed.
    """
    path = os.pathsep.join([LIBRARY, os.getcwd(), *filter(None, [os.environ.get("PYTHONPATH")])])
    finished = subprocess.run(
        [sys.executable, "-m", "ventral", *arguments],
        input=json.dumps(entry, default=str),
        capture_output=True,
        text=True,
        errors="replace",
        env={**os.environ, "PYTHONPATH": path},
    )
    said = finished.stderr.strip().splitlines() or [f"exit status {finished.returncode}"]
    answers = [answer for line in finished.stdout.splitlines() if (answer := _mapping(line)) is not None]
    if not finished.returncode and answers:
        return answers[-1]
    if finished.returncode == 1 and not any(line.startswith("Traceback ") for line in said):
        raise Fault(said[-1])
    raise Fault(f"its network could not be built and run once to find its layers ({said[-1]}).")


def _mapping(line: str) -> dict | None:
    """The mapping that a line holds as JSON; None for what user code prints of its own."""
    try:
        answer = json.loads(line)
    except json.JSONDecodeError:
        return None
    return answer if isinstance(answer, dict) else None

"""Asks the command `ventral` about a network in a separate process, so that the process that asks needs no torch.

Answers are kept in files whose names depend on everything that determines the answer.
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from ventral.core.errors import Fault
from ventral.models.user_files import code_hash

LIBRARY = str(Path(__file__).parents[2])


def ask(*arguments: str, entry: object) -> dict:
    """Run a subcommand and return its answer, a mapping.

    Parameters
    ----------
    arguments : texts
        The subcommand and its options.
    entry : object
        Written to the subcommand's standard input as JSON.

    Raises
    ------
    Fault
        The sentence with which the subcommand stopped. If user code raised an error or ended the process, the last
        line that was printed.
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
    printed = finished.stderr.strip().splitlines() or [f"exit status {finished.returncode}"]
    answers = [answer for line in finished.stdout.splitlines() if (answer := _mapping(line)) is not None]
    if not finished.returncode and answers:
        return answers[-1]
    if finished.returncode == 1 and not any(line.startswith("Traceback ") for line in printed):
        raise Fault(printed[-1])
    raise Fault(f"its network could not be built and run once to find its layers ({printed[-1]}).")


def deciding(spec: dict, keys: Iterable[str]) -> dict:
    """The keys of an entry that have a value and are among those that determine an answer."""
    return {key: spec[key] for key in keys if spec.get(key) is not None}


def answer_name(spec: dict, keys: Iterable[str], more: str = "") -> str:
    """Name of the file that keeps an answer about an entry.

    Parameters
    ----------
    spec : dict
    keys : texts
        The keys that determine the answer. It also depends on the user's own code and files.
    more : str
        Anything else that determines the answer.

    Returns
    -------
    str
        24 hexadecimal digits.
    """
    text = json.dumps(deciding(spec, keys), sort_keys=True, default=str) + code_hash(spec) + more
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def _mapping(line: str) -> dict | None:
    """The mapping that a line holds as JSON; None for lines that user code prints."""
    try:
        answer = json.loads(line)
    except json.JSONDecodeError:
        return None
    return answer if isinstance(answer, dict) else None

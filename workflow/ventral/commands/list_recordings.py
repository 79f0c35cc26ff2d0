"""`ventral recordings`: lists the kinds of recordings and what each of them needs on disk."""

import argparse
import inspect
from collections.abc import Iterator
from typing import Any


def add(commands: Any) -> None:
    """Describe the command."""
    recordings = commands.add_parser("recordings", help="list the kinds of recordings and what they need on disk")
    recordings.set_defaults(run=list_recordings)


def list_recordings(_: argparse.Namespace) -> None:
    """Print what each kind of recording is, and below it what it needs, in the order of the alphabet."""
    rows = sorted(kinds())
    width = max(len(kind) for kind, *_ in rows)
    print(*(f"{kind:{width}}  {about}\n{'':{width}}  needs {needs}" for kind, about, needs in rows), sep="\n")


def kinds() -> Iterator[tuple[str, str, str]]:
    """Name, first sentence of the description, and needs of each kind."""
    from ventral.recordings.kinds import KINDS

    for kind, entry in KINDS.items():
        first = inspect.getdoc(entry).splitlines()[0]
        yield kind, first.partition("; ")[0].rstrip("."), entry.needs

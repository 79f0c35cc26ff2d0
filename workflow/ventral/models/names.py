"""Proposes the right name to a person who wrote a wrong one."""

import difflib
from collections.abc import Sequence


def nearest(name: str, names: Sequence[str]) -> str:
    """A clause that proposes the most similar names, or says what there is to choose from."""
    close = difflib.get_close_matches(name, names, n=4, cutoff=0.5)
    if close:
        return f"did you mean {', '.join(close)}?"
    shown = ", ".join(names) if len(names) <= 5 else f"{len(names)} others, from {names[0]} to {names[-1]}"
    return f"there is {shown}." if names else "there is none."

"""Proposes the right name to a person who wrote a wrong one."""

import difflib
from collections.abc import Iterable


def did_you_mean(name: object, known: Iterable[object], n: int = 1) -> str:
    """A question, in brackets, that offers the `n` names most like a wrong one; empty when none is like it."""
    close = difflib.get_close_matches(str(name), [str(one) for one in known], n=n, cutoff=0.5)
    return f" (did you mean {' or '.join(map(repr, close))}?)" if close else ""

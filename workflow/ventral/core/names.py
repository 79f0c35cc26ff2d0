"""Names in messages: the right name for a wrong one, and the first of many names."""

import difflib
from collections.abc import Iterable, Sequence


def did_you_mean(name: object, known: Iterable[object], n: int = 1) -> str:
    """A question in brackets that offers the `n` names closest to a wrong one; empty if none is close."""
    close = difflib.get_close_matches(str(name), [str(one) for one in known], n=n, cutoff=0.5)
    return f" (did you mean {' or '.join(map(repr, close))}?)" if close else ""


def listed(names: Sequence[object], most: int = 5) -> str:
    """The first names, separated by commas, and how many more there are."""
    rest = len(names) - most
    return ", ".join(map(str, names[:most])) + (f" and {rest} more" if rest > 0 else "")

"""Matches the ids of a recording's images with those of its stimulus set, and names similar ids if there is no match.

Ids are compared as they are written. Ids without an exact match are then compared regardless of their Unicode form and
of surrounding spaces, because file systems, spreadsheets and programs change both: "é" is one character or two.
"""

import difflib
import re
import unicodedata
from bisect import bisect
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from ventral.core.errors import Fault

AROUND = "\0\ufeff\u200b" + "".join(filter(str.isspace, map(chr, range(0x3001))))  # all spaces of Unicode
NAMED = 5  # ids that a message lists
FEW = 500  # up to this number, all known ids are compared with a wrong one
NEIGHBORS = 20  # on either side of the wrong id in a sorted list, which are compared if there are more ids
SAME_SET = "Make both from the same stimulus set."


def canonical(stimulus_id: str) -> str:
    """An id in the composed Unicode form (NFC), stripped of space, zero bytes and byte-order marks."""
    return unicodedata.normalize("NFC", stimulus_id).strip(AROUND)


def matched(wanted: np.ndarray, available: np.ndarray, who: str, where: str, advice: str = SAME_SET) -> np.ndarray:
    """Positions of the wanted images among the available ones, which must be the same images.

    Parameters
    ----------
    wanted, available : arrays of text
        The available ids are unique.
    who, where : str
        What the wanted and the available ids belong to, for messages.
    advice : str
        What to do if wanted images are not available.

    Returns
    -------
    integer array, one per wanted id

    Raises
    ------
    Fault
        Images on either side are unknown to the other (the message lists the first ones and their nearest ids), or a
        wanted id matches several available ids that differ only in their Unicode form or the space around them.
    """
    wanted, available = np.asarray(wanted, dtype=object), np.asarray(available, dtype=object)
    positions = pd.Index(available).get_indexer(wanted)
    unequal = positions < 0
    if unequal.any():
        positions[unequal] = _by_form(wanted[unequal], available, where)
    unknown = pd.unique(wanted[positions < 0])
    if len(unknown):
        raise Fault(f"{_unknown_ids(unknown, who, where)}{nearest_ids(unknown[:NAMED], available)} {advice}")
    missing = np.delete(available, positions)
    if len(missing):
        raise Fault(f"{_unknown_ids(missing, where, who)} {SAME_SET}")
    return positions


def nearest_ids(wrong: Iterable[str], known: Iterable[str]) -> str:
    """A sentence with the most similar known id for each of a few wrong ones, or with any ids if none is similar."""
    known = [str(one) for one in known]
    if not known:
        return " It has no ids."
    forms = [{form(one): one for one in reversed(known)} for form in FORMS]
    found = {one: _nearest(str(one), known, forms) for one in wrong}
    if not any(found.values()):
        return f" Its ids are like {', '.join(map(repr, known[:NAMED]))}."
    return f" Its nearest ids: {', '.join(f'{near!r} for {one!r}' for one, near in found.items() if near)}."


def _by_form(wanted: np.ndarray, available: np.ndarray, where: str) -> list[int]:
    """Positions of the available ids with the same canonical form; -1 if there is none.

    Raises
    ------
    Fault
        Several available ids have the canonical form of a wanted one.
    """
    places: dict[str, list[int]] = {}
    for i, one in enumerate(available):
        places.setdefault(canonical(str(one)), []).append(i)
    found = [places.get(canonical(str(one)), [-1]) for one in wanted]
    unclear = next((one for one, several in zip(wanted, found, strict=True) if len(several) > 1), None)
    if unclear is not None:
        raise Fault(
            f"The image {unclear!r} could be several of {where}, whose ids differ only in their Unicode form or in "
            "the spaces around them. Rename these images."
        )
    return [place for (place,) in found]


def _unknown_ids(ids: np.ndarray, has: str, lacks: str) -> str:
    listed = f"{', '.join(map(str, ids[:NAMED]))}{', …' if len(ids) > NAMED else ''}"
    return f"{len(ids)} images of {has} are unknown to {lacks}: {listed}."


def _path(one: str) -> PurePosixPath:
    return PurePosixPath(canonical(one).replace("\\", "/").casefold())


def _without_zeros(one: str) -> str:
    return re.sub(r"\d+", lambda digits: digits[0].lstrip("0") or "0", _path(one).stem)


FORMS: tuple[Callable[[str], str], ...] = (  # ids that are equal in one of these forms are near, in this order
    lambda one: str(_path(one)),
    lambda one: str(_path(one).with_suffix("")) if _path(one).name else one,
    lambda one: _path(one).name,
    lambda one: _path(one).stem,
    _without_zeros,
    lambda one: "".join(re.findall(r"\d+", _without_zeros(one))[-1:]),
)


def _nearest(wrong: str, known: list[str], forms: list[dict[str, str]]) -> str | None:
    """The known id that is equal in one of FORMS, or else the most similar one; None if no id is similar."""
    for form, by_form in zip(FORMS, forms, strict=True):
        if form(wrong) and form(wrong) in by_form:
            return by_form[form(wrong)]
    close = difflib.get_close_matches(wrong, _candidates(wrong, known), n=1, cutoff=0.3)
    return close[0] if close else None


def _candidates(wrong: str, known: list[str]) -> list[str]:
    """All known ids if they are few; otherwise those whose beginnings or ends are closest to the wrong one."""
    if len(known) <= FEW:
        return known
    found = []
    for direction in (1, -1):
        ordered = sorted(one[::direction] for one in known)
        place = bisect(ordered, wrong[::direction])
        found += [one[::direction] for one in ordered[max(0, place - NEIGHBORS) : place + NEIGHBORS]]
    return found

"""Names of areas in the Natural Scenes Dataset and in what is made from it.

A file of areas holds one integer per voxel or vertex: −1 outside the cortex, 0 for no area, and 1, 2, … for the areas
in the order of `FILES`. The integers are those of the publisher's files `freesurfer/subj0N/label/*.mgz.ctab`.
"""

import re

import numpy as np

from ventral.core.names import did_you_mean

FILES = {
    "prf-visualrois": ("V1v", "V1d", "V2v", "V2d", "V3v", "V3d", "hV4"),
    "streams": ("early", "midventral", "midlateral", "midparietal", "ventral", "lateral", "parietal"),
    "floc-bodies": ("EBA", "FBA-1", "FBA-2", "mTL-bodies"),
    "floc-faces": ("OFA", "FFA-1", "FFA-2", "mTL-faces", "aTL-faces"),
    "floc-places": ("OPA", "PPA", "RSC"),
    "floc-words": ("OWFA", "VWFA-1", "VWFA-2", "mfs-words", "mTL-words"),
    "nsdgeneral": ("nsdgeneral",),
}
JOINED = ("V1", "V2", "V3", "FBA", "FFA", "VWFA")  # areas in several pieces
DEFAULT = ("V1", "V2", "V3", "hV4", "ventral")
NAMES = (*JOINED, *(area for areas in FILES.values() for area in areas))
DESCRIPTION = (
    "Areas by name: V1, V2, V3 (or V1v, V1d, …), hV4; streams: early, midventral, midlateral, midparietal, ventral, "
    "lateral, parietal; bodies, faces, places and words, such as EBA, FFA, PPA and VWFA. A unit in several of them "
    "belongs to the first."
)


def find_area(area: str) -> tuple[str, list[int]]:
    """The file of an area, and the integers that stand for it there; V1 is V1v and V1d, FFA is FFA-1 and FFA-2.

    Parameters
    ----------
    area : str
        One of `NAMES`.
    """
    of_area = re.compile(rf"{re.escape(area)}(v|d|-\d)?" if area in JOINED else re.escape(area))
    found = {file: [i for i, name in enumerate(names, 1) if of_area.fullmatch(name)] for file, names in FILES.items()}
    return next((file, labels) for file, labels in found.items() if labels)


def first_area(areas: list[str], inside: dict[str, np.ndarray]) -> np.ndarray:
    """For each voxel or vertex, the index of the first area that it is in; −1 outside all of them.

    Parameters
    ----------
    areas : list of str
    inside : dict of boolean arrays of one shape
        By area.
    """
    first = np.full(inside[areas[0]].shape, -1)
    for i, area in reversed([*enumerate(areas)]):
        first[inside[area]] = i
    return first


def unknown_areas(areas: list[str], known: tuple[str, ...] = NAMES) -> list[str]:
    """A fault for each area that is not known."""
    unknown = [area for area in areas if area not in known]
    return [f"areas: {area!r} is not an area of these data{did_you_mean(area, known)}." for area in unknown]

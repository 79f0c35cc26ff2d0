"""How many components of a layer predict an area, if the components are those of other images?

`pcr_r` takes the components of the training images themselves. A layer may have its variance elsewhere on these few
images than on photographs in general. Here components are fitted on another stimulus set, and the responses to the
images of the recording are projected on them (`ventral.other_images`). `pcr_r_other_images` is the correlation between
held-out responses and their prediction by least squares on the first k coordinates, in the same splits.

The curve ends where the training images, or the other images, have no more components.

Source: Elmoznino & Bonner, PLoS Computational Biology 20: e1011792 (2024).
"""

import logging
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ventral.gram import gram
from ventral.metrics import Method, Metric, Role
from ventral.other_images import Coordinates
from ventral.predictivity.component_curve import curve_rows
from ventral.predictivity.encoding import COUNTS, blocks_of
from ventral.predictivity.scored_parts import Part, joined_parts, responses_to
from ventral.predictivity.target import Target
from ventral.recordings import matched
from ventral.regression.folds import fold_of
from ventral.regression.pcr import fit_pcr
from ventral.regression.splits import Splits
from ventral.statistics.correlation import pearson

FROM_OTHERS = Method(
    "Components of other images that predict",
    "Principal components of a layer are fitted on another stimulus set, and the layer’s responses to the images of "
    "the recording are projected on them. The correlation is that between held-out responses and their prediction by "
    "least squares on the first projections, against their number. Medians over units; intervals are bootstraps over "
    "units.",
    "Elmoznino & Bonner, PLoS Computational Biology 20:e1011792 (2024).",
    ("elmoznino2024",),
)
METRICS = (
    Metric(
        "pcr_r_other_images",
        "r of the first components of other images",
        Role.CONTROL,
        "Correlation between held-out responses and their prediction by least squares on as many of the first "
        "components of another stimulus set as the parameter says, median over units.",
        FROM_OTHERS,
        (-1, 1),
        counts="unit",
    ),
)


class OtherCurve(NamedTuple):
    """Scores of all units by the number of components of other images.

    Attributes
    ----------
    r : array of shape (counts, splits, units)
        For each of `COUNTS` up to the number of components.
    components : int
        Where the curve ends.
    stimuli : str
        The name of the other images.
    """

    r: np.ndarray
    components: int
    stimuli: str

    def rows(self, area: str, inside: np.ndarray, draw: Callable[[int], np.ndarray]) -> list[dict[str, object]]:
        """Rows of the units of one area, `inside`, (units,); see `ventral.predictivity.component_curve.curve_rows`."""
        rows = curve_rows(area, "pcr_r_other_images", self.r[:, :, inside], draw)
        return [row | {"parameter": f"{row['parameter']} of {self.stimuli}"} for row in rows]


def other_curve(found: Coordinates, target: Target, components: int) -> OtherCurve:
    """Score all units by the number of components of other images.

    Parameters
    ----------
    found : Coordinates
        Of the images of the recording, in any order.
    target : Target
    components : int
        That the training images of every split have.

    Raises
    ------
    Fault
        The recording has images without coordinates.
    """
    who = f"the recording {target.recording.name}"
    T = found.values[matched(target.recording.stimulus_id, found.stimulus_id, who, "the file of coordinates")]
    last = min(components, T.shape[1])
    counts = [count for count in COUNTS if count <= last]
    if not counts:
        lacking = "training images of a split" if T.shape[1] else f"responses to {found.stimuli}"
        logging.warning("No scores with components of %s: the %s have no components.", found.stimuli, lacking)
        return OtherCurve(np.empty((0, 0, len(target.recording.units))), last, found.stimuli)

    def of_part(part: Part) -> dict[str, np.ndarray]:
        Y = responses_to(target.recording, part.units, part.images)
        return {"r": np.array([scores_of_part(T[part.images, :count], Y, part.splits) for count in counts])}

    return OtherCurve(joined_parts(target.parts, of_part)["r"], last, found.stimuli)


def scores_of_part(T: np.ndarray, Y: np.ndarray, splits: Splits) -> np.ndarray:
    """r of least squares on all columns of T, (splits, units), for responses Y, (images, units)."""
    G, r = gram(T, device="cpu"), np.empty((len(splits), Y.shape[1]))
    for of_split, (train, test) in zip(r, splits, strict=True):
        fold = fold_of(G, train, test)
        for units in blocks_of(Y):
            of_split[units] = pearson(fit_pcr(fold, Y[train, units], T.shape[1]), Y[test, units])
    return r

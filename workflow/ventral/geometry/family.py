"""What a family of geometry metrics is: which stimulus sets allow it, and its rows for one layer."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from ventral.geometry.spectrum import Spectrum
from ventral.gram import Gram


@dataclass(frozen=True)
class Layer:
    """What is measured: the responses of one layer, or of one recorded area, to a stimulus set.

    Attributes
    ----------
    G : Gram of n distinct images
    spectrum : Spectrum of G
    table : DataFrame of n rows
        The stimulus table.
    thresholds : sequence of float
        Shares of the scenes' variance at which the subspace metrics are computed.
    seed : int
        For resamples, splits and controls, so that these are the same for every layer and model.
    """

    G: Gram
    spectrum: Spectrum
    table: pd.DataFrame
    thresholds: Sequence[float]
    seed: int


@dataclass(frozen=True)
class Family:
    """Metrics that are measured together. A module of `ventral.geometry` offers its family as `FAMILY`.

    Attributes
    ----------
    place : int
        The rows of families with a smaller place come first.
    applies : function of a stimulus table
        Whether the stimulus set allows the family.
    rows : function of a Layer
        Rows of the long table: metric, value, and optionally parameter, against, threshold, low, high, n.
    """

    place: int
    applies: Callable[[pd.DataFrame], bool]
    rows: Callable[[Layer], list[dict[str, object]]]

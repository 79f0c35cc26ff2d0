"""Every geometry metric that a stimulus set allows, as one long table."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd

from ventral.core.discover import discover
from ventral.core.errors import Fault
from ventral.core.threads import side_by_side
from ventral.geometry.distinct import distinct_images
from ventral.geometry.family import Layer
from ventral.geometry.spectrum import Spectrum, spectrum
from ventral.gram import Gram
from ventral.stimuli.design import independent

COLUMNS = ["metric", "parameter", "against", "threshold", "value", "low", "high", "n"]


def measure(G: Gram, table: pd.DataFrame, thresholds: Sequence[float], seed: int = 0) -> tuple[pd.DataFrame, Spectrum]:
    """Measure everything that a stimulus set allows.

    Dimensionality is measured for every set, factorization for each parameter that the set varies, classes if the
    images are independent and have labels, and equivariance if the images are augmented: every module of this package
    that offers a `FAMILY` is asked. Images with identical pixels count once (`ventral.geometry.distinct`).

    Parameters
    ----------
    G : Gram of n images
    table : DataFrame of n rows
        The stimulus table: `stimulus_id`, `scene`, `parameter`, `level`, `label`, the variables of the scenes, and
        optionally `content`, which is the same for identical pixels, and `pixel_curvature`
        (`ventral.geometry.straightening`).
    thresholds : sequence of float
        Shares of the scenes' variance at which the subspace metrics are computed.
    seed : int
        For resamples, splits and controls, so that these are the same for every layer and model.

    Returns
    -------
    rows : DataFrame
        Columns metric, parameter, against, threshold, value, low, high, n. `n` counts the images behind a value.
    whole : Spectrum
        The eigenspectrum of all images.

    Raises
    ------
    Fault
        The Gram and the table do not describe the same images in the same order.
    """
    if G.stimulus_id is not None and not np.array_equal(G.stimulus_id, table.stimulus_id):
        raise Fault("The Gram and the stimulus table list different images; delete the Gram and run again.")
    if len(G) != len(table):
        raise Fault(f"The Gram has {len(G)} images, but the stimulus table has {len(table)}.")
    kept = distinct_images(table, independent(table))
    if len(kept) < len(table):
        G, table = G.subset(kept), table.iloc[kept].reset_index(drop=True)
    layer = Layer(G, spectrum(G), table, thresholds, seed)
    families = sorted(discover("ventral.geometry", "FAMILY").values(), key=lambda family: family.place)
    of_families = side_by_side([partial(family.rows, layer) for family in families if family.applies(table)])
    rows = [row for found in of_families for row in found]
    return pd.DataFrame([{"parameter": "", "against": ""} | row for row in rows], columns=COLUMNS), layer.spectrum

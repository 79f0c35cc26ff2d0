"""Every geometry metric that a stimulus set allows, as one long table."""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from ventral.geometry.factorization import factorization
from ventral.geometry.spectrum import Spectrum, spectrum
from ventral.gram import Gram
from ventral.store import Fault

COLUMNS = ["metric", "parameter", "against", "threshold", "value", "low", "high", "n"]
WITH_THRESHOLD = ["factorization", "subspace_invariance", "n_components"]
WITHOUT_THRESHOLD = ["invariance", "covariance_factorization", "corrected_covariance_factorization"]
OF_SPECTRUM = ["effective_dimensionality", "components_80", "alpha"]
OF_INDEPENDENT_IMAGES = ["corrected_effective_dimensionality"]  # which images of one scene are not


def measure(G: Gram, table: pd.DataFrame, thresholds: Sequence[float]) -> tuple[pd.DataFrame, Spectrum]:
    """Measure the spectrum of all images, and the factorization of each parameter that the set varies.

    Parameters
    ----------
    G : Gram of n images
    table : DataFrame of n rows
        The stimulus table: `stimulus_id`, `scene`, `parameter`.
    thresholds : sequence of float
        Shares of the scenes' variance at which the subspace metrics are taken.

    Returns
    -------
    DataFrame
        Columns metric, parameter, against, threshold, value, low, high, n. `n` counts the images.
    Spectrum

    Raises
    ------
    Fault
        The Gram and the table do not describe the same images in the same order.
    """
    if G.stimulus_id is not None and not np.array_equal(G.stimulus_id, table.stimulus_id):
        raise Fault("The Gram and the stimulus table list different images; delete the Gram and run again.")
    whole = spectrum(G)
    parameters = [name for name in table.parameter.unique() if name]
    names = OF_SPECTRUM if parameters else OF_SPECTRUM + OF_INDEPENDENT_IMAGES
    rows = [{"metric": name, "value": getattr(whole, name), "n": len(G)} for name in names]
    for parameter in parameters:
        rows += factorization_rows(G, table, parameter, thresholds)
    return pd.DataFrame(rows, columns=COLUMNS), whole


def factorization_rows(
    G: Gram, table: pd.DataFrame, parameter: str, thresholds: Sequence[float]
) -> list[dict[str, object]]:
    """The factorization family of one parameter against the scenes; none where nothing varies."""
    index = np.flatnonzero(table.parameter == parameter)
    part, scenes = G.subset(index), table.scene.to_numpy()[index]
    row = {"parameter": parameter, "against": "scene", "n": len(index)}
    try:
        found = {threshold: factorization(part, scenes, threshold) for threshold in thresholds}
    except Fault as fault:
        logging.warning("%s: %s", parameter, fault)
        return []
    first = found[thresholds[0]]
    return [row | {"metric": name, "value": getattr(first, name)} for name in WITHOUT_THRESHOLD] + [
        row | {"metric": name, "threshold": threshold, "value": getattr(at, name)}
        for threshold, at in found.items()
        for name in WITH_THRESHOLD
    ]

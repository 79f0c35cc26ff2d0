"""Simulated IT: the category of the object, with tolerance to how it is shown.

The drive of a unit is the product of its selectivity and its tolerance::

    s(category) · e^{0.25 e(exemplar)} · Π_j exp(−(v_j − p_j)² / 2·3²)

s is drawn for each category from an exponential distribution, so a unit prefers a few categories. e is standard
normal and distinguishes the exemplars of a category. The v_j are three standardized scene variables: of pose, place,
size or light, never of background or color. p_j are the preferred values, and tuning is broad, with a standard
deviation of 3. A factor is left out if the stimulus table has no labels or no such variables.

Sources: Zoccolan et al., "Trade-off between object selectivity and tolerance in monkey inferotemporal cortex",
Journal of Neuroscience 27:12292 (2007); Hong et al., Nature Neuroscience 19:613 (2016), for place, size and pose.
"""

import numpy as np
import pandas as pd

from ventral.recordings.simulation.contents import Contents, of_labels, preferred, tolerance

VARIABLES = 3  # of each unit
TOLERANCE = 3.0  # standard deviations of a variable
OF_EXEMPLARS = 0.25  # standard deviation of the logarithm of their gains


def it_drives(contents: Contents, n: int, rng: np.random.Generator) -> tuple[np.ndarray, pd.DataFrame]:
    """Drives of units of IT, and their tuning.

    Parameters
    ----------
    contents : Contents
        What the images show.
    n : int
        Number of units.
    rng : Generator

    Returns
    -------
    drives : array of shape (units, images)
    units : DataFrame
        The label with the largest gain, how sparse gains are, and preferred values of scene variables, NaN where a unit
        has none.
    """
    gains = rng.exponential(size=(n, len(contents.labels)))
    wanted = preferred(contents.of_object, n, rng)
    order = rng.permuted(np.tile(np.arange(wanted.shape[1]), (n, 1)), axis=1)
    units = of_labels(gains, contents).join(wanted.where(order < VARIABLES))
    of_exemplars = np.exp(OF_EXEMPLARS * rng.standard_normal((n, contents.exemplar.max() + 1)))
    selectivity = gains[:, contents.label] * of_exemplars[:, contents.exemplar]
    return selectivity * tolerance(contents.of_object, units, TOLERANCE).T, units

"""Curvature of clips: the mean angle between successive steps of a clip's responses.

With d_t = x_{t+1} − x_t, the curvature is the mean angle between d_t and d_{t+1}. The inner products of steps are sums
of four entries of the Gram matrix.

Source: Hénaff, Goris & Simoncelli, Nature Neuroscience 22:984 (2019), Eq. 1.
"""

import numpy as np

from ventral.geometry.family import Family, Layer
from ventral.metrics import Method, Metric, Role

METRICS = (
    Metric(
        "curvature",
        "curvature",
        Role.GEOMETRY,
        "Mean angle between successive changes of a clip: small if the path of responses is straight.",
        Method(
            "Curvature",
            "Mean angle between successive steps of a clip’s responses.",
            "Hénaff et al., Nat Neurosci (2019).",
        ),
        (0, 180),
        unit="degrees",
    ),
)


def curvature_rows(layer: Layer) -> list[dict[str, object]]:
    """One row: the mean over clips."""
    angles = []
    for _, clip in layer.table.reset_index(drop=True).groupby("scene"):
        order = clip.sort_values("level").index.to_numpy()
        steps = np.diff(np.diff(layer.G.centered[np.ix_(order, order)], axis=0), axis=1)
        norms = np.sqrt(np.diag(steps))
        cosines = np.diag(steps, 1) / (norms[:-1] * norms[1:])
        angles.append(np.degrees(np.arccos(np.clip(cosines, -1, 1))).mean())
    return [{"metric": "curvature", "parameter": "time", "value": float(np.mean(angles)), "n": len(layer.table)}]


FAMILY = Family(9, lambda table: bool((table.parameter == "time").all()), curvature_rows)

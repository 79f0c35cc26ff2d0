"""Directness of clips: how far apart the first and the last response of a clip are, relative to the path between them.

Squared distances are sums of three entries of the Gram matrix: |x − y|² = x·x + y·y − 2 x·y.
"""

import numpy as np

from ventral.geometry.family import Family, Layer
from ventral.metrics import Method, Metric, Role

METRICS = (
    Metric(
        "directness",
        "directness",
        Role.GEOMETRY,
        "Distance between the first and the last response of a clip by the length of the path: 1 if it is straight.",
        Method("Directness", "Distance between the ends of a clip’s path of responses by the length of the path."),
        (0, 1),
    ),
)


def directness_rows(layer: Layer) -> list[dict[str, object]]:
    """One row: the mean over clips."""
    shares = []
    for _, clip in layer.table.reset_index(drop=True).groupby("scene"):
        order = clip.sort_values("level").index.to_numpy()
        K = layer.G.block(order)
        squares = np.diag(K)[:, None] + np.diag(K) - 2 * K
        shares.append(np.sqrt(squares[0, -1]) / np.sqrt(np.diag(squares, 1)).sum())
    return [{"metric": "directness", "parameter": "time", "value": float(np.mean(shares)), "n": len(layer.table)}]


FAMILY = Family(9, lambda table: bool((table.parameter == "time").all()), directness_rows)

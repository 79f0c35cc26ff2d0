"""Accuracy of a network's own classifier: is the class of an image among its best outputs?

The classifier is what the network gives at its end, with one output per class. These may be logits or probabilities,
which may be very small, so only outputs that are exactly equal tie. All outputs compete, also those of classes that no
image has. The images are prepared as the network's own preprocessing says.
"""

import numpy as np
import pandas as pd

from ventral.accuracy.class_names import outputs_of
from ventral.core.errors import Fault
from ventral.metrics import Method, Metric, Role
from ventral.statistics.proportion import wilson
from ventral.statistics.ties import credit

ACCURACY = Method(
    "Accuracy",
    "Shares of labeled images whose class has the largest output of the network’s own classifier (top 1), or one of "
    "the five largest (top 5), among all outputs, with Wilson’s 95 % interval over images. A network without one "
    "output per class has no value. The value of a network is repeated for each of its layers.",
)
METRICS = (
    Metric(
        "head_top_1",
        "top-1 accuracy",
        Role.ACCURACY,
        "Share of images that the network’s own classifier names correctly.",
        ACCURACY,
        (0, 1),
        heading="top 1",
    ),
    Metric(
        "head_top_5",
        "top-5 accuracy",
        Role.ACCURACY,
        "Share of images whose class is among the five best of the network’s own classifier.",
        ACCURACY,
        (0, 1),
        variant_of="head_top_1",
        heading="top 5",
    ),
)
COLUMNS = ["metric", "parameter", "against", "threshold", "value", "low", "high", "n", "head"]


def accuracy_table(scores: np.ndarray | None, outputs: np.ndarray, n_classes: int, head: str) -> pd.DataFrame:
    """One row per metric; top 5 only with more than five outputs.

    Parameters
    ----------
    scores : array of shape (n images, n_classes) or None
        None for a network without a classifier, whose values are missing.
    outputs : integer array of shape (n,)
        The output that belongs to each image, as `labeled_outputs` gives it.
    n_classes : int
    head : str
        What the network gives at its end, in words.
    """
    known = outputs >= 0
    rows = []
    for metric, top in zip(METRICS, (1, 5) if n_classes > 5 else (1,), strict=False):
        row = {"metric": metric.name, "parameter": "", "against": "", "n": 0, "head": head}
        if scores is not None:
            n = int(known.sum())
            share = float(credit(scores[known], outputs[known], top, tie=0).mean())
            low, high = wilson(share, n)
            row |= {"value": share, "low": low, "high": high, "n": n}
        rows.append(row)
    return pd.DataFrame(rows, columns=COLUMNS)


def labeled_outputs(labels: np.ndarray, names: list[tuple[str, ...]]) -> np.ndarray:
    """The output that belongs to each image, (n,); −1 for images without a label.

    Raises
    ------
    Fault
        No image has a label, or no output has the name of a label.
    """
    labels = np.asarray(labels).astype(str)
    if not (labels != "").any():
        raise Fault("No image has a label, so there is nothing that a classifier could name correctly.")
    found = outputs_of(labels[labels != ""], names) | {"": -1}
    return np.array([found[label] for label in labels])

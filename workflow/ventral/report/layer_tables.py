"""Tables of each model's deepest layer: classes and augmentations."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ventral.catalog import MODULES
from ventral.figures.rows import deepest, placed
from ventral.report.sortable import TRAINING, Cell, Table, figure, interval, model_name, text, training

CLASSES, PROBE, MANIFOLDS, BETWEEN, CAPACITY, EQUIVARIANCE = (
    MODULES[f"geometry.{name}"]
    for name in (
        "few_shot",
        "linear_probe",
        "manifold_rows",
        "class_covariances",
        "manifold_capacity",
        "augmentation_geometry",
    )
)
WITH_INTERVALS = (*PROBE, *MANIFOLDS, *BETWEEN, *CAPACITY)
Column = tuple[str, str, str, str]  # metric, parameter, heading, explanation


def layer_tables(summary: dict[str, pd.DataFrame]) -> list[Table]:
    """One table per stimulus set and topic, for the sets in which the topic was measured."""
    geometry = summary["geometry"]
    labeled = geometry.stimuli[geometry.metric == "top_1_floor"].unique()
    augmented = geometry.stimuli[geometry.metric.isin([metric.name for metric in EQUIVARIANCE])].unique()
    decoded = geometry.stimuli[geometry.metric == "decoding_r"].unique()
    return [
        *(class_table(summary, stimuli) for stimuli in labeled),
        *(equivariance_table(summary, stimuli) for stimuli in augmented),
        *(decoding_table(summary, stimuli) for stimuli in decoded),
    ]


def class_table(summary: dict[str, pd.DataFrame], stimuli: str) -> Table:
    """Few-shot accuracy, the linear probe, and the geometry of class manifolds."""
    geometry = summary["geometry"][summary["geometry"].stimuli == stimuli]
    chance = geometry.value[geometry.metric == "top_1_floor"].iloc[0]
    columns = [
        (metric.name, shots, f"{metric.heading} {shots}".strip(), metric.text)
        for metric in (*CLASSES, *WITH_INTERVALS)
        for shots in geometry.parameter[geometry.metric == metric.name].unique()
        if metric.heading
    ]
    ranged = [column for column in columns if column[0] in {metric.name for metric in WITH_INTERVALS}]
    return Table(
        f"classes-{stimuli}",
        f"Class geometry of the deepest layers on {stimuli}",
        f"Accuracy of three linear read-outs that learn {round(1 / chance)} classes from a few images each, as means "
        f"over draws (chance {chance:.2f}); accuracy of a linear probe on held-out images, with its 95 % interval; and "
        f"geometry of the classes, as means over classes or pairs of them with 95 % intervals over classes.",
        *by_model(summary, stimuli, columns, ranged),
    )


def equivariance_table(summary: dict[str, pd.DataFrame], stimuli: str) -> Table:
    """Three comparisons of the covariances that augmentations cause."""
    columns = [(metric.name, "", metric.heading, metric.text) for metric in EQUIVARIANCE]
    return Table(
        f"equivariance-{stimuli}",
        f"Equivariance of the deepest layers on {stimuli}",
        "Comparisons of two covariances of unit trace. The cosine from unbiased products is 1 for the same shape and 0 "
        "if no axis is shared. The Bures distance is 0 for the same shape and 1.41 if no axis is shared. It is too "
        "large in small samples and should be compared with its floor, the distance between two halves of one sample. "
        "95 % intervals of distances are over source images; those of cosines are over images and draws, and are cut "
        "to the possible range.",
        *by_model(summary, stimuli, columns, columns),
    )


def decoding_table(summary: dict[str, pd.DataFrame], stimuli: str) -> Table:
    """How well each augmentation parameter can be decoded."""
    geometry = summary["geometry"]
    chosen = (geometry.metric == "decoding_r") & (geometry.stimuli == stimuli)
    columns = [("decoding_r", name, name.replace("_", " "), "") for name in geometry.parameter[chosen].unique()]
    return Table(
        f"decoding-{stimuli}",
        f"Augmentations decoded from the deepest layers on {stimuli}",
        "Correlation between each augmentation parameter and its prediction by a ridge regression from the responses "
        "to the clean and the augmented image. It covers images and draws that the regression was not fitted to, and "
        "augmentations in which the operation was applied. Intervals and R² are in geometry.csv.",
        *by_model(summary, stimuli, columns, []),
    )


def by_model(
    summary: dict[str, pd.DataFrame], stimuli: str, columns: Sequence[Column], ranged: Sequence[Column]
) -> tuple[list[tuple[str, str]], list[list[Cell]]]:
    """Headings and one row per model, without empty columns; columns in `ranged` have intervals."""
    values = deepest(placed(summary, summary["geometry"].stimuli == stimuli))
    values = values.set_index(["metric", "parameter", "model"])
    known = {key[:2] for key in values.index}
    columns = [column for column in columns if column[:2] in known]
    rows = [
        [model_name(row.model, row.baseline), training(row.kind), text(row.layer)]
        + [cell(values, (*column[:2], row.model), column in ranged) for column in columns]
        for row in summary["layers"].drop_duplicates("model", keep="last").itertuples()
    ]
    return [("model", ""), TRAINING, ("layer", ""), *(column[2:] for column in columns)], rows if columns else []


def cell(values: pd.DataFrame, key: tuple[str, str, str], ranged: bool) -> Cell:
    """One value, or a dash."""
    if key not in values.index:
        return figure(np.nan)
    return interval(values.loc[key]) if ranged else figure(float(values.value[key]))

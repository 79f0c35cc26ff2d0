"""Table of each network's accuracy: that of its own classifier, and that of a linear probe of its deepest layer."""

import pandas as pd

from ventral.accuracy.head_accuracy import METRICS
from ventral.catalog import record
from ventral.figures.rows import deepest, placed
from ventral.report.sortable import TRAINING, Cell, Table, interval, model_name, text, training

PROBE = "linear_probe_top_1"
MISSING = pd.Series({"value": float("nan"), "low": float("nan"), "high": float("nan")})


def accuracy_table(summary: dict[str, pd.DataFrame]) -> Table:
    """One row per model; no rows if the study names no images to be classified."""
    accuracy = summary.get("accuracy", pd.DataFrame(columns=["stimuli", "model", "metric", "head"]))
    known = accuracy.set_index(["metric", "model"])
    columns = [metric for metric in METRICS if metric.name in accuracy.metric.unique()]
    probed = (summary["geometry"].metric == PROBE) & summary["geometry"].stimuli.isin(accuracy.stimuli)
    probes = deepest(placed(summary, probed)).set_index("model")
    heads = accuracy.drop_duplicates("model").set_index("model")["head"]
    rows = [
        [model_name(row.model, row.baseline), training(row.kind)]
        + [interval(known.loc[metric.name, row.model]) for metric in columns]
        + [_probe(probes, row.model), text(heads[row.model])]
        for row in summary["layers"].drop_duplicates("model", keep="last").itertuples()
        if row.model in heads.index
    ]
    return Table(
        "accuracy",
        f"Accuracy on {', '.join(accuracy.stimuli.unique())}",
        "The share of images that each network’s own classifier names correctly, and the share of held-out images that "
        "a linear probe of its deepest layer names correctly, with 95 % intervals over images. The classifier chooses "
        "among all of its classes, the probe among those of the images.",
        [("model", ""), TRAINING]
        + [(metric.heading, metric.text) for metric in columns]
        + [(record(PROBE).heading, record(PROBE).text), ("output", "what the network gives at its end")],
        rows,
    )


def _probe(probes: pd.DataFrame, model: str) -> Cell:
    """The probe of a model's deepest layer, or a dash."""
    return interval(probes.loc[model] if model in probes.index else MISSING)

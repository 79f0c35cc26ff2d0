"""Tables of predictivity: the best layers, all scores, and their relations to geometry."""

import numpy as np
import pandas as pd

from ventral.catalog import record
from ventral.figures.labels import BEHAVIOR, HEADLINE, areas, quantity_label, resampled, scores
from ventral.metrics import Metric
from ventral.report.sortable import TRAINING, Cell, Table, figure, interval, model_name, text, training

CEILED = "ridge_r^2/c"
MODEL = [("model", ""), TRAINING, ("layer", "")]
MOST = 200  # largest number of relations on the page


def best_layers(summary: dict[str, pd.DataFrame]) -> Table:
    """The layer of each model that predicts an area best."""
    rows = []
    place = summary["layers"][["model", "layer", "depth", "baseline"]]
    for area in areas(summary["predictivity"], [HEADLINE]).itertuples():
        found = scores(summary["predictivity"], area.recording, area.area, HEADLINE).dropna(subset="value")
        ceiled = scores(summary["predictivity"], area.recording, area.area, CEILED).set_index(["model", "layer"]).value
        found = found.loc[found.groupby("model", sort=False).value.idxmax()]
        for row in found.merge(place, on=["model", "layer"]).sort_values("value", ascending=False).itertuples():
            over_ceiling = float(ceiled.get((row.model, row.layer), np.nan))
            rows.append(
                [
                    text(area.label),
                    model_name(row.model, row.baseline),
                    training(row.kind),
                    text(row.layer),
                    figure(row.depth),
                    interval(row),
                    figure(over_ceiling),
                    Cell(f"{int(row.n):,}", int(row.n)),
                ]
            )
    return Table(
        "best-layers",
        "Best layer of each model",
        "The layer with the highest r, which is slightly too high as the highest of many; predictivity.csv has all.",
        [
            ("area", ""),
            *MODEL,
            ("depth", "0 is the network's first layer, 1 its last"),
            (record(HEADLINE).heading, record(HEADLINE).text),
            (record(CEILED).heading, record(CEILED).text),
            ("units", ""),
        ],
        rows,
    )


def all_scores(summary: dict[str, pd.DataFrame]) -> Table:
    """Every score of every layer, sorted by ridge."""
    shown, rows = scores_of(summary, HEADLINE)
    return Table(
        "scores",
        "Every score of every layer",
        "Encoding models, controls, and the alignment of the layer with all units of an area. The intervals of all "
        "scores are in predictivity.csv.",
        [("area", ""), *MODEL, *((metric.heading, metric.text) for metric in shown)],
        rows if len(shown) > 1 else [],
    )


def observed_choices(summary: dict[str, pd.DataFrame]) -> Table:
    """Every score of every layer as a predictor of observers' choices, the best layer first."""
    shown, rows = scores_of(summary, BEHAVIOR)
    return Table(
        "behavior",
        "Observers’ choices",
        "A read-out of each layer learns the objects from other images and chooses between the object of an image and "
        "a distractor. 95 % intervals over images.",
        [("recording", ""), *MODEL, *((metric.heading, metric.text) for metric in shown)],
        rows,
    )


def scores_of(summary: dict[str, pd.DataFrame], headline: str) -> tuple[list[Metric], list[list[Cell]]]:
    """The headline score and all others with a heading, and one row per area and layer, sorted by the headline."""
    table, rows = summary["predictivity"], []
    table = table[table.recording.isin(table.recording[table.metric == headline])]
    measured = [metric for metric in map(record, table.metric.unique()) if metric.heading and metric.name != headline]
    known = table.set_index(["recording", "area", "model", "layer", "metric"]).value
    baseline = summary["layers"].groupby("model").baseline.any()
    for area in areas(table, [headline]).itertuples():
        for row in (
            scores(table, area.recording, area.area, headline).sort_values("value", ascending=False).itertuples()
        ):
            key = (area.recording, area.area, row.model, row.layer)
            values = [figure(float(known.get((*key, metric.name), np.nan))) for metric in measured]
            model = model_name(row.model, baseline[row.model])
            rows.append([text(area.label), model, training(row.kind), text(row.layer), interval(row), *values])
    return [record(headline), *measured], rows


def relations(summary: dict[str, pd.DataFrame]) -> Table:
    """Correlations of geometry with predictivity, Pearson and Spearman."""
    table = summary["relations"]
    table = table[table.metric.isin([HEADLINE, BEHAVIOR])]
    labels = {(area.recording, area.area): area.label for area in areas(summary["predictivity"]).itertuples()}
    keys = ["across", "geometry", "scale", "recording", "area"]
    counts = ["n", "models", *(["families"] if (table.families < table.models).any() else [])]
    rows = []
    for key, pair in table.groupby(keys, sort=False):
        across, geometry, scale, recording, area = key
        both = pair.set_index("statistic")
        rows.append(
            [
                *map(text, (labels[recording, area], quantity_label(geometry, scale), across)),
                interval(both.loc["pearson"]),
                interval(both.loc["spearman"]),
                *(Cell(f"{int(pair[key].iloc[0]):,}", int(pair[key].iloc[0])) for key in counts),
            ]
        )
    rows = sorted((row for row in rows if np.isfinite(row[3].value)), key=lambda row: -abs(row[3].value))
    of_all = f" These are the first {MOST:,} of {len(rows):,}; relations.csv has all." if len(rows) > MOST else ""
    return Table(
        "relations",
        "Relations between geometry and predictivity",
        f"Correlations with r, strongest first, with 95 % intervals from 1,000 resamples of {resampled(table)}. "
        "Baselines, controls and pairs of parameters are left out. So are correlations that are undefined because a "
        f"quantity does not vary, or because fewer than four {'families' if 'families' in counts else 'networks'} have "
        f"it. Among many intervals, some exclude 0 by chance.{of_all}",
        [
            ("area", ""),
            ("geometry", ""),
            ("across", "all layers; each model's best layer; or the mean of its last layers"),
            ("Pearson", ""),
            ("Spearman", ""),
            ("points", ""),
            ("networks", ""),
            ("families", "networks of one entry of training are one family"),
        ][: 5 + len(counts)],
        rows[:MOST],
    )

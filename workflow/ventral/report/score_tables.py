"""Tables of predictivity: the best layers, all scores, and their relations to geometry."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ventral.across_models.associations import CHOICES
from ventral.catalog import BEHAVIOR, DISTANCES, HEADLINE, HEADLINES, record
from ventral.figures.labels import area_label, areas, left_out, number, quantity_label, scores, with_interval
from ventral.metrics import Metric
from ventral.report.sortable import TRAINING, Cell, Table, figure, interval, model_name, text, training

CEILED = "ridge_r^2/c"
MODEL = [("model", ""), TRAINING, ("layer", "")]
MOST_TOLD = 4  # areas whose best layers are told in a sentence
MOST = 200  # largest number of relations on the page


def best_layers(summary: dict[str, pd.DataFrame]) -> Table:
    """The layer of each model that predicts an area best."""
    shown = areas(summary["predictivity"], [HEADLINE]).itertuples()
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
        [row for area in shown for row in best_of_area(summary, area.recording, area.area, area.label)],
    )


def best_of_kinds(summary: dict[str, pd.DataFrame]) -> Table:
    """The best layer of each area among models that were trained in the same way; no rows if all were."""
    kinds = list(dict.fromkeys(summary["layers"].kind))
    rows = []
    for area in areas(summary["predictivity"]).itertuples():
        measured = scores(summary["predictivity"], area.recording, area.area, area.metric).dropna(subset="value")
        best = measured.loc[measured.groupby("kind", sort=False).value.idxmax()].set_index("kind")
        rows.append([text(area.label), *(leader(best.loc[kind]) if kind in best.index else text("") for kind in kinds)])
    return Table(
        "leaders",
        "Which models predict best",
        "The best layer of the models of each kind in each area, with a 95 % interval. As the highest of many, it is "
        "slightly too high. Two layers may differ reliably even if their intervals overlap; paired.csv compares them.",
        [("area", ""), *((training(kind).text, "the best layer of these models") for kind in kinds)],
        rows if len(kinds) > 1 else [],
    )


def best_in_words(leaders: Table) -> str:
    """The scores of `best_of_kinds`, the highest of each area first; "" if there are none, or too many areas."""
    if not 0 < len(leaders.rows) <= MOST_TOLD:
        return ""
    areas = []
    for area, *cells in leaders.rows:
        found = [(cell.value, kind) for (kind, _), cell in zip(leaders.columns[1:], cells, strict=True) if cell.numeric]
        told = [f"{kind} {number(score, 2)}" for score, kind in sorted(found, reverse=True)]
        areas.append(f"{area.text}: {', '.join(told)}")
    return f"Best layers by kind of training: {'; '.join(areas)}."


def leader(row: pd.Series) -> Cell:
    """A score with its interval and the layer that reaches it, sorted by the score."""
    return Cell(f"{with_interval(row.value, row.low, row.high)} {row.model}, {row.layer}", float(row.value))


def best_of_area(summary: dict[str, pd.DataFrame], recording: str, area: str, label: str) -> Iterator[list[Cell]]:
    """The best layer of each model for one area, the best model first."""
    table, place = summary["predictivity"], summary["layers"][["model", "layer", "depth", "baseline"]]
    of_layers = scores(table, recording, area, HEADLINE).dropna(subset="value")
    best = of_layers.loc[of_layers.groupby("model", sort=False).value.idxmax()]
    ceiled = scores(table, recording, area, CEILED).set_index(["model", "layer"]).value
    for row in best.merge(place, on=["model", "layer"]).sort_values("value", ascending=False).itertuples():
        yield [
            text(label),
            model_name(row.model, row.baseline),
            training(row.kind),
            text(row.layer),
            figure(row.depth),
            interval(row),
            figure(float(ceiled.get((row.model, row.layer), np.nan))),
            Cell(f"{int(row.n):,}", int(row.n)),
        ]


def all_scores(summary: dict[str, pd.DataFrame]) -> Table:
    """Every score of every layer, sorted by ridge."""
    shown, rows = scores_of(summary, HEADLINE)
    return Table(
        "scores",
        "Every score of every layer",
        "Encoding models, controls, and the alignment of the layer with all units of an area. The intervals of all "
        "scores are in predictivity.csv.",
        score_columns("area", shown),
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
        score_columns("recording", shown),
        rows,
    )


def observed_distances(summary: dict[str, pd.DataFrame]) -> Table:
    """Every score of every layer with the distances of observers or areas, the best layer first."""
    shown, rows = scores_of(summary, DISTANCES)
    return Table(
        "distances",
        "Distances of observers",
        "Spearman’s correlation between the distances of a layer and those of an observer, averaged over observers. A "
        "perfect model lies between both bounds of the noise ceiling. 95 % intervals over observers and "
        "images.",
        score_columns("area", shown),
        rows,
    )


def score_columns(first: str, shown: list[Metric]) -> list[tuple[str, str]]:
    """Headings of a table of layers and their scores, and what the headings mean."""
    return [(first, ""), *MODEL, *((metric.heading, metric.text) for metric in shown)]


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
    """Correlations of geometry with predictivity, and what remains of them given kinds and all else that is known."""
    table = summary["relations"]
    table = table[table.metric.isin(HEADLINES) & (table.within == "") & table.across.isin(CHOICES)]
    counts = ["n", "models", *(["families"] if (table.families < table.models).any() else [])]
    rows = [row for row in related_rows(table, counts) if np.isfinite(row[3].value)]
    rows.sort(key=lambda row: -abs(row[3].value))
    of_all = f" These are the first {MOST:,} of {len(rows):,}; relations.csv has all." if len(rows) > MOST else ""
    return Table(
        "relations",
        "Relations between geometry and predictivity",
        "Correlations with r, strongest first, with 95 % intervals from a jackknife that leaves out "
        f"{left_out(table)} at a time. Baselines, controls and pairs of parameters are left out. So are correlations "
        "that are undefined because a quantity does not vary, or because fewer than four "
        f"{'families' if 'families' in counts else 'networks'} have it.{of_all}",
        [
            ("area", ""),
            ("geometry", ""),
            ("across", "all layers; each model's best layer; or the mean of its last layers"),
            ("Pearson", ""),
            ("Spearman", ""),
            ("q", "false discovery rate of Pearson's correlation, of those that are separate questions"),
            ("given kind", "Pearson's correlation with the means of each kind of training removed"),
            ("given all", "Pearson's correlation given kind, depth, size and accuracy, as far as they are known"),
            ("points", ""),
            ("networks", ""),
            ("families", "networks of one entry of training are one family"),
        ][: 8 + len(counts)],
        rows[:MOST],
    )


def related_rows(table: pd.DataFrame, counts: Sequence[str]) -> Iterator[list[Cell]]:
    """Both correlations of each pair of quantities, what remains of it, and the numbers of points behind it."""
    pairs: dict[tuple, dict[tuple[str, str], Any]] = {}
    for row in table.itertuples():
        key = (row.across, row.geometry, row.scale, row.recording, row.area, row.simulated)
        pairs.setdefault(key, {})[row.statistic, row.given] = row
    for (across, geometry, scale, *area), found in pairs.items():
        pearson = {given: row for (statistic, given), row in found.items() if statistic == "pearson"}
        everything = max((given for given in pearson if "kind" in given), key=len, default="")
        plain = pearson[""]
        yield [
            *map(text, (area_label(*area), quantity_label(geometry, scale), across)),
            interval(plain),
            interval(found["spearman", ""]),
            Cell("< 0.001" if plain.q < 0.001 else number(plain.q, 3), float(plain.q)),
            *(interval(pearson[given]) if given in pearson else text("") for given in ("kind", everything)),
            *(Cell(f"{count:,}", count) for count in (int(getattr(plain, name)) for name in counts)),
        ]

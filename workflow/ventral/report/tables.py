"""The tables of the page: the part of the summary that a reader looks up."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from ventral.figures.parameters import values
from ventral.figures.spectra import chosen_stimuli
from ventral.figures.words import (
    BEHAVIOUR,
    HEADLINE,
    area_label,
    areas,
    number,
    quantity_label,
    resampled,
    scores,
    with_interval,
)
from ventral.summary.layers import at_threshold

CEILED = "ridge_r^2/c"
OVER_CEILING = "over the reliability c of the scored responses: 1 for a perfect model, whose r/c and (r/c)² pass 1"
SPECTRAL = {
    "effective_dimensionality": "ED",
    "corrected_effective_dimensionality": "corrected ED",
    "whitened_effective_dimensionality": "whitened ED",
    "intrinsic_dimension": "intrinsic dimension",
    "components_80": "components for 80 %",
    "alpha": "α",
}
SCORES = {
    CEILED: ("r²/c", OVER_CEILING),
    "rsa": ("RSA", "Spearman between Pearson distances"),
    "rsa_ceiling_lower": ("RSA ceiling ≥", "lower bound of what the true responses reach, from halves of the trials"),
    "rsa_ceiling_upper": ("RSA ceiling ≤", "upper bound of the same"),
    "ridge_r_shuffled": ("r, shuffled", "control: the responses belong to other images"),
    "ridge_r_unit_shuffled": (
        "r, other unit",
        "control: each unit's prediction against another unit of the area, if there is one",
    ),
    "pls_r": ("PLS r", "partial least squares, 25 components"),
    "pcr300_r": ("PCR-300 r", "least squares on 300 components, or as many as there are"),
    "pcr1000_r": ("PCR-1000 r", "least squares on 1,000 components, or as many as there are"),
    "ridge_R2": ("R²", "of ridge, median over units; negative where the mean would predict better"),
    "debiased_cka": ("CKA", "from unbiased products"),
}
OF_CHOICES = {
    "i2n/sqrt(c)": ("i2n/√c", "over the square root of the observers' split-half reliability c"),
    "i2n_ceiling": ("c of i2n", "split-half reliability of the observers"),
    "i2n_shuffled": ("i2n, shuffled", "control: the layer's choices belong to other images of the same object"),
    "i1": ("i1", "the same over images, against all distractors"),
    "i1/sqrt(c)": ("i1/√c", "over the square root of c"),
    "i1_ceiling": ("c of i1", "split-half reliability of the observers"),
    "i1_shuffled": ("i1, shuffled", "control, in which objects keep their differences"),
    "read_out_accuracy": ("read-out", "share of held-out images whose object the read-out names"),
}
MOST = 200  # relations that a page shows
OF_AREAS = {
    "effective_dimensionality": "ED",
    "corrected_effective_dimensionality": "corrected ED",
    "invariance": "invariance",
    "factorization": "factorization",
    "covariance_factorization": "covariance factorization",
    "corrected_covariance_factorization": "corrected covariance factorization",
    "object_decoding": "object decoding",
    "object_decoding_rotated": "object decoding, factorization reduced",
}


@dataclass(frozen=True)
class Cell:
    """What is shown, and by what a column is sorted."""

    text: str
    value: float | str

    @property
    def numeric(self) -> bool:
        """Whether the cell holds a number."""
        return not isinstance(self.value, str)


@dataclass(frozen=True)
class Table:
    """One table of the page; `columns` are pairs of heading and explanation."""

    id: str
    heading: str
    note: str
    columns: list[tuple[str, str]]
    rows: list[list[Cell]] = field(repr=False)


def all_tables(summary: dict[str, pd.DataFrame]) -> list[Table]:
    """Every table of the page, also those without rows."""
    return [
        best_layers(summary),
        all_scores(summary),
        behaviour(summary),
        relations(summary),
        deepest_layers(summary),
        recorded_areas(summary),
        spectral(summary),
    ]


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
                    *map(text, (area.label, row.model + (" (baseline)" if row.baseline else ""), row.layer)),
                    figure(row.depth),
                    interval(row),
                    figure(over_ceiling),
                    Cell(f"{int(row.n):,}", int(row.n)),
                ]
            )
    return Table(
        "best-layers",
        "Best layer of each model",
        "The layer with the highest r, which is a little too high for being the highest; predictivity.csv holds all.",
        [
            ("area", ""),
            ("model", ""),
            ("layer", ""),
            ("depth", "0 is the network's first layer, 1 its last"),
            ("r", "held-out correlation, median over units, with its 95 % interval over units"),
            ("r²/c", OVER_CEILING),
            ("units", ""),
        ],
        rows,
    )


def all_scores(summary: dict[str, pd.DataFrame]) -> Table:
    """Every score of every layer, the best by ridge first."""
    shown, rows = scores_of(summary, HEADLINE, SCORES)
    return Table(
        "scores",
        "Every score of every layer",
        "Encoding models, controls, and the alignment of layer and area as wholes; predictivity.csv holds the "
        "intervals of all of them.",
        [("area", ""), ("model", ""), ("layer", ""), ("r", "ridge, with its 95 % interval over units")]
        + [SCORES[metric] for metric in shown],
        rows if shown else [],
    )


def behaviour(summary: dict[str, pd.DataFrame]) -> Table:
    """Every score of every layer as a predictor of observers' choices, the best first."""
    shown, rows = scores_of(summary, BEHAVIOUR, OF_CHOICES)
    return Table(
        "behaviour",
        "Observers’ choices",
        "A read-out of each layer learns the objects from other images and chooses between the object of an image and "
        "a distractor. 95 % intervals over images.",
        [
            ("recording", ""),
            ("model", ""),
            ("layer", ""),
            ("i2n", "correlation of sensitivities d′ over images and distractors, means of objects taken out"),
        ]
        + [OF_CHOICES[metric] for metric in shown],
        rows,
    )


def scores_of(
    summary: dict[str, pd.DataFrame], headline: str, others: dict[str, tuple[str, str]]
) -> tuple[list[str], list[list[Cell]]]:
    """Those of the other scores that are there, and a row per area and layer, sorted by the headline."""
    table, rows = summary["predictivity"], []
    shown = [metric for metric in others if metric in {*table.metric}]
    known = table.set_index(["recording", "area", "model", "layer", "metric"]).value
    baseline = summary["layers"].groupby("model").baseline.any()
    for area in areas(table, [headline]).itertuples():
        for row in (
            scores(table, area.recording, area.area, headline).sort_values("value", ascending=False).itertuples()
        ):
            key = (area.recording, area.area, row.model, row.layer)
            model = row.model + (" (baseline)" if baseline[row.model] else "")
            values = [figure(float(known.get((*key, metric), np.nan))) for metric in shown]
            rows.append([*map(text, (area.label, model, row.layer)), interval(row), *values])
    return shown, rows


def relations(summary: dict[str, pd.DataFrame]) -> Table:
    """Geometry against predictivity, Pearson beside Spearman."""
    table = summary["relations"]
    table = table[table.metric.isin([HEADLINE, BEHAVIOUR])]
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
    of_all = f" The first {MOST:,} of {len(rows):,}; relations.csv holds all." if len(rows) > MOST else ""
    return Table(
        "relations",
        "Relations between geometry and predictivity",
        f"Correlations with r, strongest first; 95 % intervals from 1,000 resamples of {resampled(table)}. Left out "
        "are baselines, controls, pairs of parameters, and what is not defined because a quantity does not vary or "
        f"fewer than four {'families' if 'families' in counts else 'networks'} have it. Of many intervals some exclude "
        f"0 by chance.{of_all}",
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


def deepest_layers(summary: dict[str, pd.DataFrame]) -> Table:
    """Factorization and invariance of each parameter in each model's deepest layer."""
    found = pd.concat([values(summary, metric) for metric in ("factorization", "invariance")])
    found = (
        found.sort_values("position", kind="stable")
        .groupby(["stimuli", "parameter", "metric", "model"], sort=False)
        .last()
    )
    columns = list(dict.fromkeys(key[:3] for key in found.index))
    columns.sort(key=lambda key: key[2])
    models = summary["layers"].drop_duplicates("model", keep="last")
    several = len({key[0] for key in columns}) > 1
    rows = [
        [text(row.model + (" (baseline)" if row.baseline else "")), text(row.layer)]
        + [figure(float(found.value.get((*key, row.model), np.nan))) for key in columns]
        for row in models.itertuples()
    ]
    return Table(
        "deepest-layers",
        "Factorization and invariance of the deepest layers",
        "Factorization (F) at the threshold of the figure, and invariance (I), of each scene parameter.",
        [("model", ""), ("layer", "")]
        + [(f"{key[2][0].upper()} {key[1]}" + (f" ({key[0]})" if several else ""), key[2]) for key in columns],
        rows if columns else [],
    )


def recorded_areas(summary: dict[str, pd.DataFrame]) -> Table:
    """Geometry of each recorded area, of the means over trials and without their noise."""
    table = summary["areas"]
    table = table[at_threshold(table) & table.against.isin(["", "scene"])]
    rows = []
    for (recording, area, simulated), part in table.groupby(["recording", "area", "simulated"], sort=False):
        named = {(row.metric, row.parameter): row for row in part.itertuples()}
        for metric, label in OF_AREAS.items():
            for parameter in part.parameter[part.metric == metric]:
                found, crossed = (named.get((metric + ending, parameter)) for ending in ("", "_crossed"))
                words = f"{label} for {parameter}" if parameter else label
                rows.append(
                    [
                        *map(text, (area_label(recording, area, simulated), words)),
                        interval(found),
                        figure(np.nan) if crossed is None else interval(crossed),
                        Cell(f"{int(found.n):,}", int(found.n)),
                    ]
                )
    return Table(
        "recorded-areas",
        "Geometry of the recordings",
        "Of the means over trials, and with the noise of trials taken out by crossing two halves of them; a dash "
        "where there are no trials, or the crossed quantity is not defined. Object decoding is the accuracy of a "
        "linear decoder on held-out images, before and after what varies within objects is rotated onto the axes "
        "between objects. 95 % intervals over scenes (invariance and factorization) or images.",
        [
            ("area", ""),
            ("quantity", ""),
            ("of means", "trial means, noise included"),
            ("noise taken out", ""),
            ("images", ""),
        ],
        rows,
    )


def spectral(summary: dict[str, pd.DataFrame]) -> Table:
    """Dimensionality of every layer, beside how well it predicts."""
    stimuli, layers = chosen_stimuli(summary), summary["layers"]
    shown = {f"{metric}@{stimuli}": label for metric, label in SPECTRAL.items() if f"{metric}@{stimuli}" in layers}
    predicted = {
        f"{area.metric}@{area.recording}/{area.area}": f"{'r' if area.metric == HEADLINE else area.metric} {area.label}"
        for area in areas(summary["predictivity"]).itertuples()
    }
    rows = [
        [text(row["model"] + (" (baseline)" if row["baseline"] else "")), text(row["layer"]), figure(row["depth"])]
        + [figure(row[column], 0 if column.startswith("components") else 2) for column in shown]
        + [figure(row[column]) for column in predicted]
        for row in layers.to_dict("records")
    ]
    return Table(
        "layers",
        "Every layer",
        f"Dimensionality on the images of {stimuli}: ED is (Σλ)²/Σλ²; corrected for the number of images; and of half "
        f"the images after whitening by the others. The intrinsic dimension is TwoNN’s; α is the exponent of the "
        f"spectrum’s power law. Held-out r in each area.",
        [("model", ""), ("layer", ""), ("depth", "0 is the network's first layer, 1 its last")]
        + [(label, "") for label in (*shown.values(), *predicted.values())],
        rows if shown else [],
    )


def text(words: str) -> Cell:
    """A cell of words."""
    return Cell(words, words)


def figure(value: float, digits: int = 2) -> Cell:
    """A cell of one number."""
    return Cell(number(value, digits), float(value))


def interval(row) -> Cell:
    """A cell of a value with its interval, sorted by the value."""
    return Cell(with_interval(row.value, row.low, row.high), float(row.value))

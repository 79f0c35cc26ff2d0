"""Tables of geometry: the deepest layers, recorded areas, and the dimensionality of every layer."""

import numpy as np
import pandas as pd

from ventral.figures.parameters import values
from ventral.figures.spectra import chosen_stimuli
from ventral.figures.words import HEADLINE, area_label, areas
from ventral.report.sortable import Cell, Table, figure, interval, model_name, text
from ventral.summary.layers import at_threshold

SPECTRAL = {
    "effective_dimensionality": "ED",
    "corrected_effective_dimensionality": "corrected ED",
    "whitened_effective_dimensionality": "whitened ED",
    "intrinsic_dimension": "intrinsic dimension",
    "components_80": "components for 80 %",
    "alpha": "α",
}
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
        [model_name(row.model, row.baseline), text(row.layer)]
        + [figure(float(found.value.get((*key, row.model), np.nan))) for key in columns]
        for row in models.itertuples()
    ]
    return Table(
        "deepest-layers",
        "Factorization and invariance of the deepest layers",
        "Factorization (F), at the threshold of the figure, and invariance (I) of each scene parameter.",
        [("model", ""), ("layer", "")]
        + [(f"{key[2][0].upper()} {key[1]}" + (f" ({key[0]})" if several else ""), key[2]) for key in columns],
        rows if columns else [],
    )


def recorded_areas(summary: dict[str, pd.DataFrame]) -> Table:
    """Geometry of each recorded area, from the means over trials and without their noise."""
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
        "From the means over trials, and without the noise of trials, from inner products across two halves of them. A "
        "dash means that there are no trials or that the quantity is undefined without noise. Object decoding is the "
        "accuracy of a linear decoder on held-out images, before and after the variance within objects is rotated onto "
        "the axes between objects. 95 % intervals are over scenes (invariance and factorization) or images.",
        [
            ("area", ""),
            ("quantity", ""),
            ("of means", "means over trials, including noise"),
            ("without noise", ""),
            ("images", ""),
        ],
        rows,
    )


def spectral(summary: dict[str, pd.DataFrame]) -> Table:
    """Dimensionality and predictivity of every layer."""
    stimuli, layers = chosen_stimuli(summary), summary["layers"]
    shown = {f"{metric}@{stimuli}": label for metric, label in SPECTRAL.items() if f"{metric}@{stimuli}" in layers}
    predicted = {
        f"{area.metric}@{area.recording}/{area.area}": f"{'r' if area.metric == HEADLINE else area.metric} {area.label}"
        for area in areas(summary["predictivity"]).itertuples()
    }
    rows = [
        [model_name(row["model"], row["baseline"]), text(row["layer"]), figure(row["depth"])]
        + [figure(row[column], 0 if column.startswith("components") else 2) for column in shown]
        + [figure(row[column]) for column in predicted]
        for row in layers.to_dict("records")
    ]
    return Table(
        "layers",
        "Every layer",
        f"Dimensionality on the images of {stimuli}: ED is (Σλ)²/Σλ², also corrected for the number of images, and for "
        f"half of the images after whitening by the other half. The intrinsic dimension is that of TwoNN, and α is the "
        f"exponent of the power law of the spectrum. The last columns are the held-out r in each area.",
        [("model", ""), ("layer", ""), ("depth", "0 is the network's first layer, 1 its last")]
        + [(label, "") for label in (*shown.values(), *predicted.values())],
        rows if shown else [],
    )

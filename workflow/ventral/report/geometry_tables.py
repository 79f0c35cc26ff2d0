"""Tables of geometry: the deepest layers, recorded areas, and the dimensionality of every layer."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ventral.catalog import METRICS, MODULES, record
from ventral.figures.labels import area_label, areas, score_column
from ventral.figures.parameters import values
from ventral.figures.spectra import chosen_stimuli
from ventral.geometry.equal_units import ENDING
from ventral.metrics import SCENE, Metric, Quantity
from ventral.report.sortable import TRAINING, Cell, Table, figure, interval, model_name, text, training
from ventral.summary.layers import at_threshold

SPECTRAL = [metric for metric in MODULES["geometry.dimensionality_rows"] if metric.heading]
OF_AREAS = [metric for metric in METRICS.values() if f"{metric.name}_crossed" in METRICS]
OF_AREAS += MODULES["geometry.rotation"]
WITH_AREAS = (METRICS["two_way_cka"], METRICS["two_way_cka_crossed"])  # which name another area in `against`


def deepest_layers(summary: dict[str, pd.DataFrame]) -> Table:
    """Factorization and invariance of each parameter in each model's deepest layer."""
    rows = pd.concat([values(summary, metric) for metric in ("factorization", "invariance")])
    ordered = rows.sort_values("position", kind="stable")
    of_deepest = ordered.groupby(["stimuli", "parameter", "metric", "model"], sort=False).value.last()
    columns = list(dict.fromkeys(key[:3] for key in of_deepest.index))
    columns.sort(key=lambda key: key[2])
    models = summary["layers"].drop_duplicates("model", keep="last")
    several = len({key[0] for key in columns}) > 1
    rows = [
        [model_name(row.model, row.baseline), training(row.kind), text(row.layer)]
        + [figure(float(of_deepest.get((*key, row.model), np.nan))) for key in columns]
        for row in models.itertuples()
    ]
    return Table(
        "deepest-layers",
        "Factorization and invariance of the deepest layers",
        "Factorization (F), at the threshold of the figure, and invariance (I) of each scene parameter.",
        [("model", ""), TRAINING, ("layer", "")]
        + [(f"{key[2][0].upper()} {key[1]}" + (f" ({key[0]})" if several else ""), key[2]) for key in columns],
        rows if columns else [],
    )


def recorded_areas(summary: dict[str, pd.DataFrame]) -> Table:
    """Geometry of each recorded area, from the means over trials and without their noise."""
    table = summary["areas"]
    with_areas = table.metric.isin([metric.name for metric in WITH_AREAS])
    table = table[at_threshold(table) & (table.against.isin(["", SCENE]) | with_areas)]
    of_areas = table.groupby(["recording", "area", "simulated"], sort=False)
    rows = [row for area, part in of_areas for row in rows_of_area(area_label(*area), part)]
    return Table(
        "recorded-areas",
        "Geometry of the recordings",
        "From the means over trials, and without the noise of trials, from inner products across two halves of them. A "
        "dash means that there are no trials or that the quantity is undefined without noise. Object decoding is the "
        "accuracy of a linear decoder on held-out images, before and after the variance within objects is rotated onto "
        "the axes between objects. 95 % intervals are over scenes (invariance and factorization) or images. Areas have "
        "different numbers of units, on which these quantities depend. The column at equal numbers of units makes them "
        "comparable: means (and ranges) over random draws of as many units as the smallest area of the recording has, "
        "from the means over trials. Two-way quantities describe the population from which the units were recorded, "
        "and their intervals are over units too.",
        [
            ("area", ""),
            ("quantity", ""),
            ("of means", "means over trials, including noise"),
            ("without noise", ""),
            ("at equal numbers of units", "mean and range over random draws of units; of means over trials"),
            ("images", ""),
        ],
        rows,
    )


def rows_of_area(label: str, part: pd.DataFrame) -> Iterator[list[Cell]]:
    """Each quantity of an area: of the means over trials, without their noise, and at equal numbers of units."""
    named = {(row.metric, row.parameter, row.against): row for row in part.itertuples()}
    for metric in OF_AREAS:
        for of_means in part[part.metric == metric.name].itertuples():
            key = of_means.parameter, of_means.against
            others = (named.get((f"{metric.name}{ending}", *key)) for ending in ("_crossed", ENDING))
            yield [
                text(label),
                text(heading(metric, *key)),
                interval(of_means),
                *(figure(np.nan) if other is None else interval(other) for other in others),
                Cell(f"{int(of_means.n):,}", int(of_means.n)),
            ]


def heading(metric: Metric, parameter: str, against: str) -> str:
    """What a quantity of an area is called, with its parameter or the other area."""
    if metric in WITH_AREAS:
        return f"{metric.heading} with {against}"
    return f"{metric.heading} for {parameter}" if parameter else metric.heading


def spectral(summary: dict[str, pd.DataFrame]) -> Table:
    """Dimensionality and predictivity of every layer."""
    stimuli, layers = chosen_stimuli(summary), summary["layers"]
    shown = {str(Quantity(metric.name, stimuli=stimuli or "")): metric for metric in SPECTRAL}
    shown = {column: metric for column, metric in shown.items() if column in layers}
    predicted = {
        score_column(area): f"{record(area.metric).heading} {area.label}"
        for area in areas(summary["predictivity"]).itertuples()
    }
    rows = [
        [model_name(row["model"], row["baseline"]), training(row["kind"]), text(row["layer"]), figure(row["depth"])]
        + [figure(row[column], 0 if metric.name == "components_80" else 2) for column, metric in shown.items()]
        + [figure(row[column]) for column in predicted]
        for row in layers.to_dict("records")
    ]
    return Table(
        "layers",
        "Every layer",
        f"Dimensionality on the images of {stimuli}: ED is (Σλ)²/Σλ², also corrected for the number of images, and for "
        f"half of the images after whitening by the other half. The intrinsic dimension is that of TwoNN, and α is the "
        f"exponent of the power law of the spectrum. The last columns are the held-out r in each area.",
        [("model", ""), TRAINING, ("layer", ""), ("depth", "0 is the network's first layer, 1 its last")]
        + [(metric.heading, metric.text) for metric in shown.values()]
        + [(label, "") for label in predicted.values()],
        rows if shown else [],
    )

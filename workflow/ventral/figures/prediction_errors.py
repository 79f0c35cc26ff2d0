"""Why layers predict: learning curves of the best layers, and radius and dimension of the error modes of all layers."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, StrMethodFormatter

from ventral.catalog import HEADLINE
from ventral.figures.dimensionality import marker
from ventral.figures.labels import areas, bounds, provenance, scores
from ventral.figures.spec import Spec
from ventral.figures.style import FAINT, INK, MANY, Mark, grid, heading, legend, marks, sentence

FIGURE = Spec(
    place=55,
    heading="Why layers predict",
    needs="recorded units",
    tables=("predictivity", "layers"),
    about="**Why layers predict**. Left: the squared error of ridge regression on images that were left out, as a "
    "share of the variance of the responses, against the number of training images, for the best layer of each model: "
    "as the spectral theory predicts it (lines) and as measured (marks). Right: radius R and dimension D of the error "
    "modes of every layer with 80 % of the images for training; gray lines have the same error E = R √D.",
)

PREDICTED, MEASURED, RADIUS, DIMENSION = "predicted_error", "measured_error", "error_radius", "error_dimension"
ABSENT = "No area has learning curves; they need ten images or more."


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """Two panels per area: learning curves, and error modes."""
    shown = areas(tables["predictivity"], [RADIUS])
    if shown.empty:
        return sentence(ABSENT)
    drawn = marks(tables["layers"])
    figure, axes = grid(2 * len(shown), 2.6, most=2 if len(shown) <= 4 else 4)
    for area, curve_axes, mode_axes in zip(shown.itertuples(), axes[::2], axes[1::2], strict=True):
        learning_curves(curve_axes, tables["predictivity"], area, drawn)
        error_modes(mode_axes, tables["predictivity"], area, drawn)
        for ax in (curve_axes, mode_axes):
            ax.set_title(area.label)
    heading(figure, "Why layers predict" + marker(shown))
    legend(figure, drawn, KEYS, line=False)
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    predictivity = tables["predictivity"]
    if areas(predictivity, [RADIUS]).empty:
        return ABSENT
    units = predictivity.n[predictivity.metric == RADIUS]
    return (
        f"Left: squared error of ridge regression on images that were left out, as a share of the variance of the "
        f"responses (mean over {bounds(units)} units), against the number of training images. Lines are what the "
        f"spectral theory predicts from the eigenvalues of the layer and the alignment of the responses; marks are "
        f"means of 5 draws of the training images. One layer per model, that with the highest r. Right: radius R and "
        f"dimension D of the error modes of every layer with 80 % of the images for training. The error is E = R √D, "
        f"and equal on each gray line: layers farther to the lower left predict better. Bars are 95 % intervals over "
        f"units. Logarithmic axes. {provenance(predictivity)}"
    ).strip()


def learning_curves(ax: Axes, predictivity: pd.DataFrame, area, drawn: dict[str, Mark]) -> None:
    """Both curves of the best layer of each model."""
    best = scores(predictivity, area.recording, area.area, HEADLINE).dropna(subset="value")
    best = best.loc[best.groupby("model").value.idxmax(), ["model", "layer"]]
    for metric, style in ((PREDICTED, {"marker": ""}), (MEASURED, {"linestyle": ""})):
        rows = scores(predictivity, area.recording, area.area, metric).merge(best, on=["model", "layer"])
        rows = rows.assign(images=rows.parameter.str.split().str[0].astype(float)).sort_values("images")
        for model, of_model in rows.groupby("model", sort=False):
            mark = drawn[model]
            look = {"marker": mark.marker, "linestyle": mark.dashes, "markersize": 3.6 if len(drawn) <= MANY else 2.4}
            ax.plot(of_model.images, of_model.value, color=mark.color, linewidth=1, **look | style)
    ax.set(xscale="log", xlabel="training images", ylabel="error (share of variance)")
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.xaxis.set_minor_locator(NullLocator())


def error_modes(ax: Axes, predictivity: pd.DataFrame, area, drawn: dict[str, Mark]) -> None:
    """Radius against dimension of every layer, with lines of equal error."""
    keys, numbers = ["model", "layer"], ["value", "low", "high"]
    radius, dimension = (
        scores(predictivity, area.recording, area.area, metric)[[*keys, *numbers]] for metric in (RADIUS, DIMENSION)
    )
    both = radius.merge(dimension, on=keys, suffixes=("", "_d"), validate="one_to_one")
    for model, rows in both.groupby("model", sort=False):
        mark = drawn[model]
        size = 3.6 if len(drawn) <= MANY else 2.4
        ax.hlines(rows.value, rows.low_d, rows.high_d, color=mark.color, linewidth=0.7, alpha=0.4)
        ax.vlines(rows.value_d, rows.low, rows.high, color=mark.color, linewidth=0.7, alpha=0.4)
        ax.plot(rows.value_d, rows.value, mark.marker, color=mark.color, markersize=size, mec="white", mew=0.3)
    ax.set(xscale="log", yscale="log", xlabel="dimension D of the error modes", ylabel="radius R")
    x, y = ax.get_xlim(), ax.get_ylim()
    error = both.value * np.sqrt(both.value_d)
    for level in np.quantile(error, (0, 0.5, 1)):
        ax.plot(x, level / np.sqrt(x), color=FAINT, linewidth=0.8, linestyle=(0, (4, 2)), zorder=0)
    ax.set(xlim=x, ylim=y)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(4))
        axis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axis.set_minor_locator(NullLocator())


KEYS = [
    Line2D([], [], color=INK, linewidth=1, label="predicted"),
    Line2D([], [], color=INK, marker="o", linestyle="", markersize=4, label="measured"),
    Line2D([], [], color=FAINT, linestyle=(0, (4, 2)), linewidth=0.8, label="equal error"),
]

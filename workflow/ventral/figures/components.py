"""How many components of a layer predict an area."""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullLocator, StrMethodFormatter

from ventral.catalog import HEADLINE
from ventral.figures.dimensionality import marker
from ventral.figures.labels import areas, bounds, provenance, scores
from ventral.figures.spec import Spec
from ventral.figures.style import INK, MANY, Mark, grid, heading, legend, marks, sentence

FIGURE = Spec(
    place=56,
    heading="Components that predict",
    needs="recorded units",
    tables=("predictivity", "layers"),
    about="**Components that predict**. The correlation between held-out responses and their prediction by least "
    "squares on the first components of a layer, against their number, for the best layer of each model. The last mark "
    "is that of ridge regression from the whitened layer, which uses all components alike. If the study names other "
    "images, a second curve is that of components fitted on them.",
)

CURVE, WHITENED, OTHERS = "pcr_r", "whitened_r", "pcr_r_other_images"
ABSENT = "No area has scores by the number of components."


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """One panel per area."""
    predictivity, shown = tables["predictivity"], areas(tables["predictivity"], [CURVE])
    if shown.empty:
        return sentence(ABSENT)
    drawn = marks(tables["layers"])
    figure, axes = grid(len(shown), 2.6)
    for area, ax in zip(shown.itertuples(), axes, strict=True):
        component_curves(ax, predictivity, area, drawn)
        ax.set_title(area.label)
    heading(figure, "Components that predict" + marker(shown))
    legend(figure, drawn, [*KEYS, *([OF_OTHERS] if other_images(predictivity) else [])], line=False)
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    predictivity = tables["predictivity"]
    if areas(predictivity, [CURVE]).empty:
        return ABSENT
    units, others = predictivity.n[predictivity.metric == CURVE], other_images(predictivity)
    of_others = f"The dotted curve is that of components fitted on the images of {others}. " if others else ""
    return (
        f"Median over {bounds(units)} units of the correlation between held-out responses and their prediction by "
        f"least squares on the first components of the training images, against the number of components. The open "
        f"mark is that of ridge regression from the layer after ZCA whitening, which weights all components alike. "
        f"{of_others}One layer per model, that with the highest r. Logarithmic axis. {provenance(predictivity)}"
    ).strip()


def component_curves(ax: Axes, predictivity: pd.DataFrame, area, drawn: dict[str, Mark]) -> None:
    """The curve of the best layer of each model, and its score after whitening."""
    keys = ["model", "layer"]
    best = scores(predictivity, area.recording, area.area, HEADLINE).dropna(subset="value")
    best = best.loc[best.groupby("model").value.idxmax(), keys]
    rows, whitened, others = (
        scores(predictivity, area.recording, area.area, metric).merge(best, on=keys)
        for metric in (CURVE, WHITENED, OTHERS)
    )
    rows, others = (numbered(of_curve) for of_curve in (rows, others))
    last = 2 * rows["count"].max()
    for model, of_model in rows.groupby("model", sort=False):
        mark = drawn[model]
        look = {"color": mark.color, "marker": mark.marker, "markersize": 3.6 if len(drawn) <= MANY else 2.4}
        ax.plot(of_model["count"], of_model.value, linestyle=mark.dashes, linewidth=1, **look)
        of_others = others[others.model == model]
        ax.plot(of_others["count"], of_others.value, linestyle=":", linewidth=1, color=mark.color)
        after = whitened.value[whitened.model == model]
        ax.plot([last] * len(after), after, linestyle="", mfc="white", clip_on=False, **look)
    ax.set(xscale="log", xlabel="number of components", ylabel="r")
    ax.xaxis.set_major_locator(LogLocator(subs=(1,)))
    ax.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    ax.xaxis.set_minor_locator(NullLocator())


def numbered(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a curve in the order of their numbers of components, `count`."""
    return rows.assign(count=rows.parameter.str.split().str[0].astype(float)).sort_values("count")


def other_images(predictivity: pd.DataFrame) -> str:
    """The set on which components were fitted in place of the images of the recording; empty if there is none."""
    parameters = predictivity.parameter[predictivity.metric == OTHERS]
    return "" if parameters.empty else parameters.iloc[0].partition(" of ")[2]


KEYS = [
    Line2D([], [], color=INK, marker="o", markersize=4, linewidth=1, label="first components"),
    Line2D([], [], color=INK, marker="o", linestyle="", markersize=4, mfc="white", label="all components, whitened"),
]
OF_OTHERS = Line2D([], [], color=INK, linestyle=":", linewidth=1, label="first components of other images")

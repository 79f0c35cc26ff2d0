"""How all figures look: each model has one mark everywhere, untrained networks are dashed, and baselines are gray."""

import math
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.ticker import LogFormatterMathtext, LogFormatterSciNotation, MaxNLocator

from ventral.models.model_entry import UNTRAINED

WIDTH = 9.0  # inches; a report's column
SIZE, HEADING = 8, 10  # points: of all text, and of the heading of a figure
LINE = 1.3 * SIZE / 72  # inches of a line of text
LETTER = 0.62 * SIZE / 72  # inches of a letter, on average
# Okabe & Ito's colors without yellow, which is lost on white, and with a violet.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5B2C83", "#222222")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "p")
GRAYS = ("#7F7F7F", "#A6A6A6", "#595959")
DASHES = ((0, (5, 2)), (0, (1.5, 1.5)), (0, (5, 1.5, 1, 1.5)))
DASHED = (0, (3, 1.2))  # untrained networks
INK, FAINT = "#222222", "#BBBBBB"
CONTROL = "#B03060"  # shuffled images
MANY = 16  # more models than this are drawn with thinner marks

SETTINGS = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Helvetica", "Arial"],
    "font.size": SIZE,
    "axes.titlesize": SIZE,
    "axes.titlelocation": "left",
    "axes.labelsize": SIZE,
    "axes.edgecolor": "#666666",
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.labelsize": SIZE,
    "ytick.labelsize": SIZE,
    "xtick.color": "#444444",
    "ytick.color": "#444444",
    "text.color": INK,
    "axes.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": SIZE,
    "figure.constrained_layout.w_pad": 0.08,
    "svg.fonttype": "none",
    "svg.hashsalt": "ventral",
    # Areas, titles and names are the user's, and may hold dollars, backslashes and braces.
    "text.parse_math": False,
    "text.usetex": False,
    "axes.formatter.use_mathtext": False,
}
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Mark:
    """How one model is drawn in every figure."""

    color: str
    marker: str
    dashes: object
    baseline: bool

    @property
    def aside(self) -> str:
        """What follows the name of a baseline or of an untrained network."""
        return "(baseline)" if self.baseline else "(untrained)" if self.dashes == DASHED else ""

    def named(self, model: str) -> str:
        """The name of the model, which says if it is a baseline or an untrained network."""
        return f"{model} {self.aside}".strip()


def marks(layers: pd.DataFrame) -> dict[str, Mark]:
    """A mark for each model in the order of the study; models differ in color and shape."""
    models = layers.drop_duplicates("model")
    networks, baselines = models.model[~models.baseline], models.model[models.baseline]
    dashes = (models.set_index("model").kind == UNTRAINED).map({True: DASHED, False: "-"})
    colored = {
        model: Mark(COLORS[i % len(COLORS)], MARKERS[(i + i // len(COLORS)) % len(MARKERS)], dashes[model], False)
        for i, model in enumerate(networks)
    }
    gray = {
        model: Mark(GRAYS[i % len(GRAYS)], MARKERS[i % len(MARKERS)], DASHES[i % len(DASHES)], True)
        for i, model in enumerate(baselines)
    }
    return {model: (colored | gray)[model] for model in models.model}


def tint(color: str, strength: float) -> tuple[float, ...]:
    """A color mixed with white; strength 1 is the color itself."""
    return tuple(1 - strength * (1 - part) for part in to_rgb(color))


def grid(panels: int, height: float, most: int = 3, **options) -> tuple[Figure, list[Axes]]:
    """A figure of equal panels, `height` inches each, and its axes in reading order, without empty ones."""
    columns = columns_of(panels, most)
    rows = math.ceil(panels / columns)
    figure = Figure(figsize=(panel_width(columns), rows * height), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False, **options)
    for spare in axes.flat[panels:]:
        spare.remove()
    for above in axes.flat[max(0, panels - columns) : panels]:
        above.tick_params(labelbottom=True)
    return figure, list(axes.flat[:panels])


def label_first_column(ax: Axes, text: str) -> None:
    """Label the vertical axis of a panel of `grid`, if no other panel is to its left."""
    if ax.get_subplotspec().is_first_col():
        ax.set_ylabel(text)


def name_panels(names: Iterable[tuple[Axes, str, str, str]]) -> None:
    """Write a name over each panel, in a color and with what stands under it; the figure grows by the lines of a row.

    Names that are wider than their panel take several lines.
    """
    lines: dict[int, int] = {}
    for ax, name, color, under in names:
        figure, row = ax.get_figure(), ax.get_subplotspec().rowspan.start
        letters = int(0.85 * figure.get_figwidth() / ax.get_gridspec().ncols / LETTER)
        text = f"{name} {under}".strip()
        parts = [text] if len(text) <= letters else [*wrapped(name, letters), *wrapped(under, letters)]
        ax.set_title("\n".join(filter(None, parts)), color=color)
        lines[row] = max(lines.get(row, 1), len(parts))
    figure.set_figheight(figure.get_figheight() + sum(count - 1 for count in lines.values()) * LINE)


def wrapped(name: str, letters: int) -> list[str]:
    """A name in lines of this many letters at most, broken after separators where there are any."""
    lines = []
    while len(name) > letters:
        breaks = [i for i in range(1, letters + 1) if name[i - 1] in "_-. "]
        place = breaks[-1] if breaks else letters
        lines.append(name[:place])
        name = name[place:]
    return [*lines, name]


def columns_of(panels: int, most: int) -> int:
    """Of the numbers of columns up to `most`, the one that leaves the fewest gaps, then the largest."""
    if panels <= most:
        return panels
    return min(range(max(1, most - 1), most + 1), key=lambda columns: (-panels % columns, -columns))


def panel_width(columns: int) -> float:
    """Width of a figure with few panels, so that one panel does not become a banner."""
    return WIDTH if columns > 2 else {1: 5.2, 2: 7.6}[columns]


def depth_axis(ax: Axes, places: pd.Series) -> None:
    """A horizontal axis of relative depth, from 0 to 1 if no model has two layers."""
    ax.set_xlabel("relative depth")
    ax.margins(x=0.06)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    if places.empty:
        ax.set_xlim(0, 1)


def legend(figure: Figure, shown: dict[str, Mark], others: Iterable[Line2D] = (), line: bool = True) -> None:
    """Name the models, and other lines, under the figure."""
    handles = [
        Line2D(
            [],
            [],
            color=mark.color,
            marker="" if mark.baseline and line else mark.marker,
            linestyle=mark.dashes if line else "",
            markersize=4.5,
            linewidth=1.2,
            label=mark.named(model),
        )
        for model, mark in shown.items()
    ]
    handles += others
    longest = max(len(handle.get_label()) for handle in handles)
    columns = max(1, int(figure.get_figwidth() * 72 / (5.2 * longest + 40)))
    rows = math.ceil(len(handles) / columns)
    figure.set_figheight(figure.get_figheight() + 0.19 * rows + 0.1)
    figure.legend(handles=handles, loc="outside lower left", ncols=columns, handlelength=2.2, columnspacing=1.6)


class PowersOfTen(LogFormatterSciNotation):
    """Ticks of a logarithmic axis as plain text: 10⁻³ instead of matplotlib's mathematical text."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        text = super().__call__(x, pos).removeprefix(r"$\mathdefault{").removesuffix("}$").replace(r"\times", "×")
        return re.sub(r"\^\{([^}]*)\}", lambda power: power[1].replace("−", "-").translate(SUPERSCRIPTS), text)


def with_plain_text(figure: Figure) -> Figure:
    """Give ticks that are made later the size of all text, and prevent texts from being read as formulas.

    The ticks of logarithmic axes become plain text.
    """
    for ax in figure.axes:
        ax.tick_params(which="both", labelsize=SIZE)
    for text in figure.findobj(Text):
        text.set_parse_math(False)
    for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)):
        for which in ("major", "minor"):
            formatter = getattr(axis, f"get_{which}_formatter")()
            if isinstance(formatter, LogFormatterMathtext) and not isinstance(formatter, PowersOfTen):
                getattr(axis, f"set_{which}_formatter")(PowersOfTen())
    return figure


def heading(figure: Figure, text: str, y: float | None = None) -> None:
    """The heading of the whole figure, wrapped if needed; a figure without automatic layout says at what height."""
    wrapped = textwrap.fill(text, int(figure.get_figwidth() * 72 / 6.0))
    figure.suptitle(wrapped, x=0.008, y=y, ha="left", fontsize=HEADING, fontweight="bold")


def sentence(text: str) -> Figure:
    """A figure that says why there is nothing to draw."""
    figure = Figure(figsize=(WIDTH, 1.2))
    figure.text(0.5, 0.5, textwrap.fill(text, 100), ha="center", va="center", color="#555555")
    return figure

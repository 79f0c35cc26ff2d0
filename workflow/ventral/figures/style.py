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
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.labelsize": 8.5,
    "axes.edgecolor": "#666666",
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "xtick.color": "#444444",
    "ytick.color": "#444444",
    "text.color": INK,
    "axes.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "figure.constrained_layout.w_pad": 0.08,
    "svg.fonttype": "none",
    "svg.hashsalt": "ventral",
    # Areas, titles and names are the user's, and may hold dollars, backslashes and braces.
    "text.parse_math": False,
    "text.usetex": False,
    "axes.formatter.use_mathtext": False,
}
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

LETTER = 0.74  # width of a letter of a panel's name in ems, with room to its neighbors


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


def name_panel(ax: Axes, name: str, color: str, under: str = "") -> None:
    """Write a name over a panel; long names take several lines, and very long ones smaller letters."""
    size, room = SETTINGS["axes.titlesize"], ax.get_figure().get_figwidth() * 72 / ax.get_gridspec().ncols  # points
    text = f"{name} {under}".strip()
    if len(text) * size * LETTER > room:
        text = "\n".join([name if len(name) * size * LETTER <= room else halved(name), under]).strip()
    longest = max(map(len, text.splitlines()))
    ax.set_title(text, color=color, fontsize=min(size, room / (longest * LETTER)))


def halved(name: str) -> str:
    """A name on two lines, broken after a separator near its middle, or in the middle if there is none."""
    middle = len(name) / 2
    breaks = [i + 1 for i, letter in enumerate(name[:-1]) if letter in "_-. "]
    place = min(breaks, key=lambda i: abs(i - middle), default=math.ceil(middle))
    return f"{name[:place]}\n{name[place:]}"


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


def without_math(figure: Figure) -> Figure:
    """Prevent texts from being read as formulas; the ticks of logarithmic axes become plain text."""
    for text in figure.findobj(Text):
        text.set_parse_math(False)
    for axis in (axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)):
        for which in ("major", "minor"):
            formatter = getattr(axis, f"get_{which}_formatter")()
            if isinstance(formatter, LogFormatterMathtext) and not isinstance(formatter, PowersOfTen):
                getattr(axis, f"set_{which}_formatter")(PowersOfTen())
    return figure


def heading(figure: Figure, text: str) -> None:
    """The heading of the whole figure, wrapped if needed."""
    wrapped = textwrap.fill(text, int(figure.get_figwidth() * 72 / 6.0))
    figure.suptitle(wrapped, x=0.008, ha="left", fontsize=10.5, fontweight="bold")


def sentence(text: str) -> Figure:
    """A figure that says why there is nothing to draw."""
    figure = Figure(figsize=(WIDTH, 1.2))
    figure.text(0.5, 0.5, textwrap.fill(text, 100), ha="center", va="center", fontsize=10, color="#555555")
    return figure

"""What the share λ of the equivariant term does to predictivity and to what layers tell of scenes and augmentations."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ventral.catalog import BEHAVIOR, HEADLINE
from ventral.figures.curve import training
from ventral.figures.labels import area_label, bounds, listed, number, provenance
from ventral.figures.spec import Spec
from ventral.figures.style import COLORS, FAINT, INK, MARKERS, grid, heading, legend, sentence
from ventral.summary.sweep import MEAN, ORTHOGONAL, measured, with_differences

FIGURE = Spec(
    place=90,
    heading="Equivariant training",
    needs="trained networks",
    tables=("geometry", "predictivity", "layers", "equivariance", "training"),
    about="**Equivariant training**: predictivity and analyses of equivariance in the deepest layer of each "
    "trained network, minus those of the network of the same seed with λ = 0, against the share λ of the "
    "equivariant term. Higher means more of what a title says. Points are seeds, lines their means, bands 95 % "
    "intervals of Student's t over seeds; one seed has none. Panels of simulated recordings say so.",
)

STYLES = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (5, 1.5, 1, 1.5)))
FEW = 4  # lines of a panel; bands of more are fainter
ABSENT = "No quantity of this figure was measured both for λ = 0 and for another λ."


@dataclass(frozen=True)
class Panel:
    """One quantity; `sign` makes larger values mean more of what the title says."""

    metric: str
    parameter: str
    title: str
    label: str
    quantity: str
    sign: int = 1


SHARED, CONTENT, PLACE = "augmentation_augmentation", "augmentation_content", "spatial_photometric"
PANELS = (
    Panel(HEADLINE, "", "Predictivity", "Δ held-out r", "predictivity: held-out r"),
    Panel(BEHAVIOR, "", "Predictivity of choices", "Δ i2n", "predictivity of choices: i2n"),
    Panel(ORTHOGONAL, "", "Category-orthogonal information", "Δ mean r", "category-orthogonal information: mean r"),
    Panel("decoding_r", MEAN, "Decoding of augmentations", "Δ mean r", "decoding: mean r"),
    Panel(f"{SHARED}_cosine", "", "Shared augmentation variability", "Δ cosine", "augmentation–augmentation: cosine"),
    Panel(
        f"{CONTENT}_cosine", "", "Augmentation–content factorization", "−Δ cosine", "augmentation–content: cosine", -1
    ),
    Panel(f"{PLACE}_cosine", "", "Spatial–photometric factorization", "−Δ cosine", "spatial–photometric: cosine", -1),
)


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """Differences from λ = 0 in the deepest layer: seeds as points, their mean as a line, its interval as a band."""
    means, seeds = values(tables)
    if means.empty:
        return sentence(ABSENT)
    panels = [panel for panel in PANELS if panel.metric in {*means.metric}]
    entries = list(means.entry.unique())
    figure, axes = grid(len(panels), 2.45)
    kinds = lines(means)
    for ax, panel in zip(axes, panels, strict=True):
        drawn = of_panel(means, panel)
        crowd = len(drawn.drop_duplicates(["entry", "recording", "area", "stimuli"]))
        for kind, style in kinds.items():
            for entry, color in zip(entries, COLORS * len(entries), strict=False):
                mean, single = of(drawn, kind, entry), of(of_panel(seeds, panel), kind, entry)
                line(ax, mean, single, panel.sign, style | {"color": color}, 0.13 if crowd <= FEW else 0.05)
        ax.axhline(0, color=INK, linewidth=0.7, zorder=1)
        ax.set(title=panel.title + simulated(drawn), xlabel="λ", ylabel=panel.label)
        ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
        ax.grid(axis="y", color=FAINT, alpha=0.4, linewidth=0.5)
    heading(figure, "Equivariant training: differences from λ = 0 in the deepest layer")
    legend(figure, {}, keys(entries, kinds))
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    means, seeds = values(tables)
    if means.empty:
        return ABSENT
    layers = listed([f"{layer} ({entry})" for entry, layer in means.groupby("entry", sort=False).layer.first().items()])
    baseline = means[(means["lambda"] == 0)]
    at_zero = [
        f"{panel.title.lower()} {extent(of_panel(baseline, panel).value)}"
        for panel in PANELS
        if len(of_panel(baseline, panel))
    ]
    n = seeds.seed.nunique()
    spread = (
        f"Points are the differences of {bounds(means.n)} seeds, each from the network of the same seed with λ = 0; "
        f"lines are their means, bands 95 % intervals of Student’s t over seeds."
        if n > 1
        else "There is one seed, so there is no interval: another seed may show something else."
    )
    where = sorted({*means.stimuli[means.recording == ""]})
    on = f" Analyses without a recording are of {listed([f'“{name}”' for name in where])}." if where else ""
    told = provenance(tables["predictivity"])
    return (
        f"Networks trained with a share λ of the equivariant term, minus those with λ = 0, in the deepest measured "
        f"layer: {layers}. Higher means more of what a title says: factorization is minus the cosine between "
        f"covariances, and shared variability is the cosine itself. With λ = 0 the values are: {'; '.join(at_zero)}"
        f"{' (cosines without a change of sign)' if where else ''}.{on} {spread} {told}"
    ).strip()


def values(tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Means over seeds and rows of single seeds, for the deepest layer of each entry with λ = 0."""
    means = tables.get("equivariance")
    if means is None:
        return pd.DataFrame(columns=["metric"]), pd.DataFrame()
    seeds = with_differences(measured(tables, training(tables)))
    return panels_of(means), panels_of(seeds)


def panels_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the panels for deepest layers, of entries that have λ = 0 and another λ."""
    rows = pd.concat([of_panel(rows, panel) for panel in PANELS])
    compared = rows.entry.isin(rows.entry[rows.difference.notna()])
    return rows[compared & (rows.position == rows.groupby("entry").position.transform("max"))]


def of_panel(rows: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """Rows of one panel."""
    return rows[(rows.metric == panel.metric) & (rows.parameter == panel.parameter)]


def lines(means: pd.DataFrame) -> dict[tuple, dict]:
    """A marker and dashes for each area and each stimulus set that has a line in a panel."""
    kinds = means[["recording", "area", "stimuli", "simulated"]].where(means.recording != "", "")
    kinds = kinds.assign(stimuli=means.stimuli.where(means.recording == "", ""))
    recorded = kinds[kinds.recording != ""].drop_duplicates().itertuples(index=False, name=None)
    shown = kinds[kinds.recording == ""].drop_duplicates().itertuples(index=False, name=None)
    styles = [{"marker": marker, "linestyle": dashes} for marker, dashes in zip(MARKERS, STYLES * 2, strict=True)]
    return {kind: styles[i % len(styles)] for part in (recorded, shown) for i, kind in enumerate(part)}


def of(rows: pd.DataFrame, kind: tuple, entry: str) -> pd.DataFrame:
    """Rows of one line, by λ."""
    recording, area, stimuli, _ = kind
    chosen = (rows.entry == entry) & (rows.recording == recording) & (rows.area == area)
    return rows[chosen & ((rows.stimuli == stimuli) if stimuli else True)].sort_values("lambda")


def line(ax: Axes, means: pd.DataFrame, seeds: pd.DataFrame, sign: int, style: dict, shade: float) -> None:
    """One line with its band and its seeds; the difference is 0 at λ = 0."""
    if means.empty:
        return
    at = means["lambda"].to_numpy()
    low, mean, high = (
        np.where(at == 0, 0.0, sign * means[name]) for name in ("difference_low", "difference", "difference_high")
    )
    ax.fill_between(at, low, high, color=style["color"], alpha=shade, linewidth=0)
    ax.plot(at, mean, **style, linewidth=1.2, markersize=4.5, markeredgecolor="white", mew=0.5)
    if seeds.seed.nunique() > 1:
        ax.plot(seeds["lambda"], sign * seeds.difference, ".", color=style["color"], alpha=0.6, markersize=3.5)


def simulated(rows: pd.DataFrame) -> str:
    """What a title says about simulated recordings."""
    made = rows.simulated.astype(bool)
    return "" if not made.any() else " (simulated)" if made.all() else " (some simulated)"


def keys(entries: list[str], kinds: dict[tuple, dict]) -> list[Line2D]:
    """The legend of colors and marks; the caption names a single stimulus set."""
    several = len([kind for kind in kinds if not kind[0]]) > 1
    colored = zip(entries, COLORS * len(entries), strict=False)
    shown = [Line2D([], [], color=color, linewidth=1.6, label=entry) for entry, color in colored]
    for (recording, area, stimuli, made), style in kinds.items():
        if recording or several:
            label = area_label(recording, area, bool(made)) if recording else f"on {stimuli}"
            shown.append(Line2D([], [], color="#666666", **style, linewidth=1.2, markersize=5, label=label))
    return shown


def extent(values: pd.Series) -> str:
    """The one value, or the range of several."""
    ends = list(dict.fromkeys([number(values.min()), number(values.max())]))
    return " to ".join(ends)

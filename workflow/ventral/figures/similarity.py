"""Similarity of all representations: every layer against every other, and against the areas of recordings."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import PowerNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

from ventral.figures.labels import area_label, count, number
from ventral.figures.spec import Spec
from ventral.figures.spectra import chosen_stimuli
from ventral.figures.style import INK, WIDTH, Mark, heading, marks, sentence
from ventral.summary.tables import LAYER, NODE, SIMULATED

FIGURE = Spec(
    place=110,
    heading="Similarity of representations",
    needs="two representations",
    tables=("geometry", "predictivity", "layers", "spectra", "similarity"),
    about="**Similarity** of all layers and recorded areas on the same images: centered kernel alignment without its "
    "bias, and Spearman's correlation of Pearson distances. Layers go from first to last in each model; areas "
    "are in the last rows, and simulated ones say so. Colors are spread by the square root.",
)

METRICS = {"debiased_cka": "debiased CKA", "rsa": "RSA"}
ABSENT = "Similarity needs two representations of the same images, and the study has no more than one."
BESIDE = 60  # with more representations than this, one panel is above the other
PIXELS = 800  # along each side of a panel, so that no viewer blurs the cells
UNDEFINED = "#CCCCCC"
TALLEST = 15.5  # inches


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """One map per metric; the layers of a model stand together, areas of recordings last."""
    pairs = chosen_pairs(tables)
    if pairs.empty:
        return sentence(ABSENT)
    nodes, drawn = nodes_of(pairs), marks(tables["layers"])
    named, beside = groups(nodes), len(nodes) <= BESIDE
    size = label_size(named, 3.3 if beside else 6.0)
    figure, axes, bar = grid(beside, 0.6 * size / 72 * named.label.str.len().max())
    for ax, (metric, title) in zip(axes, METRICS.items(), strict=True):
        image = panel(ax, matrix(pairs[pairs.metric == metric], nodes), widths(nodes))
        label(ax, named, drawn, size)
        ax.set(title=title, xlabel="layers, from first to last in each model")
    if beside:
        axes[1].set_yticks([])
    below = (pairs.value[pairs.metric.isin(METRICS)] < 0).any()
    figure.colorbar(image, cax=bar, extend="min" if below else "neither", label="similarity").outline.set_linewidth(0.5)
    heading(figure, f"Similarity of representations of “{pairs.stimuli.iloc[0]}”{marker(nodes)}")
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    pairs = chosen_pairs(tables)
    if pairs.empty:
        return ABSENT
    nodes, stimuli, n = nodes_of(pairs), pairs.stimuli.iloc[0], int(pairs.n.iloc[0])
    layers, areas = nodes[nodes.kind == LAYER], nodes[nodes.kind != LAYER]
    images = tables["geometry"].n[tables["geometry"].stimuli == stimuli].max()
    some = f", drawn at random from {int(images):,} and the same for all pairs" if n < images else ""
    recorded = (
        f", and {count(len(areas), 'area')} of recordings in the last rows. These are means over trials; their noise "
        f"and their few units lower their similarity to everything"
        if len(areas)
        else ""
    )
    first, second = ("Left", "right") if len(nodes) <= BESIDE else ("Above", "below")
    values = pairs.value[pairs.metric.isin(METRICS)]
    below = f" Values below 0, down to {number(values.min())}, have the color of 0." if values.min() < 0 else ""
    undefined = " Gray cells are undefined." if values.isna().any() else ""
    made = int((areas.kind == SIMULATED).sum())
    which = "All" if made == len(areas) else f"{made} of the {len(areas)}"
    simulated = f" {which} areas are simulated." if made else ""
    return (
        f"Each cell compares two representations of {count(n, 'image')} of “{stimuli}”{some}: "
        f"{count(len(layers), 'layer')} of {count(layers.model.nunique(), 'model')}, from first to last within each"
        f"{recorded}. {first}, linear centered kernel alignment from unbiased products: 0 for unrelated responses, 1 "
        f"for those that differ only by a rotation and a scale. {second.capitalize()}, Spearman’s correlation "
        f"between the Pearson distances of all pairs of images. Colors follow the square root of the values."
        f"{below}{undefined} Lines separate models. Every stimulus set, also with plain CKA and Procrustes distance, "
        f"is in similarity.csv.{simulated}"
    )


def chosen_pairs(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Rows of the stimulus set of the spectra, or of the first set that has rows."""
    table = tables["similarity"]
    known = table.stimuli.unique()
    chosen = chosen_stimuli(tables)
    return table[table.stimuli == (chosen if chosen in known else next(iter(known), None))]


def nodes_of(pairs: pd.DataFrame) -> pd.DataFrame:
    """One row per representation, in the order of the table."""
    first = pairs[list(NODE)]
    second = pairs[[f"other_{key}" for key in NODE]].set_axis(NODE, axis=1)
    return pd.concat([first, second]).drop_duplicates(ignore_index=True)


def matrix(pairs: pd.DataFrame, nodes: pd.DataFrame) -> np.ndarray:
    """The values of one metric as a symmetric matrix, with ones in its diagonal."""
    places = pd.MultiIndex.from_frame(nodes)
    i = places.get_indexer(pd.MultiIndex.from_frame(pairs[list(NODE)]))
    j = places.get_indexer(pd.MultiIndex.from_frame(pairs[[f"other_{key}" for key in NODE]]))
    values = np.full((len(nodes), len(nodes)), np.nan)
    values[i, j] = values[j, i] = pairs.value
    np.fill_diagonal(values, np.where(np.isfinite(values).any(axis=1), 1, np.nan))
    return values


def grid(beside: bool, longest: float) -> tuple[Figure, Sequence[Axes], Axes]:
    """A figure with two square panels and a color bar, and room for labels of the given length in inches.

    Squares of fixed aspect beside long labels are more than an automatic layout can place.
    """
    left, right, gap, bottom, top = longest + 0.2, 0.85, 0.25, longest + 0.45, 0.65
    if beside:
        side = (WIDTH - left - right - gap) / 2
        height, corners = top + side + bottom, [(left, bottom), (left + side + gap, bottom)]
    else:
        top, height = 0.85, TALLEST
        side = min(WIDTH - left - right, (height - top - 2 * bottom - gap) / 2)
        corners = [(left, height - top - side), (left, bottom)]
    figure = Figure(figsize=(WIDTH, height))
    boxes = [(x, y, side, side) for x, y in corners]
    x, y = corners[-1][0] + side + 0.12, corners[0][1] + side / 2 - 1.2
    *axes, bar = (
        figure.add_axes((x / WIDTH, y / height, w / WIDTH, h / height)) for x, y, w, h in [*boxes, (x, y, 0.09, 2.4)]
    )
    return figure, axes, bar


def label_size(groups: pd.DataFrame, side: float) -> float:
    """The font size at which the closest names fit beside each other on a panel of this many inches."""
    closest = np.diff((groups.start + groups.end) / 2).min() if len(groups) > 1 else np.inf
    return float(np.clip(0.95 * 72 * side / groups.end.max() * closest, 4, 7.5))


def panel(ax: Axes, values: np.ndarray, widths: np.ndarray) -> AxesImage:
    """A heat map from 0 to 1; colors follow the square root, because areas differ among low values."""
    repeats = widths * max(1, PIXELS // widths.sum())
    cells = np.repeat(np.repeat(values, repeats, axis=0), repeats, axis=1)
    colors = colormaps["viridis"].with_extremes(bad=UNDEFINED)
    extent = (0, widths.sum(), widths.sum(), 0)
    return ax.imshow(cells, cmap=colors, norm=PowerNorm(0.5, 0, 1), extent=extent, interpolation="none")


def widths(nodes: pd.DataFrame) -> np.ndarray:
    """The width of each representation; areas are wider, to be visible among hundreds of layers."""
    return np.where(nodes.kind == LAYER, 1, max(1, round(len(nodes) / BESIDE)))


def groups(nodes: pd.DataFrame) -> pd.DataFrame:
    """One row per model and per area: label, model (empty for areas), and where it starts and ends."""
    labels = [
        row.model if row.kind == LAYER else area_label(row.model, row.layer, row.kind == SIMULATED)
        for row in nodes.itertuples()
    ]
    ends = np.cumsum(widths(nodes))
    model = nodes.model.where(nodes.kind == LAYER, "")
    table = pd.DataFrame({"label": labels, "model": model, "start": ends - widths(nodes), "end": ends})
    return table.groupby(["label", "model"], sort=False).agg({"start": "min", "end": "max"}).reset_index()


def label(ax: Axes, groups: pd.DataFrame, drawn: dict[str, Mark], size: float) -> None:
    """Names of models, in their colors, and of areas, on both sides; lines between them."""
    centers = (groups.start + groups.end) / 2
    ax.set_xticks(centers, groups.label, rotation=90)
    ax.set_yticks(centers, groups.label)
    ax.tick_params(length=0, labelsize=size, pad=2)
    for ticks in (ax.get_xticklabels(), ax.get_yticklabels()):
        for text, model in zip(ticks, groups.model, strict=True):
            text.set_color(drawn[model].color if model else INK)
    for end, model, following in zip(groups.end[:-1], groups.model[:-1], groups.model[1:], strict=True):
        width = 1.8 if model and not following else 0.5
        ax.axhline(end, color="white", linewidth=width)
        ax.axvline(end, color="white", linewidth=width)
    for spine in ax.spines.values():
        spine.set_visible(False)


def marker(nodes: pd.DataFrame) -> str:
    """What a title adds if all recordings, or some of them, are simulated."""
    made = nodes.kind[nodes.kind != LAYER] == SIMULATED
    if not made.any():
        return ""
    return " (simulated recordings)" if made.all() else " (some recordings simulated)"

"""Similarity of all representations: every layer against every other, and against the areas of recordings."""

from collections.abc import Sequence
from dataclasses import dataclass

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
from ventral.figures.style import INK, LETTER, LINE, WIDTH, Mark, heading, marks, sentence
from ventral.summary.tables import IMAGES_COMPARED, LAYER, NODE, SIMULATED

FIGURE = Spec(
    place=110,
    heading="Similarity of representations",
    needs="two representations",
    tables=("geometry", "predictivity", "layers", "spectra", "similarity"),
    about="**Similarity** of all layers and recorded areas on the same images: centered kernel alignment without its "
    "bias, and Spearman's correlation of Pearson distances, or of your own distances in areas that have no responses. "
    "Layers go from first to last in each model; areas are in the last rows, and simulated ones say so. Colors are "
    "spread by the square root.",
)

METRICS = {"debiased_cka": "debiased CKA", "rsa": "RSA"}
ABSENT = "Similarity needs two representations of the same images, and the study has no more than one."
NOISE = "These are means over trials or observers; their noise and few units lower their similarity to everything"
WIDER = "Lines separate models; those with few layers, and areas, are wider, to have room for their names."
BESIDE = 60  # with more representations than this, one panel is above the other
SIDE = 6.0  # inches of a panel above another; more if the names need them
SMALLEST = 2.4  # inches of a panel beside long names
BAR = 0.85  # inches at the right, of the color bar and its numbers
GAP = 0.25  # inches between panels
PIXELS = 800  # along each side of a panel, so that no viewer blurs the cells
UNDEFINED = "#CCCCCC"


@dataclass(frozen=True)
class Layout:
    """Where the panels are, in inches: beside each other or not, their side, and the room for names."""

    beside: bool
    side: float
    names: float


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """One map per metric; the layers of a model stand together, areas of recordings last."""
    pairs = chosen_pairs(tables)
    if pairs.empty:
        return sentence(ABSENT)
    nodes, drawn = nodes_of(pairs), marks(tables["layers"]) if "layers" in tables else {}
    place = layout(nodes)
    sizes = widths(nodes, place.side)
    figure, axes, bar = grid(place)
    for ax, (metric, title) in zip(axes, METRICS.items(), strict=True):
        image = panel(ax, matrix(pairs[pairs.metric == metric], nodes), sizes)
        label(ax, groups(nodes, sizes), drawn)
        ax.set_title(title)
    if place.beside:
        axes[1].set_yticks([])
    else:
        axes[0].set_xticks([])
    for ax in axes if place.beside else axes[1:]:
        ax.set_xlabel("layers, from first to last in each model" if drawn else "areas")
    below = (pairs.value[pairs.metric.isin(METRICS)] < 0).any()
    figure.colorbar(image, cax=bar, extend="min" if below else "neither", label="similarity").outline.set_linewidth(0.5)
    title = f"Similarity of representations of “{pairs.stimuli.iloc[0]}”{marker(nodes)}"
    heading(figure, title, 1 - 0.1 / figure.get_figheight())
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    pairs = chosen_pairs(tables)
    if pairs.empty:
        return ABSENT
    nodes, stimuli, n = nodes_of(pairs), pairs.stimuli.iloc[0], int(pairs.n.iloc[0])
    layers, areas = nodes[nodes.kind == LAYER], nodes[nodes.kind != LAYER]
    first, second = ("Left", "right") if layout(nodes).beside else ("Above", "below")
    values = pairs.value[pairs.metric.isin(METRICS)]
    below = f" Values below 0, down to {number(values.min())}, have the color of 0." if values.min() < 0 else ""
    undefined = " Gray cells are undefined." if values.isna().any() else ""
    made = int((areas.kind == SIMULATED).sum())
    which = "All" if made == len(areas) else f"{made} of the {len(areas)}"
    simulated = f" {which} areas are simulated." if made else ""
    return (
        f"Each cell compares two representations of {count(n, 'image')} of “{stimuli}”"
        f"{sampled(tables.get('geometry'), stimuli, n)}: {shown(layers, areas)}. {first}, linear centered kernel "
        f"alignment from unbiased products: 0 for unrelated responses, 1 for those that differ only by a rotation and "
        f"a scale. {second.capitalize()}, Spearman’s correlation between the Pearson distances of all pairs of images"
        f"{', or the given distances of areas that have no responses' if has_distances(pairs) else ''}. "
        f"Colors follow the square root of the values.{below}{undefined}{f' {WIDER}' if len(layers) else ''} Every "
        f"stimulus set, also with plain CKA and Procrustes distance, is in similarity.csv.{simulated}"
    )


def sampled(geometry: pd.DataFrame | None, stimuli: str, n: int) -> str:
    """What a caption adds if not all images were compared; how many recordings alone have is not in the tables."""
    images = np.nan if geometry is None else geometry.n[geometry.stimuli == stimuli].max()
    if np.isnan(images):
        return ", drawn at random if there are more and the same for all pairs" if n == IMAGES_COMPARED else ""
    return f", drawn at random from {int(images):,} and the same for all pairs" if n < images else ""


def has_distances(pairs: pd.DataFrame) -> bool:
    """Whether areas are known by distances alone: RSA compares them, but the Procrustes distance cannot."""
    keys = [*NODE, *(f"other_{key}" for key in NODE)]
    defined = pairs.dropna(subset="value")
    compared, moved = (defined[defined.metric == metric][keys] for metric in ("rsa", "procrustes_distance"))
    return len(compared.merge(moved)) < len(compared)


def shown(layers: pd.DataFrame, areas: pd.DataFrame) -> str:
    """How many layers and areas are compared."""
    models = (
        f"{count(len(layers), 'layer')} of {count(layers.model.nunique(), 'model')}, from first to last within each"
    )
    if areas.empty:
        return models
    recorded = f"{count(len(areas), 'area')} of recordings"
    return f"{models}, and {recorded} in the last rows. {NOISE}" if len(layers) else f"{recorded}. {NOISE}"


def chosen_pairs(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Rows of the stimulus set of the spectra, or of the first set that has rows."""
    table = tables["similarity"]
    known = table.stimuli.unique()
    chosen = chosen_stimuli(tables) if "spectra" in tables else None
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


def layout(nodes: pd.DataFrame) -> Layout:
    """Panels beside each other if they have few representations, whose names fit; else large ones below each other."""
    names = owners(nodes)
    longest, least = LETTER * names.str.len().max(), LINE * names.nunique()
    half = (WIDTH - longest - 0.2 - BAR - GAP) / 2
    if len(nodes) <= BESIDE and half >= max(least, SMALLEST):
        return Layout(True, half, longest)
    return Layout(False, max(least, SMALLEST, min(SIDE, WIDTH - longest - 0.2 - BAR)), longest)


def grid(place: Layout) -> tuple[Figure, Sequence[Axes], Axes]:
    """A figure with two square panels and a color bar.

    Squares of fixed aspect beside long labels are more than an automatic layout can place.
    """
    side, left, bottom, top = place.side, place.names + 0.2, place.names + 0.45, 0.65
    if place.beside:
        corners = [(left, bottom), (left + side + GAP, bottom)]
    else:
        corners = [(left, bottom + side + GAP + 0.15), (left, bottom)]
    width, height = max(WIDTH, corners[1][0] + side + BAR), corners[0][1] + side + top
    figure = Figure(figsize=(width, height))
    boxes = [(x, y, side, side) for x, y in corners]
    x, y = corners[-1][0] + side + 0.12, corners[0][1] + side / 2 - 1.2
    *axes, bar = (
        figure.add_axes((x / width, y / height, w / width, h / height)) for x, y, w, h in [*boxes, (x, y, 0.09, 2.4)]
    )
    return figure, axes, bar


def panel(ax: Axes, values: np.ndarray, widths: np.ndarray) -> AxesImage:
    """A heat map from 0 to 1; colors follow the square root, because areas differ among low values."""
    cells = np.repeat(np.repeat(values, widths, axis=0), widths, axis=1)
    colors = colormaps["viridis"].with_extremes(bad=UNDEFINED)
    extent = (0, widths.sum(), widths.sum(), 0)
    return ax.imshow(cells, cmap=colors, norm=PowerNorm(0.5, 0, 1), extent=extent, interpolation="none")


def widths(nodes: pd.DataFrame, side: float) -> np.ndarray:
    """Pixels of each representation: equal ones, except that each model and area has room for its name."""
    owner = owners(nodes)
    size, least = owner.groupby(owner).transform("size"), LINE / side
    named, width = pd.Series(False, nodes.index), pd.Series(1 / len(nodes), nodes.index)
    while (crowded := ~named & (size * width < least)).any():
        named |= crowded
        room = 1 - least * owner[named].nunique()
        width = (least / size).where(named, room / max(1, (~named).sum()))
    return np.maximum(1, np.round(max(PIXELS, 4 * len(nodes)) * width)).astype(int)


def owners(nodes: pd.DataFrame) -> pd.Series:
    """The name of the model of each layer, and of each area."""
    names = [
        row.model if row.kind == LAYER else area_label(row.model, row.layer, row.kind == SIMULATED)
        for row in nodes.itertuples()
    ]
    return pd.Series(names, nodes.index)


def groups(nodes: pd.DataFrame, widths: np.ndarray) -> pd.DataFrame:
    """One row per model and per area: label, model (empty for areas), and where it starts and ends."""
    ends, model = np.cumsum(widths), nodes.model.where(nodes.kind == LAYER, "")
    table = pd.DataFrame({"label": owners(nodes), "model": model, "start": ends - widths, "end": ends})
    return table.groupby(["label", "model"], sort=False).agg({"start": "min", "end": "max"}).reset_index()


def label(ax: Axes, groups: pd.DataFrame, drawn: dict[str, Mark]) -> None:
    """Names of models, in their colors, and of areas, on both sides; lines between them."""
    centers = (groups.start + groups.end) / 2
    ax.set_xticks(centers, groups.label, rotation=90)
    ax.set_yticks(centers, groups.label)
    ax.tick_params(length=0, pad=2)
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

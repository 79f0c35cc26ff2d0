"""Eigenspectra: how variance falls off over a representation's axes, one panel per model."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from ventral.figures.labels import areas, bounds, number
from ventral.figures.spec import Spec
from ventral.figures.style import (
    FAINT,
    MANY,
    Mark,
    grid,
    heading,
    label_first_column,
    marks,
    name_panels,
    sentence,
    tint,
)
from ventral.metrics import Quantity

FIGURE = Spec(
    place=60,
    heading="Eigenspectra",
    needs="",
    tables=("geometry", "predictivity", "layers", "spectra"),
    about="**Eigenspectra** of each layer's responses, relative to the first eigenvalue, on logarithmic axes. The "
    "deeper the layer, the stronger its color. The dashed line falls as 1/rank. ED is the effective "
    "dimensionality of the first and the last measured layer.",
)

ABSENT = "No layer has an eigenspectrum to show."
SMALLEST = 1e-6  # of the first eigenvalue; smaller ones are rounding errors


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """Eigenvalues relative to the first against rank, on logarithmic axes; deeper layers are darker."""
    stimuli = chosen_stimuli(tables)
    if stimuli is None:
        return sentence(ABSENT)
    drawn = marks(tables["layers"])
    place = tables["layers"][["model", "layer", "depth", "position"]]
    spectra = tables["spectra"]
    spectra = spectra[spectra.stimuli == stimuli].merge(place, on=["model", "layer"], validate="many_to_one")
    few = len(drawn) <= MANY
    figure, axes = grid(len(drawn), 1.9 if few else 1.5, most=5 if few else 6, sharex=True, sharey=True)
    column = str(Quantity("effective_dimensionality", stimuli=stimuli))
    for ax, (model, mark) in zip(axes, drawn.items(), strict=True):
        panel(ax, spectra[spectra.model == model], mark)
        of_model = tables["layers"][tables["layers"].model == model].sort_values("position")
        ax.text(0.04, 0.05, dimensionality_text(of_model, column), transform=ax.transAxes)
        label_first_column(ax, "λ / λ₁")
        if ax.xaxis.get_tick_params()["labelbottom"]:
            ax.set_xlabel("rank")
    name_panels((ax, model, mark.color, mark.aside) for ax, (model, mark) in zip(axes, drawn.items(), strict=True))
    ranks = np.array([1, spectra["rank"].max()])
    for ax in axes:
        ax.plot(ranks, 1 / ranks, color=FAINT, linewidth=0.8, linestyle=(0, (4, 2)), zorder=0)
    smallest = (spectra.eigenvalue / spectra.groupby(["model", "layer"]).eigenvalue.transform("max")).min()
    axes[0].set(xscale="log", yscale="log", ylim=(max(SMALLEST, smallest) * 0.5, 2))
    for ax in axes:
        ax.xaxis.set_minor_locator(NullLocator())
        ax.yaxis.set_minor_locator(NullLocator())
    heading(figure, f"Eigenspectra of responses to “{stimuli}”")
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    stimuli = chosen_stimuli(tables)
    if stimuli is None:
        return ABSENT
    n = tables["geometry"].n[tables["geometry"].stimuli == stimuli].max()
    ranks = tables["spectra"].groupby(["stimuli", "model", "layer"])["rank"].max().loc[stimuli]
    return (
        f"Eigenvalues λ of the covariance of the responses to the {int(n):,} images of “{stimuli}”, relative to the "
        f"first, against their rank (up to {bounds(ranks)}). One line per layer; the deeper the layer, the stronger "
        f"its color. The dashed line falls as 1/rank. ED is the effective dimensionality of the first and of the last "
        f"measured layer. Eigenvalues below a millionth of the first are not shown."
    )


def chosen_stimuli(tables: dict[str, pd.DataFrame]) -> str | None:
    """The stimulus set of the first recording, or else the one with most images; None without spectra."""
    known = tables["spectra"].stimuli.unique()
    recorded = [name for name in areas(tables["predictivity"]).stimuli if name in known]
    if recorded:
        return recorded[0]
    sizes = tables["geometry"].groupby("stimuli", sort=False).n.max()
    return sizes[sizes.index.isin(known)].idxmax() if len(known) else None


def panel(ax: Axes, spectra: pd.DataFrame, mark: Mark) -> None:
    """One line per layer of a model."""
    positions = sorted(spectra.position.unique())
    for position, strength in zip(positions, np.linspace(1, 0.3, len(positions))[::-1], strict=True):
        layer, shade = spectra[spectra.position == position], tint(mark.color, strength)
        relative = layer.eigenvalue / layer.eigenvalue.max()
        seen = relative > 0
        ax.plot(layer["rank"][seen], relative[seen], color=shade, linewidth=1.1)


def dimensionality_text(of_model: pd.DataFrame, column: str) -> str:
    """Effective dimensionality of the first and the last measured layer."""
    values = of_model[column].dropna()
    if values.empty:
        return ""
    return "ED " + " → ".join(dict.fromkeys(number(value, 1) for value in values.iloc[[0, -1]]))

"""The course of training: the loss, its terms, and signs of a collapse, over epochs."""

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from ventral.figures.labels import bounds, count, listed
from ventral.figures.spec import Spec
from ventral.figures.style import FAINT, WIDTH, heading, legend, sentence

FIGURE = Spec(
    place=100,
    heading="Training",
    needs="trained networks",
    tables=("training",),
    about="**Training**: the loss, its two terms, the effective dimensionality of the embeddings (at 1 they have "
    "collapsed) and the accuracy of a linear read-out over epochs, one line per network, colored by the share "
    "λ of the equivariant term.",
)

SHOWN = {
    "loss": "loss",
    "invariant": "invariant term",
    "equivariant": "equivariant term",
    "factorization": "factorization term",
    "accuracy": "right answers",
    "rank": "dimensionality",
    "probe": "probe",
}
ABSENT = "The study trains no networks."


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """One row of panels per entry, one line per network, colored by λ."""
    table = training(tables)
    if table.empty:
        return sentence(ABSENT)
    colors = shades(table)
    entries, columns = list(table.entry.unique()), shown(table)
    figure = Figure((WIDTH, 2.0 * len(entries)), layout="constrained")
    axes = figure.subplots(len(entries), len(columns), squeeze=False)
    for row, entry in zip(axes, entries, strict=True):
        of_entry = table[table.entry == entry]
        for ax, column in zip(row, columns, strict=True):
            ax.set_visible(bool(of_entry[column].notna().any()))
            for _, network in of_entry.groupby("network", sort=False):
                color, mark = colors[network["lambda"].iloc[0]], "o" if len(network) == 1 else ""
                ax.plot(network.epoch, network[column], color=color, marker=mark, linewidth=1.1, markersize=3)
            ax.set_title(SHOWN[column])
            ax.set_xlabel("epoch")
            ax.xaxis.set_major_locator(MaxNLocator(4, integer=True))
            ax.grid(axis="y", color=FAINT, alpha=0.4, linewidth=0.5)
        row[0].set_ylabel(entry if len(entries) > 1 else "")
    networks = list(table.network.unique())
    heading(figure, "Training" + (f" of {networks[0]}" if len(networks) == 1 else ""))
    legend(figure, {}, [Line2D([], [], color=colors[at], linewidth=1.4, label=f"λ = {at:g}") for at in colors])
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    table = training(tables)
    if table.empty:
        return ABSENT
    named = shown(table)
    objectives = listed([one.replace("_", " ") for one in table.objective.unique()])
    what = count(table.network.nunique(), "network")
    text = f"Training of {what} ({objectives}) over {bounds(table.groupby('network').epoch.nunique())} epochs, one "
    text += f"line per network; {count(table.seed.nunique(), 'seed')}. "
    if "invariant" in named:
        text += "Loss = (1 − λ) × invariant term + λ × equivariant term"
        text += " + w × factorization term (for entries with a weight w)," if "factorization" in named else ","
        text += " means over the steps of an epoch; losses of different λ are not on one scale."
    if "accuracy" in named:
        text += " Right answers are the share of views for which the objective's question is answered correctly."
    if "rank" in named:
        text += " Dimensionality is the effective dimensionality of the embeddings; at 1 they have collapsed."
    if "probe" in named:
        text += (
            " The probe is a linear read-out of the labels that is trained alongside, without gradients to the network."
        )
    return text


def training(tables: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """The logs of all networks, without terms that have no weight; no rows if no network is trained."""
    table = tables.get("training")
    if table is None:
        return pd.DataFrame(columns=["network", "entry", "lambda"])
    terms = {"equivariant": table.equivariant.where(table["lambda"] > 0)}
    if "factorization" in table:
        terms["factorization"] = table.factorization.where(table.factorization != 0)
    return table.assign(**terms)


def shown(table: pd.DataFrame) -> list[str]:
    """Columns of the logs that hold any values."""
    return [column for column in SHOWN if column in table and table[column].notna().any()]


def shades(table: pd.DataFrame) -> dict[float, str]:
    """A color for each λ, from dark to light."""
    weights = np.sort(table["lambda"].unique())
    places = np.linspace(0.0, 0.82, len(weights)) if len(weights) > 1 else [0.25]
    return {weight: to_hex(colormaps["viridis"](place)) for weight, place in zip(weights, places, strict=True)}

"""Category-orthogonal information: what do layers tell about scenes, other than the category, through depth?"""

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from ventral.catalog import record
from ventral.figures.labels import bounds, listed, models_shown
from ventral.figures.parameters import dotted, padded, profile
from ventral.figures.rows import placed
from ventral.figures.spec import Spec
from ventral.figures.style import FAINT, grid, heading, label_first_column, legend, marks, sentence
from ventral.stimuli.main_effects import PARAMETER_OF

FIGURE = Spec(
    place=35,
    heading="Category-orthogonal information",
    needs="a parameter",
    tables=("geometry", "layers"),
    about="**Category-orthogonal information**: the correlation between the variables of a parameter, such as the size "
    "of a pose, and their predictions by a linear decoder within categories that it has not seen, by relative "
    "depth. Panels are means over all variables and over those of each parameter. Dotted lines are chance.",
)

METRIC = "category_orthogonal_r"
ALL = "all variables"
ABSENT = "No stimulus set has scenes with categories and with variables that change inside scenes."


def draw(tables: dict[str, pd.DataFrame]) -> Figure:
    """One panel for the mean of all variables of a stimulus set, and one for each parameter; one line per model."""
    table, chance = values(tables)
    if table.empty:
        return sentence(ABSENT)
    drawn = marks(tables["layers"])
    panels = [*table[["stimuli", "panel"]].drop_duplicates().itertuples(index=False, name=None)]
    several = table.stimuli.nunique() > 1
    figure, axes = grid(len(panels), 2.1, sharey=True)
    limits = padded(pd.concat([table.assign(low=table.value, high=table.value), chance.assign(low=chance.value)]))
    for ax, (stimuli, panel) in zip(axes, panels, strict=True):
        profile(ax, table[(table.stimuli == stimuli) & (table.panel == panel)], drawn, limits)
        if panel == ALL:
            dotted(ax, chance[chance.stimuli == stimuli], drawn)
        ax.set_title(f"{panel} ({stimuli})" if several else panel)
        label_first_column(ax, "r in unseen categories")
    heading(figure, "Category-orthogonal information through depth")
    legend(figure, drawn, [Line2D([], [], color=FAINT, linestyle=":", linewidth=1.1, label="shuffled scenes")])
    return figure


def caption(tables: dict[str, pd.DataFrame]) -> str:
    """Text under the figure."""
    table, _ = values(tables)
    if table.empty:
        return ABSENT
    sources = listed([f"“{name}”" for name in table.stimuli.unique()])
    of_parameters = [
        f"{panel}: {listed(names)}"
        for panel, names in table[table.panel != ALL].groupby("panel", sort=False).names.first().items()
    ]
    return (
        f"Correlation between variables of scenes and their predictions by a ridge regression, within categories that "
        f"it has not seen: 1 if a variable can be read off whatever the object is. Panels are means over the variables "
        f"of a parameter ({'; '.join(of_parameters)}), by relative depth (0 = the network’s first layer, 1 = its "
        f"last); a model with one layer is a horizontal line, and untrained networks are dashed. Dotted lines are the "
        f"mean of all variables with their values shuffled among scenes. Measured on "
        f"{bounds(table.n[table.panel == ALL])} images of {sources}, {models_shown(tables['layers'])}. Each variable "
        f"and its interval is in geometry.csv."
    )


def of_parameters(rows: pd.DataFrame, parameters: set[str]) -> pd.DataFrame:
    """Rows with the panel of each variable; names such as "yaw in pose" are divided into variable and parameter."""
    parts = rows.parameter.str.extract("^(.+) in (.+)$")
    several = parts[1].isin(parameters)
    variable = rows.parameter.where(~several, parts[0])
    panel = variable.map(PARAMETER_OF).fillna(variable).where(variable != "", ALL)
    return rows.assign(parameter=variable, panel=panel.where(~several, parts[1]))


def values(tables: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Means over the variables of each panel, with their place and the variables' names; and chance of all variables.

    Only of stimulus sets that vary parameters inside scenes.
    """
    geometry = tables["geometry"]
    varying = geometry.stimuli.isin(geometry.stimuli[geometry.metric == "factorization"].unique())
    rows = placed(tables, varying & (geometry.metric == METRIC) & geometry.value.notna())
    chance = placed(tables, varying & (geometry.metric == record(METRIC).control) & geometry.value.notna())
    rows = of_parameters(rows, {*geometry.parameter[geometry.metric == "factorization"]})
    rows = pd.concat([rows[rows.panel == ALL], rows[rows.panel != ALL]])
    keys = ["stimuli", "panel", "model", "layer", "depth", "position"]
    means = rows.groupby(keys, sort=False).agg(value=("value", "mean"), n=("n", "first"), names=("parameter", list))
    means = means.reset_index()
    return pd.concat([means.head(0), *(means[means.stimuli == name] for name in means.stimuli.unique())]), chance

"""The map: which geometry goes with which score, how surely, and what remains within kinds of training."""

import altair as alt
import pandas as pd

from ventral.figures.labels import listed, provenance
from ventral.report.charts.chart import Chart, Drawing
from ventral.report.charts.explorer import explorer_link
from ventral.report.charts.layer_rows import layer_rows
from ventral.report.charts.menus import menu
from ventral.report.charts.quantities import BETWEEN, columns
from ventral.report.evidence import Evidence, of_same_labels

CHART = Chart(place=-20, heading="Map of relations", scripts=("relation_map.js",))

PAIR = ["across", "statistic", "geometry", "score"]
SHOWN = ["across", "condition", "statistic", "row", "column", "scale", "value", "low", "high", "q", "n", "models"]
SHOWN += ["families", "survives", "inside", "link"]
NOT_KNOWN, VANISHES, NO_FINDING = "not known", "vanishes", "no finding: both depend on the labels"
LEVEL = 0.05  # of the false discovery rate
KINDS = "kind"  # what is given where the means of the kinds are removed
EVERYTHING = "all networks"
STEP = 22  # pixels of a row
INTERVAL = "isValid(datum.low) ? '[' + format(datum.low, '.2f') + ', ' + format(datum.high, '.2f') + ']' : 'none'"
NARROW = "containerSize()[0] < 560"
FEW = 4  # scores whose names fit above their columns
MANY = 40  # rows, beyond which there is a field for a part of their names
NAMED = "indexof(lower(datum.row), lower(part)) >= 0"
HATCHES = 30  # diagonals of a cell
SIGNS = {  # of the legend, as SVG paths
    "survives the correction": "M-1,-1H1V1H-1Z",
    "vanishes within kinds": "M-1,-.4L-.4,-1M-1,.2L.2,-1M-1,.8L.8,-1M-.6,1L1,-.6M0,1L1,0M.6,1L1,.6",
}


def draw(tables: dict[str, pd.DataFrame]) -> Drawing | None:
    """One cell per geometry column and score, colored by r."""
    relations = tables.get("relations")
    if relations is None or "score" not in relations or relations.value.isna().all():
        return None
    cells = map_cells(relations)
    rows = layer_rows(tables["layers"])
    labels = {column.name: column.label for column in columns(rows, tables)}
    cells = cells.assign(
        row=cells.geometry.map(lambda name: labels.get(name, name)),
        column=cells.score.map(lambda name: labels.get(name, name)),
        link=[explorer_link(row.geometry, row.score, row.scale == "log") for row in cells.itertuples()],
    )
    first = first_condition(cells, Evidence(relations))
    return Drawing(chart(cells, first), caption(cells, tables, first), {"map": cells[SHOWN]})


def map_cells(relations: pd.DataFrame) -> pd.DataFrame:
    """The cells of the map, for every choice of its menus.

    Parameters
    ----------
    relations : DataFrame
        across, within, given, geometry, scale, score, statistic, value, low, high, q, n, models and families. Where a
        relation is tested (q), only tested ones are shown.

    Returns
    -------
    DataFrame
            The same rows with `condition` (what is held fixed), `survives` (q < .05) and `inside` (see `within_kinds`).
    """
    tested = relations.groupby(["geometry", "score"]).q.transform(lambda q: q.notna().any())
    shown = relations[tested] if tested.any() else relations
    shown = shown.assign(condition=conditions(shown), survives=(shown.q < LEVEL).fillna(False).astype(bool))
    shown = shown.merge(within_kinds(shown), on=PAIR, how="left", validate="many_to_one")
    circular = of_same_labels(shown)
    inside = shown.inside.fillna(NOT_KNOWN).mask(circular, NO_FINDING)
    return shown.assign(inside=inside, survives=shown.survives & ~circular)


def conditions(relations: pd.DataFrame) -> pd.Series:
    """What is held fixed in each row, in words."""
    within = relations.within.fillna("").where(lambda name: name == "", "within " + relations.within.fillna(""))
    removed = relations.given.fillna("").where(lambda name: name == "", "given " + relations.given.fillna(""))
    joined = (within + ", " + removed).str.strip(", ")
    return joined.replace({"": EVERYTHING, f"given {KINDS}": "within kinds (their means removed)"})


def first_condition(cells: pd.DataFrame, evidence: Evidence) -> str:
    """The networks that the map shows at first: those that answer the question of the page."""
    within, given = evidence.question
    asked = cells[(cells.within.fillna("") == within) & (cells.given.fillna("") == given)]
    return asked.condition.iloc[0] if len(asked) else cells.condition.iloc[0]


def within_kinds(relations: pd.DataFrame) -> pd.DataFrame:
    """What remains of each relation within kinds of training, in the column `inside`.

    It is "remains" if the interval with the means of the kinds removed excludes 0, or, without such an interval, that
    of any kind; else "vanishes" if the interval over all networks excludes 0, and "none" if it does not.
    """
    blank = relations.fillna({"within": "", "given": ""})
    apart = ((blank.low > 0) | (blank.high < 0))[blank.low.notna()]

    def of_pairs(chosen: pd.Series) -> pd.Series:
        rows = apart[chosen[apart.index]]
        return rows.groupby([blank[name][rows.index] for name in PAIR]).any()

    alone = blank.given == ""
    inside = of_pairs((blank.within == "") & (blank.given == KINDS)).combine_first(
        of_pairs((blank.within != "") & alone)
    )
    whole = of_pairs((blank.within == "") & alone).reindex(inside.index)
    words = whole.map({True: VANISHES, False: "none"}).mask(inside.astype(bool), "remains")
    return words.rename("inside").reset_index()


def chart(cells: pd.DataFrame, first: str) -> dict:
    """The specification: colored cells, outlined and hatched, with menus of what is asked."""
    asked = [
        menu(name, heading, cells[name].unique(), first=first if name == "condition" else "")
        for name, heading in (("across", "Across"), ("condition", "Networks"), ("statistic", "Coefficient"))
    ]
    x, y = axes(cells)
    shown = alt.Chart(alt.NamedData("map")).transform_filter(
        "datum.across == across && datum.condition == condition && datum.statistic == statistic && isValid(datum.value)"
    )
    many = cells.row.nunique() > MANY
    if many:
        bind = alt.binding(input="search", name="Rows with", placeholder="a part of a name")
        asked.append(alt.param(name="part", value="", bind=bind))
        shown = shown.transform_filter(NAMED)
    base = shown.transform_calculate(interval=INTERVAL).encode(x=x, y=y, href="link:N", tooltip=tooltip())
    scale = alt.Scale(scheme="redblue", domain=[-1, 1], domainMid=0)
    color = alt.Color("value:Q", scale=scale, title="r", legend=alt.Legend(orient="bottom", gradientLength=180))
    none = f"datum.inside == '{NO_FINDING}'"
    ink = alt.when(none).then(alt.value("#888888")).when("abs(datum.value) > .6").then(alt.value("white"))
    ink = ink.otherwise(alt.value("black"))
    seen = alt.condition("bandwidth('x') > 30", alt.value(1), alt.value(0))
    weak = alt.condition(none, alt.value(0.25), alt.value(1))
    outlined = base.transform_filter("datum.survives")
    layered = alt.layer(
        base.mark_rect(cursor="pointer").encode(color=color, opacity=weak),
        outlined.mark_rect(fill=None, stroke="black", strokeWidth=4, cursor="pointer"),
        outlined.mark_rect(fill=None, stroke="white", strokeWidth=1, cursor="pointer"),  # seen on dark colors, too
        hatching(shown).encode(color=ink, href="link:N", tooltip=tooltip()),
        base.mark_text(fontSize=11, cursor="pointer").encode(
            text=alt.Text("value:Q", format=".2f"), color=ink, opacity=seen
        ),
        *signs(base, cells),
    )
    height = alt.Step(STEP) if many else STEP * cells.row.nunique()
    return layered.add_params(*asked).properties(width="container", height=height).to_dict()


def hatching(shown: alt.Chart) -> alt.Chart:
    """Diagonals that fill the cells of relations that vanish within kinds, at the same angle in cells of any width.

    A diagonal holds the points of a cell whose distances from its left and its upper edge have one sum.
    """
    width, height = "bandwidth('x')", "bandwidth('y')"
    total = f"min({width} + {height}, datum.line * max(6, ({width} + {height}) / {HATCHES}))"
    left, top = "scale('x', datum.column)", "scale('y', datum.row)"
    lines = shown.transform_filter(f"datum.inside == '{VANISHES}'").transform_calculate(line=f"sequence(1, {HATCHES})")
    rules = lines.transform_flatten(["line"]).mark_rule(strokeWidth=1, opacity=0.5, cursor="pointer")
    return rules.encode(
        x=alt.value(alt.ExprRef(f"{left} + min({width}, {total})")),
        y=alt.value(alt.ExprRef(f"{top} + max(0, {total} - {width})")),
        x2=alt.value(alt.ExprRef(f"{left} + max(0, {total} - {height})")),
        y2=alt.value(alt.ExprRef(f"{top} + min({height}, {total})")),
    )


def signs(base: alt.Chart, cells: pd.DataFrame) -> list[alt.Chart]:
    """The legend of outlines and hatches that any cell has; it stands for no mark of its own."""
    known = dict(zip(SIGNS, (cells.survives.any(), (cells.inside == VANISHES).any()), strict=True))
    names = [name for name, there in known.items() if there]
    columns = alt.ExprRef(f"{NARROW} ? 1 : 2")
    legend = alt.Legend(orient="top", title=None, columns=columns, symbolSize=180, symbolStrokeColor="#808080")
    scale = alt.Scale(domain=names, range=[SIGNS[name] for name in names])
    empty = base.transform_filter("false").transform_calculate(sign="''").mark_point()
    return [empty.encode(shape=alt.Shape("sign:N", scale=scale, legend=legend))] if names else []


def axes(cells: pd.DataFrame) -> tuple[alt.X, alt.Y]:
    """Scores above their columns and geometry beside its rows; on a narrow page, names take two lines."""
    plain = {"title": None, "domain": False, "ticks": False}
    few = cells.column.nunique() <= FEW
    size = alt.ExprRef(f"{NARROW} ? 9 : 12")
    limit = alt.ExprRef("max(60, bandwidth('x'))") if few else 200
    lines = f"split(datum.label, '{BETWEEN}')"
    side = alt.Axis(
        labelLimit=alt.ExprRef(f"{NARROW} ? 150 : 380"),
        labelFontSize=size,
        labelLineHeight=9,
        labelExpr=f"{NARROW} ? {lines} : datum.label",
        **plain,
    )
    if few:
        room = 18 if cells.column.str.contains(BETWEEN).any() else 4
        turned = {"labelExpr": lines, "labelAngle": 0, "labelPadding": room, "labelLineHeight": 14}
    else:
        turned = {"labelAngle": -90}
    top = alt.Axis(orient="top", labelLimit=limit, labelFontSize=size, **turned, **plain)
    gap = alt.Scale(paddingInner=0.06)
    return alt.X("column:N", sort=None, axis=top, scale=gap), alt.Y("row:N", sort=None, axis=side, scale=gap)


def tooltip() -> list[alt.Tooltip]:
    """The numbers of a cell."""
    return [
        alt.Tooltip("row:N", title="geometry"),
        alt.Tooltip("scale:N", title="scale"),
        alt.Tooltip("column:N", title="score"),
        alt.Tooltip("value:Q", title="r", format=".3f"),
        alt.Tooltip("interval:N", title="95 %"),
        alt.Tooltip("q:Q", title="q", format=".2g"),
        alt.Tooltip("n:Q", title="points"),
        alt.Tooltip("models:Q", title="networks"),
        alt.Tooltip("families:Q", title="families"),
        alt.Tooltip("inside:N", title="within kinds"),
    ]


def caption(cells: pd.DataFrame, tables: dict[str, pd.DataFrame], first: str) -> str:
    """Text under the chart."""
    text = (
        f"Color is the correlation r of a geometry (row) with a score (column), at first for “{first}”; the menu of "
        "networks has other choices. An outline marks relations that survive the correction for their number (false "
        "discovery rate, q < .05)"
    )
    text += "; hatched cells vanish within kinds of training. " if (cells.inside == VANISHES).any() else ". "
    if (cells.inside == NO_FINDING).any():
        text += "Faded cells are no findings: the geometry is read out of labels from which the area was simulated. "
    text += "A click on a cell opens its layers in the explorer. "
    logs = cells.row[cells.scale == "log"].drop_duplicates().tolist()
    if logs:
        few = listed(logs[:3]) + (f" and {len(logs) - 3} more" if len(logs) > 3 else "")
        text += f"On a logarithmic scale: {few}. "
    return (text + (provenance(tables["predictivity"]) if "predictivity" in tables else "")).strip()

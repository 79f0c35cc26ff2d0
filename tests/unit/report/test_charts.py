"""Every chart is valid Vega-Lite and draws columns that the page embeds."""

import json
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest
from synthetic import study, trained

from ventral.figures.labels import areas
from ventral.report.charts import similarity_map
from ventral.report.charts.best_layers import beside_best, best_of_study
from ventral.report.charts.chart import charts, drawings
from ventral.report.charts.embedded import as_json, embedded
from ventral.report.charts.explorer import explorer_link
from ventral.report.charts.layer_rows import kind_colors, kinds, layer_rows
from ventral.report.charts.leading_relation import caption
from ventral.report.charts.quantities import columns, leading_pair
from ventral.report.charts.relation_map import chart, map_cells
from ventral.summary import relate

STUDIES = {"study": study, "trained": trained, "no recordings": lambda: study(recorded=())}
PLAIN = pd.DataFrame(
    {
        "model": np.repeat([*"abcdefgh"], 3),
        "layer": [*"xyz"] * 8,
        "kind": np.repeat(["supervised", "untrained"], 12),
        "ED": np.geomspace(1, 50, 24),
        "IT": np.linspace(0.1, 0.7, 24),
    }
)


@pytest.fixture(scope="module")
def tables(request):
    return STUDIES[request.param]() if request.param in STUDIES else plain()


def plain():
    """A table of models that is no study, and its relations."""
    return {"layers": PLAIN, "relations": relate(PLAIN, ["ED"], ["IT"], log=["ED"]).relations}


def relation(value, low, high, q=np.nan, within="", given=""):
    """A row of relations between two columns."""
    row = {"across": "layers", "within": within, "given": given, "geometry": "ED", "scale": "log", "score": "IT"}
    return row | {
        "statistic": "pearson",
        "value": value,
        "low": low,
        "high": high,
        "q": q,
        "n": 24,
        "models": 8,
        "families": 8,
    }


def named(spec):
    """The names of the tables of a specification."""
    found = set()

    def visit(node):
        if isinstance(node, dict):
            found.update({node["data"]["name"]} if "name" in (node.get("data") or {}) else ())
            list(map(visit, node.values()))
        elif isinstance(node, list):
            list(map(visit, node))

    visit(spec)
    return found


@pytest.mark.parametrize("tables", [*STUDIES, "plain"], indirect=True, scope="module")
def test_charts_name_the_tables_that_they_bring_and_a_name_is_one_table(tables):
    drawn, known = drawings(tables), {}
    assert {"depth_curves", "explorer"} <= {*drawn}
    for name, drawing in drawn.items():
        assert named(drawing.spec) <= {*drawing.data}
        assert drawing.caption.endswith(".")
        json.loads(as_json(drawing.spec))
        json.loads(embedded(drawing.data))
        for table, rows in drawing.data.items():
            assert rows.equals(known.setdefault(table, rows)), name


@pytest.mark.parametrize("tables", ["trained"], indirect=True, scope="module")
def test_a_study_that_trains_networks_has_every_chart(tables):
    pair = {"geometry": "effective_dimensionality@naturalistic", "score": "ridge_r@simulated/IT"}
    whole = tables | {"relations": pd.DataFrame([relation(0.7, 0.4, 0.9, q=0.01) | pair])}
    assert {*drawings(whole)} == {*charts()} - {"factorization_pairs"}  # which need two parameters


@pytest.mark.parametrize(
    ("pooled", "single", "inside"),
    [
        ((-0.2, 0.4), None, "vanishes"),
        ((0.2, 0.8), None, "remains"),
        ((-0.2, 0.4), (0.1, 0.9), "vanishes"),
        (None, (0.1, 0.9), "remains"),
        (None, (-0.1, 0.9), "vanishes"),
        (None, None, "not known"),
    ],
)
def test_the_map_marks_what_survives_and_what_vanishes_within_kinds(pooled, single, inside):
    rows = [relation(0.7, 0.4, 0.9, q=0.01)]
    rows += [relation(0.1, *pooled, q=0.3, given="kind")] if pooled else []
    rows += [relation(0.5, *single, within="supervised")] if single else []
    cells = map_cells(pd.DataFrame(rows))
    assert cells.survives.tolist() == [True] + [False] * (len(rows) - 1)
    assert set(cells.inside) == {inside}
    assert cells.condition[0] == "all networks"


def test_a_read_out_of_labels_and_an_area_simulated_from_them_are_no_finding_on_the_map():
    rows = [
        relation(0.9, 0.8, 0.95, q=0.01) | {"geometry": name, "simulated": simulated}
        for name in ("linear_probe_top_1@a", "effective_dimensionality@a")
        for simulated in (True, False)
    ]
    cells = map_cells(pd.DataFrame(rows).assign(score=["s", "r"] * 2))
    assert cells.survives.tolist() == [False, True, True, True]
    assert cells.inside.str.startswith("no finding").tolist() == [True, False, False, False]


def test_the_map_shows_the_tested_relations_only():
    rows = [relation(0.7, 0.4, 0.9, q=0.2), relation(0.1, -0.2, 0.3) | {"geometry": "alpha"}]
    cells = map_cells(pd.DataFrame(rows))
    assert cells.geometry.tolist() == ["ED"]
    assert not cells.survives.any()
    assert len(map_cells(pd.DataFrame(rows).assign(q=np.nan))) == 2


def test_the_map_never_begins_with_trained_and_untrained_networks_together():
    drawn = drawings(plain())["relation_map"]
    [condition] = [one for one in drawn.spec["params"] if one["name"] == "condition"]
    assert condition["value"] == "within kinds (their means removed)"
    assert "“within kinds (their means removed)”" in drawn.caption
    assert "all networks" in condition["bind"]["options"]


def test_a_map_of_many_rows_can_be_searched():
    cells = map_cells(pd.DataFrame([relation(0.7, 0.4, 0.9, q=0.2) | {"geometry": f"x{i}"} for i in range(41)]))
    cells = cells.assign(row=cells.geometry, column=cells.score, link="")
    fields = [{one["name"] for one in chart(rows, "all networks")["params"]} for rows in (cells, cells.head(40))]
    assert fields[0] - fields[1] == {"part"}


def test_a_cell_of_the_map_opens_its_columns_in_the_explorer():
    link = explorer_link("factorization[pose|light]@a", "r@rec/area 1", True)
    assert parse_qs(link.removeprefix("#explorer?")) == {
        "x": ["factorization[pose|light]@a"],
        "y": ["r@rec/area 1"],
        "xlog": ["1"],
    }


def test_best_layers_of_a_table_are_those_with_the_highest_score():
    best = drawings(plain())["best_layers"].data["best"]
    assert best.model.tolist() == [*"abcdefgh"] and set(best.layer) == {"z"}
    assert np.allclose(best.value, PLAIN.IT[2::3])


@pytest.mark.parametrize("tables", ["study"], indirect=True, scope="module")
def test_best_layers_of_a_study_have_intervals_and_a_ceiling(tables):
    best = drawings(tables)["best_layers"].data["best"]
    assert len(best) == 3 * 10
    assert np.allclose(best.ceiling, 0.75**0.5)
    assert ((best.low < best.value) & (best.value < best.high)).all()


@pytest.mark.parametrize("tables", ["study"], indirect=True, scope="module")
def test_pairs_of_parameters_hold_first_and_last_layers_and_no_median_of_trained_and_untrained(tables):
    pairs = drawings(tables)["factorization_pairs"].data["pairs"]
    assert {*pairs["at"]} == {"first", "last"}
    assert not pairs.model.str.startswith("median").any()  # all networks are untrained
    kinds_known = tables["layers"].assign(kind=tables["layers"].kind.replace("untrained", "supervised"))
    medians = drawings(tables | {"layers": kinds_known})["factorization_pairs"].data["pairs"]
    assert "median over 8 supervised networks" in {*medians.model}


@pytest.mark.parametrize("tables", ["study"], indirect=True, scope="module")
def test_spectra_are_relative_to_their_first_eigenvalue(tables):
    spectra = drawings(tables)["eigenspectra"].data["spectra"]
    assert spectra.groupby(["stimuli", "model", "layer"]).share.max().eq(1).all()


@pytest.mark.parametrize("tables", ["study"], indirect=True, scope="module")
def test_similarity_is_numbered_with_areas_last(tables):
    cells = drawings(tables)["similarity_map"].data["similarity"]
    assert len(cells) == len(tables["similarity"])
    assert cells[["i", "j"]].to_numpy().min() == 0 and cells[["i", "j"]].to_numpy().max() == 34 + 3 - 1


@pytest.mark.parametrize("tables", ["study"], indirect=True, scope="module")
def test_similarity_of_many_layers_is_that_of_the_best_and_the_last_ones(tables, monkeypatch):
    monkeypatch.setattr(similarity_map, "MOST", 24)  # 34 layers and 3 areas are more
    drawing = similarity_map.draw(tables)
    layers = tables["layers"]
    _, score = leading_pair(columns(layer_rows(layers), tables), tables)
    best = layers.loc[layers.dropna(subset=score.name).groupby("model")[score.name].idxmax(), ["model", "layer"]]
    kept = pd.concat([best, layers.groupby("model").tail(1)[["model", "layer"]]]).drop_duplicates()
    assert drawing.data["similarity"].i.max() < drawing.data["similarity"].j.max() == len(kept) + 3 - 1
    assert "best and the last layer" in drawing.caption
    monkeypatch.setattr(similarity_map, "MOST", 12)
    assert similarity_map.draw(tables) is None


@pytest.mark.parametrize("tables", ["study"], indirect=True, scope="module")
def test_best_layers_are_compared_with_the_best_model_unit_by_unit(tables):
    area = next(areas(tables["predictivity"]).itertuples())
    best = pd.DataFrame({"model": ["network0", "network1", "pixels"], "value": [0.5, 0.6, 0.3]})
    pair = {"recording": area.recording, "area": area.area, "metric": area.metric, "compared": "models"}
    rows = [
        pair | {"model": "network1", "other_model": "pixels", "difference": 0.2, "low": 0.1, "high": 0.3},
        pair | {"model": "network0", "other_model": "network1", "difference": 0.01, "low": -0.02, "high": 0.03},
    ]
    beside = beside_best(best, area, {"paired": pd.DataFrame(rows)})
    assert beside == ["−0.010 [−0.030, 0.020]", "", "0.200 [0.100, 0.300]"]


def test_the_leading_relation_is_never_told_over_trained_and_untrained_networks():
    rows = layer_rows(PLAIN)
    pooled = pd.DataFrame([relation(0.7, 0.4, 0.9)])
    assert "r =" not in caption(pooled, rows, "ED", "IT")
    assert "r = 0.70 [0.40, 0.90]" in caption(pooled, rows[rows.kind == "supervised"], "ED", "IT")


@pytest.mark.parametrize(("families", "why"), [(3, "four families"), (4, "does not vary")])
def test_why_the_leading_relation_has_no_number_is_said(families, why):
    known = pd.DataFrame([relation(np.nan, np.nan, np.nan, within="supervised") | {"families": families}])
    assert why in caption(known, layer_rows(PLAIN), "ED", "IT")


def test_the_leading_relation_is_told_within_kinds():
    caption = drawings(plain())["leading_relation"].caption
    assert "supervised: r = " in caption and "untrained: r = " in caption
    assert caption.count("r = ") == 2


def test_the_r_of_all_trained_networks_has_a_line_of_its_own():
    rows = pd.DataFrame([relation(0.7, 0.4, 0.9, within=name) for name in ("trained", "supervised")])
    layers = PLAIN.assign(kind=np.repeat(["supervised", "other"], 12))
    for table, dashed in ((layers, 1), (PLAIN, 0)):  # one kind of training has the same line
        drawing = drawings({"layers": table, "relations": rows})["leading_relation"]
        assert json.dumps(drawing.spec).count("strokeDash") == dashed
        assert drawing.caption.count("all trained (dashed): r = 0.70 [0.40, 0.90]") == dashed


def test_charts_have_places_and_names_of_their_own():
    places = [chart.place for chart in charts().values()]
    assert places == sorted({*places})


def test_embedded_columns_give_their_values_again():
    table = pd.DataFrame({"x": [1.23456789, np.nan, np.inf, 2.0], "text": ["a<b", "a<b", None, "a<b"], "yes": True})
    text = embedded({"t": table})
    content = json.loads(text)["t"]
    assert content["x"] == [1.23457, None, None, 2]
    assert content["text"] == {"levels": ["a<b"], "codes": [0, 0, -1, 0]}
    assert content["yes"] == [True] * 4
    assert "<" not in text


def test_untrained_networks_and_baselines_are_gray_and_come_last():
    layers = pd.DataFrame({"model": [*"abcd"], "layer": "x", "kind": ["Untrained", "baseline", "Supervised", ""]})
    rows = layer_rows(layers.assign(baseline=layers.kind == "baseline", ED=[1.0, 2.0, 3.0, 4.0]))
    assert rows.group.tolist() == ["untrained", "baseline", "trained", "trained"]
    assert kinds(rows) == ["Supervised", "", "Untrained", "baseline"]
    assert [*kind_colors(rows).values()][2:] == ["#808080", "#A0A0A0"]


def test_columns_say_what_relations_use_them_for():
    tables = plain()
    found = columns(layer_rows(PLAIN), tables)
    assert [(one.name, one.log, one.score) for one in found] == [("ED", True, False), ("IT", False, True)]
    assert [one.name for one in leading_pair(found, tables)] == ["ED", "IT"]


@pytest.mark.parametrize("tables", ["study"], indirect=True, scope="module")
def test_columns_of_a_study_have_labels_and_know_their_ceilings(tables):
    found = {one.name: one for one in columns(layer_rows(tables["layers"]), tables)}
    score = found["ridge_r@simulated/V4"]
    assert score.score and score.label == "ridge r · V4 (simulated)"
    assert (score.ceiling, score.control) == ("ceiling@simulated/V4", "ridge_r_shuffled@simulated/V4")
    assert found["factorization[pose|background]@scenes"].label == "factorization (pose against background) · scenes"
    assert found["effective_dimensionality@scenes"].log
    x, y = leading_pair([*found.values()], {"predictivity": tables["predictivity"]})
    assert (x.name, y.name) == ("effective_dimensionality@naturalistic", "ridge_r@simulated/IT")


def test_areas_in_which_no_layer_has_a_score_are_left_out():
    tables = study()
    silent = tables["predictivity"].area == tables["predictivity"].area.iloc[0]
    tables["predictivity"] = tables["predictivity"].assign(value=tables["predictivity"].value.mask(silent))
    assert len(best_of_study(tables, layer_rows(tables["layers"]))) == 2 * 10

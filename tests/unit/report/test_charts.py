"""Every chart is valid Vega-Lite and draws columns that the page embeds."""

import json

import numpy as np
import pandas as pd
import pytest
from synthetic import study, trained

from ventral.report.charts.chart import charts, drawings
from ventral.report.charts.embedded import embedded
from ventral.report.charts.layer_rows import kind_colors, kinds, layer_rows
from ventral.report.charts.quantities import columns, preferred

STUDIES = {"study": study, "trained": trained, "no recordings": lambda: study(recorded=())}


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


@pytest.mark.parametrize("name", STUDIES)
def test_charts_name_the_tables_that_they_bring(name):
    drawn = drawings(STUDIES[name]())
    assert drawn
    for drawing in drawn.values():
        assert named(drawing.spec) <= {*drawing.data}
        assert drawing.caption.endswith(".")
        json.loads(embedded(drawing.data))


def test_tables_of_one_name_are_one_table():
    tables = {}
    for drawing in drawings(study()).values():
        for name, table in drawing.data.items():
            pd.testing.assert_frame_equal(table, tables.setdefault(name, table))


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
    rows = layer_rows(pd.DataFrame({"model": ["a", "b"], "layer": "x", "ED": [1.0, 2.0], "IT": [0.1, 0.2]}))
    relations = pd.DataFrame({"geometry": ["ED"], "scale": ["log"], "score": ["IT"]})
    found = columns(rows, {"relations": relations})
    assert [(one.name, one.log, one.score) for one in found] == [("ED", True, False), ("IT", False, True)]
    assert (preferred(found, score=True).name, preferred(found, score=False).name) == ("IT", "ED")


def test_columns_of_a_study_have_labels_and_know_their_ceilings():
    tables = study()
    found = {one.name: one for one in columns(layer_rows(tables["layers"]), tables)}
    score = found["ridge_r@simulated/V4"]
    assert score.score and score.label == "ridge r · V4 (simulated)"
    assert (score.ceiling, score.control) == ("ceiling@simulated/V4", "ridge_r_shuffled@simulated/V4")
    assert found["factorization[pose|background]@scenes"].label == "factorization (pose against background) · scenes"
    assert found["effective_dimensionality@scenes"].log

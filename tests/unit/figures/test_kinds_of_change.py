"""The figure of kinds of change: agreement beside chance and overlap beside its floor, for each stimulus set."""

import pandas as pd
import synthetic

from ventral.figures.drawing import caption, draw

NAME = "kinds_of_change"


def tables(parameters=("pose", "lighting")):
    """Layers in which agreement and overlap grow with depth."""
    study = synthetic.study(2, 3, 1)
    key = {"against": "change", "n": 480, "stimuli": "scenes"}
    rows = []
    for place in study["layers"].itertuples():
        layer = key | {"model": place.model, "layer": place.layer}
        value = {"value": place.depth, "low": place.depth - 0.1, "high": place.depth + 0.1}
        rows.append(layer | value | {"metric": "discovered_agreement", "parameter": "", "against": ""})
        for parameter, shift in zip(parameters, (-0.2, 0.2), strict=True):
            rows.append(layer | {"metric": "discovered_overlap", "parameter": parameter, "value": place.depth + shift})
            rows.append(layer | {"metric": "discovered_overlap_shuffled", "parameter": parameter, "value": 0.3})
    geometry = study["geometry"]
    rest = geometry[~geometry.metric.str.startswith("discovered")]
    return study | {"geometry": pd.concat([rest, pd.DataFrame(rows)], ignore_index=True)}


def test_agreement_has_a_panel_with_chance_and_overlap_one_with_means_over_parameters_and_floors():
    figure = draw(NAME, tables())
    agreement, overlap = figure.axes
    assert [agreement.get_title(loc="left"), overlap.get_title(loc="left")] == [
        "agreement (scenes)",
        "overlap (scenes)",
    ]
    for ax, chance in ((agreement, 0.0), (overlap, 0.3)):
        lines = [[round(float(value), 6) for value in line.get_ydata()] for line in ax.lines]
        assert [0.0, 0.5, 1.0] in lines and any({*line} == {chance} for line in lines)
    assert "480 images" in caption(NAME, tables())


def test_a_study_without_agreement_has_a_sentence():
    study = tables()
    none = study["geometry"][~study["geometry"].metric.str.startswith("discovered")]
    assert not draw(NAME, study | {"geometry": none}).axes
    assert "found without labels" in caption(NAME, study | {"geometry": none})

"""Category-orthogonal information: panels are means over the variables of each parameter."""

import pandas as pd
import pytest
import synthetic

from ventral.figures.drawing import draw
from ventral.figures.orthogonal_information import ABSENT, ALL, METRIC, caption, values


def test_panels_are_means_over_the_variables_of_each_parameter():
    study = synthetic.study(2, 3, 1)
    geometry = study["geometry"].copy()
    geometry.loc[(geometry.metric == METRIC) & (geometry.parameter == "size"), "value"] = 0.9
    study["geometry"] = geometry
    table, chance = values(study)
    assert [*table.panel.unique()] == [ALL, "pose", "lighting"]
    pose = table[table.panel == "pose"]
    yaw = geometry[(geometry.metric == METRIC) & (geometry.parameter == "yaw")]
    assert pose.value.to_numpy() == pytest.approx((yaw.value.to_numpy() + 0.9) / 2)
    assert {*map(tuple, pose.names)} == {("yaw", "size")} and {*chance.value} == {-0.02}
    figure = draw("orthogonal_information", study)
    assert [ax.get_title(loc="left") for ax in figure.axes] == [ALL, "pose", "lighting"]
    assert "pose: yaw and size" in caption(study)


def test_variables_of_several_parameters_are_in_the_panel_of_each():
    study = synthetic.study(1, 2, 0)
    geometry = study["geometry"]
    study["geometry"] = geometry.assign(parameter=geometry.parameter.replace({"yaw": "yaw in lighting"}))
    table, _ = values(study)
    assert [*table.panel.unique()] == [ALL, "lighting", "pose"]
    names = table.groupby("panel").names.first()
    assert "yaw" in names["lighting"] and names["pose"] == ["size"]
    assert "yaw in" not in caption(study)


def test_sets_of_independent_images_have_no_panels():
    study = synthetic.study(2, 1, 0, parameters=())
    rows = study["geometry"].head(1).assign(metric=METRIC, parameter="", against="", value=0.5)
    study["geometry"] = pd.concat([study["geometry"], rows], ignore_index=True)
    assert values(study)[0].empty and caption(study) == ABSENT

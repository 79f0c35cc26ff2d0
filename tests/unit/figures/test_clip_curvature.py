"""The figure of clips: one panel per motion, with the curvature of the pixels and of shuffled frames."""

import pandas as pd
import pytest
import synthetic

from ventral.figures.drawing import caption, draw
from ventral.figures.spec import NEEDS, specs

MOTIONS = ("object_turns", "camera_pans")


@pytest.fixture(scope="module")
def tables():
    """A study of clips in which layers become straighter with depth."""
    study = synthetic.study(2, 3, 1, parameters=("pose",))
    rows = [
        {"stimuli": "clips", "model": place.model, "layer": place.layer, "parameter": motion, "against": "", "n": 24}
        | {"metric": metric, "value": value, "low": value - 5, "high": value + 5}
        for place in study["layers"].itertuples()
        for motion in MOTIONS
        for metric, value in (
            ("curvature", 90 - 30 * place.depth),
            ("straightening", 30 * place.depth - 10),
            ("curvature_shuffled", 119.0),
        )
    ]
    return study | {"geometry": pd.concat([study["geometry"], pd.DataFrame(rows)], ignore_index=True)}


def test_each_motion_has_a_panel_with_the_pixels_and_the_control(tables):
    figure = draw("clip_curvature", tables)
    assert [ax.get_title(loc="left") for ax in figure.axes] == [f"{motion} (clips)" for motion in MOTIONS]
    for ax in figure.axes:
        level = {line.get_ydata()[0] for line in ax.lines if len({*line.get_ydata()}) == 1}
        assert {80.0, 119.0} <= {round(value, 6) for value in level}  # pixels and shuffled frames
        assert any(list(line.get_ydata()) == [90.0, 75.0, 60.0] for line in ax.lines)
    assert "24 clips" in caption("clip_curvature", tables)


def test_a_study_without_clips_has_no_such_figure():
    class Study:
        measured_sets = ("a",)

        def parameters_of(self, stimuli):
            return self.varied

    for varied, applies in (["pose"], False), (["time"], True), (["camera_orbits", "pose"], True):
        study = Study()
        study.varied = varied
        assert NEEDS[specs()["clip_curvature"].needs](study) is applies
    study = synthetic.study(1, 2, 0)
    assert not draw("clip_curvature", study).axes and "no clips" in caption("clip_curvature", study)

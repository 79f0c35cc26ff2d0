"""What varies between images, as targets for a decoder."""

import numpy as np
import pandas as pd

from ventral.stimuli import write_stimuli
from ventral.stimuli.design import read_scenes
from ventral.stimuli.scene_variables import scene_variables, scenes_of


def table(scenes=8, levels=3):
    n = scenes * levels
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "stimulus_id": [f"s{i}" for i in range(n)],
            "scene": np.repeat([f"scene{i}" for i in range(scenes)], levels),
            "parameter": "pose",
            "level": np.tile(np.arange(levels), scenes),
            "label": np.repeat(["dog", "car"] * (scenes // 2), levels),
            "category": np.repeat([1, 0] * (scenes // 2), levels),
            "yaw": rng.uniform(-90, 90, n),
            "x": rng.uniform(-1, 1, n),
            "facing": np.repeat([1, -1, -1, 1] * (scenes // 4), levels),
            "photograph": np.repeat([3, 3, 3, 3, 7, 7, 7, 7], levels)[:n] if scenes == 8 else 0,
            "constant": 0.5,
            "exemplar": np.repeat(np.arange(scenes), levels),
            "gap": np.r_[np.nan, np.arange(n - 1) / 7],
        }
    )


def test_images_of_varied_scenes_belong_together_and_others_do_not(tmp_path):
    shown, path = table(), tmp_path / "set.h5"
    for parameter, expected in (("pose", shown.scene), ("", shown.stimulus_id)):
        write_stimuli(path, np.zeros((24, 2, 2, 3), np.uint8), shown.assign(parameter=parameter), "images", "squares")
        assert read_scenes(path) == dict(zip(shown.stimulus_id, expected, strict=True))


def test_variables_belong_to_the_parameter_that_moves_them():
    found = {one.name: one for one in scene_variables(table())}
    assert [*found] == ["yaw", "x", "facing", "photograph", "category"]
    assert {name: one.parameter for name, one in found.items() if one.parameter} == {"yaw": "pose", "x": "pose"}
    assert [name for name, one in found.items() if one.classes] == ["category"]
    assert found["category"].targets.shape == (24, 2)


def test_angles_have_a_sine_and_a_cosine():
    shown = table().assign(yaw=np.tile([0.0, 90.0, 359.5], 8))
    yaw = next(one for one in scene_variables(shown) if one.name == "yaw")
    np.testing.assert_allclose(yaw.targets[:2], [[0, 1], [1, 0]], atol=1e-12)
    assert np.linalg.norm(yaw.targets[2] - yaw.targets[0]) < 0.01


def test_images_of_other_parameters_do_not_have_a_variable():
    shown = table().assign(parameter=["pose"] * 12 + ["place"] * 12)
    shown.loc[12:, "yaw"], shown.loc[:11, "x"] = 5.0, 0.1
    found = {one.name: one for one in scene_variables(shown)}
    assert found["yaw"].known.tolist() == [*range(12)] and found["x"].known.tolist() == [*range(12, 24)]
    assert (found["yaw"].parameter, found["x"].parameter) == ("pose", "place")


def test_indices_are_classes_only_if_they_repeat():
    shown = table().assign(photograph=np.repeat([1, 2, 3, 4, 5, 1, 2, 3], 3))
    assert "photograph" not in {one.name for one in scene_variables(shown)}
    many = pd.concat([table().assign(scene=lambda t, k=k: t.scene + str(k)) for k in range(3)], ignore_index=True)
    many["photograph"] = np.repeat([1, 2, 3] * 8, 3)
    assert next(one for one in scene_variables(many) if one.name == "photograph").classes


def test_levels_without_variables_are_classes_and_a_category_needs_two_scenes():
    shown = table()[["stimulus_id", "scene", "parameter", "level", "label"]].assign(parameter="time")
    shown["label"] = np.repeat(["dog", "dog", "car", "car", "cat", "cat", "tree", ""], 3)
    time, category = scene_variables(shown)
    assert (time.name, time.classes, time.parameter, time.targets.shape) == ("time", True, "time", (24, 3))
    assert category.targets.shape == (24, 3) and len(category.known) == 18
    assert scene_variables(shown.assign(parameter="", scene=shown.stimulus_id))[0].targets.shape == (24, 4)


def test_a_variable_that_two_parameters_move_has_a_name_for_each():
    shown = table().assign(parameter=["pose"] * 12 + ["object_turns"] * 12)
    shown.loc[:11, "x"] = 0.1
    found = {one.name: one.parameter for one in scene_variables(shown)}
    assert found["yaw in pose"] == "pose" and found["yaw in object_turns"] == "object_turns"
    assert found["x"] == "object_turns" and "yaw" not in found


def test_images_without_a_class_do_not_have_the_variable():
    for missing in (None, ""):
        kinds = np.repeat(["oak", "elm"] * 6, 3).astype(object)
        kinds[33:] = missing
        tree = next(one for one in scene_variables(table(12).assign(tree=kinds)) if one.name == "tree")
        assert tree.known.tolist() == [*range(33)] and tree.targets.shape == (36, 2)
    assert "tree" not in {one.name for one in scene_variables(table().assign(tree=[""] * 12 + ["oak"] * 12))}


def test_angles_that_differ_by_whole_turns_are_constant():
    shown = table().assign(hue=np.arange(24) % 3 * 7, yaw=np.arange(24) * 360.0)
    assert not {"hue", "yaw"} & {one.name for one in scene_variables(shown)}


def test_objects_whose_images_form_one_scene_are_held_out_as_scenes():
    shown = table().assign(label=lambda table: table.scene)
    assert scenes_of(shown).tolist() == np.repeat(np.arange(8), 3).tolist()
    assert {one.name: one.parameter for one in scene_variables(shown)}["yaw"] == "pose"
    assert scenes_of(shown.assign(parameter="")).tolist() == [*range(24)]

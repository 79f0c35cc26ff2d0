"""Motions: clips in which the object or the camera moves smoothly and everything else is fixed."""

from dataclasses import asdict, replace

import numpy as np
import pytest
from small_scenes import SMALL

from ventral.core.errors import Fault
from ventral.stimuli import open_images, read_table
from ventral.stimuli.compose import Props, foreground, pictures, without_surroundings
from ventral.stimuli.design import parameters_with_shared_levels
from ventral.stimuli.kinds import stimulus_entry
from ventral.stimuli.main_effects import main_effects
from ventral.stimuli.motions import IN_VIEW, MOTIONS, SPEED, motion, path, progress
from ventral.stimuli.objects import CATEGORIES
from ventral.stimuli.scenes import design, table_of
from ventral.stimuli.write_set import make

CLIPS = SMALL | {"parameters": [], "motions": list(MOTIONS), "frames": 5}
CHANGED = {
    "object_turns": {"yaw"},
    "object_moves": {"x", "y"},
    "camera_orbits": {"orbit_azimuth", "background_x"},
    "camera_pans": {"crop_x", "crop_y"},
}


@pytest.mark.parametrize("name", MOTIONS)
def test_a_motion_changes_its_own_variables_along_a_line(name):
    shots = design("some", CLIPS | {"base_scenes": 60, "motions": [name]}, CATEGORIES)
    numbers = [variable for variable, value in asdict(shots[0].scene).items() if not isinstance(value, str)]
    frames = np.array([[asdict(shot.scene)[v] for v in numbers] for shot in shots]).reshape(60, 5, -1)
    steps = np.diff(frames, axis=1)
    assert {v for v, moves in zip(numbers, (steps != 0).any(axis=(0, 1)), strict=True) if moves} == CHANGED[name]
    of_clip = steps / np.linalg.norm(steps, axis=2, keepdims=True)
    np.testing.assert_allclose(of_clip, of_clip[:, :1].repeat(4, axis=1), atol=1e-9)  # one direction in each clip
    directions = of_clip[:, 0][:, [numbers.index(variable) for variable in CHANGED[name]]]
    assert (directions > 0.01).any(axis=0).all() and (directions < -0.01).any(axis=0).all()


def test_speed_is_smooth_and_more_frames_show_the_same_motion():
    for seed in range(20):
        fine = progress(401, np.random.default_rng(seed))
        assert fine[0] == 0 and fine[-1] == pytest.approx(1)
        speed = np.diff(fine) * 400
        assert speed.min() >= 1 - SPEED and speed.max() <= 1 + SPEED and np.abs(np.diff(speed)).max() < 0.01
        np.testing.assert_allclose(progress(5, np.random.default_rng(seed)), fine[::100], atol=1e-12)


def test_the_object_stays_in_the_picture():
    for shot in design("some", CLIPS | {"base_scenes": 14, "frames": 2}, CATEGORIES):
        alpha = foreground(without_surroundings(shot.scene), 24, Props())[..., 3]
        assert alpha.mean() > 0.01, shot.stimulus_id
        half = np.sqrt(shot.scene.crop_area)
        assert max(abs(shot.scene.x - shot.scene.crop_x), abs(shot.scene.y - shot.scene.crop_y)) < half


def test_paths_are_shorter_where_limits_are_close():
    spec = CLIPS | {"base_scenes": 40, "frames": 2, "ranges": {"crop_area": [0.1, 0.2]}}
    for shot in design("some", spec | {"motions": ["object_moves"]}, CATEGORIES):
        reach = IN_VIEW * np.sqrt(shot.scene.crop_area) + 1e-9
        assert max(abs(shot.scene.x - shot.scene.crop_x), abs(shot.scene.y - shot.scene.crop_y)) <= reach
    for extent in (-3, 3):
        np.testing.assert_allclose(path(9, extent, 0, 2), [2, 0] if extent < 0 else [0, 2])
        np.testing.assert_allclose(path(9, extent, 0, 4), [4, 1] if extent < 0 else [1, 4])


def test_a_pan_shifts_object_and_background_alike():
    [base] = design("some", SMALL | {"parameters": [], "base_scenes": 1}, CATEGORIES)
    size = 120
    pixel = 2 * np.sqrt(base.scene.crop_area) / size  # in half sides of the frame
    still = replace(base.scene, contrast=1)
    shifted = replace(still, crop_x=still.crop_x + 6 * pixel)
    before, after = pictures([still, shifted], size, Props())
    moved, unmoved = (
        np.abs(a.astype(int) - b).mean() for a, b in ((before[:, 12:], after[:, 6:-6]), (before[:, 12:], after[:, 12:]))
    )
    assert moved < 0.3 * unmoved


def test_pans_reach_the_border_of_every_picture():
    rng = np.random.default_rng(0)
    [shot] = design("some", SMALL | {"parameters": [], "base_scenes": 1}, CATEGORIES)
    for x, y in ((0, 0), (1, 1), (0, 1)):
        scene = replace(shot.scene, crop_area=1, background_x=x, background_y=y)
        for values in motion(scene, "camera_pans", 2, rng):
            assert pictures([replace(scene, **values)], 16, Props())[0].shape == (16, 16, 3)


def test_clips_are_of_a_set_like_levels(tmp_path):
    spec = CLIPS | {"base_scenes": 2, "frames": 2, "size": 32, "parameters": ["light"]}
    files = [tmp_path / "one.h5", tmp_path / "two.h5"]
    for file in files:
        foreground.cache_clear()
        make("some", spec, file, file.with_suffix(".png"))
    images = []
    for file in files:
        with open_images(file) as dataset:
            images.append(dataset[:])
    np.testing.assert_array_equal(*images)
    table = read_table(files[0])
    assert len(table) == 2 * (2 + 4 * 2) and stimulus_entry(spec).varied() == ["light", *MOTIONS]
    assert stimulus_entry(spec).is_small() and not stimulus_entry(spec | {"base_scenes": 101}).is_small()
    assert [*table.parameter.unique()] == ["light", *MOTIONS] and {*table.level} == {0, 1}
    assert {*MOTIONS} <= parameters_with_shared_levels(table) and {*MOTIONS} <= {*main_effects(table)}


def test_adding_scenes_and_motions_changes_none_that_were_there():
    few = design("some", CLIPS | {"motions": ["camera_pans"]}, CATEGORIES)
    many = {shot.stimulus_id: shot for shot in design("some", CLIPS | {"base_scenes": 9}, CATEGORIES)}
    assert all(many[shot.stimulus_id] == shot for shot in few)
    plain = {shot.scene_id: shot.scene for shot in design("some", SMALL | {"parameters": []}, CATEGORIES)}
    held = table_of(few, CATEGORIES).groupby("scene").yaw.first()
    assert all(held[name] == scene.yaw for name, scene in plain.items())


def test_an_unknown_motion_is_a_fault():
    with pytest.raises(Fault, match="unknown motion 'object_jumps'"):
        design("some", CLIPS | {"motions": ["object_jumps"]}, CATEGORIES)

"""Stimuli: scenes in which one thing varies at a time, and files that say what they hold."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from small_scenes import SMALL

from ventral.core.errors import Fault
from ventral.stimuli import open_images, read_contents, read_table, write_stimuli
from ventral.stimuli.backgrounds import procedural
from ventral.stimuli.compose import Props, foreground, mesh_of, pictures, without_surroundings
from ventral.stimuli.objects import CATEGORIES
from ventral.stimuli.scenes import PARAMETERS, RANGES, design, table_of
from ventral.stimuli.write_set import make


def test_every_object_is_visible_in_base_scenes():
    shots = design("some", {"base_scenes": 3 * len(CATEGORIES), "parameters": []}, CATEGORIES)
    for shot in shots:
        alpha = foreground(without_surroundings(shot.scene), 48, Props())[..., 3]
        assert 0.03 < alpha.mean() < 0.45, shot.scene
        assert alpha[1:-1, 1:-1].sum() > 0.7 * alpha.sum()


def test_levels_change_one_parameter_and_hold_all_else():
    spec = SMALL | {"parameters": list(PARAMETERS), "levels": 4, "base_scenes": 6}
    table = table_of(design("some", spec, CATEGORIES), CATEGORIES)
    variables = [variable for names in PARAMETERS.values() for variable in names]
    held = [*variables, "category", "exemplar", "facing"]
    for (parameter, _), levels in table.groupby(["parameter", "scene"]):
        changing = {variable for variable in held if levels[variable].nunique() > 1}
        assert changing == set(PARAMETERS[parameter])
        assert (levels[list(PARAMETERS[parameter])].nunique() == 4).all()
    for _, scene in table.groupby("scene"):
        for parameter, own in PARAMETERS.items():  # and what is held is the base scene's, in every parameter's levels
            others = scene[scene["parameter"] != parameter]
            assert (others[list(own)].nunique() == 1).all()
    within = table[table["parameter"] == "pose"]
    assert within["y"].abs().max() <= 0.6 and within["yaw"].abs().max() <= 90
    numbers = table.drop(columns=["stimulus_id", "scene", "parameter", "label"])
    assert all(pd.api.types.is_numeric_dtype(numbers[column]) for column in numbers)


def test_the_object_centre_stays_in_the_crop():
    spec = SMALL | {"parameters": ["viewpoint"], "levels": 30, "base_scenes": 10}
    for shot in design("some", spec, CATEGORIES):
        scene, half = shot.scene, np.sqrt(shot.scene.crop_area)
        assert abs(scene.crop_x) + half <= 1 + 1e-9 and abs(scene.crop_y) + half <= 1 + 1e-9
        assert max(abs(scene.x - scene.crop_x), abs(scene.y - scene.crop_y)) <= half


def test_adding_scenes_and_levels_changes_none_that_were_there():
    few = design("some", SMALL, CATEGORIES)
    many = {shot.stimulus_id: shot for shot in design("some", SMALL | {"base_scenes": 20, "levels": 5}, CATEGORIES)}
    assert all(many[shot.stimulus_id] == shot for shot in few)
    other = design("other", SMALL, CATEGORIES)
    assert all(a.scene.exemplar != b.scene.exemplar for a, b in zip(few, other, strict=True))


def test_random_colours_and_backgrounds_do_not_tell_the_category():
    shots = design("some", {"base_scenes": 1400, "parameters": [], "palette": "random"}, CATEGORIES)
    table = table_of(shots, CATEGORIES)
    assert (table["label"].value_counts() == 100).all()
    for variable in ("colour_hue", "colour_saturation", "colour_value", "size", "x", "y", "background"):
        between = table.groupby("label")[variable].mean().var() * 100
        assert between / table[variable].var() < 3  # F with (13, 1386) degrees of freedom; p < 0.001 beyond 2.7


def test_backgrounds_have_natural_spectra_and_low_contrast():
    slopes = []
    for number in range(12):
        grey = np.asarray(procedural(number), float).mean(axis=2) / 255
        assert 0.02 < grey.std() < 0.12 and 0.25 < grey.mean() < 0.8
        window = np.hanning(len(grey))
        amplitude = np.abs(np.fft.fft2((grey - grey.mean()) * window * window[:, None]))
        frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(len(grey)), np.fft.fftfreq(len(grey))))
        bins = np.digitize(frequency, np.geomspace(0.015, 0.25, 9))
        mean = [[np.log(frequency[bins == b].mean()), np.log(amplitude[bins == b].mean())] for b in range(1, 9)]
        slopes.append(np.polyfit(*np.transpose(mean), 1)[0])
    assert -1.7 < np.mean(slopes) < -0.7  # 40 photographs of BSDS500, measured in the same way: -1.20 ± 0.24 (SD)


@pytest.mark.slow
@pytest.mark.usefixtures("processes_at_once")
def test_bytes_do_not_depend_on_the_run_or_on_the_number_of_workers(tmp_path):
    files = [tmp_path / f"{i}.h5" for i in range(3)]
    for file, threads in zip(files, (1, 1, 2), strict=True):
        foreground.cache_clear(), mesh_of.cache_clear(), procedural.cache_clear()
        make("some", SMALL, file, file.with_suffix(".png"), threads=threads)
    images = []
    for file in files:
        with open_images(file) as dataset:
            images.append(dataset[:])
    np.testing.assert_array_equal(images[0], images[1])
    np.testing.assert_array_equal(images[0], images[2])
    table = read_table(files[0])
    assert len(table) == len(images[0]) == 3 * 2 * 4
    assert table["stimulus_id"].is_unique and images[0].std() > 20
    assert Image.open(tmp_path / "0.png").width > 500


def test_an_image_does_not_depend_on_those_made_before_it():
    shots = design("some", SMALL, CATEGORIES)
    foreground.cache_clear()
    together = pictures([shot.scene for shot in shots[:8]], 40, Props())
    foreground.cache_clear()
    np.testing.assert_array_equal(together[5], pictures([shots[5].scene], 40, Props())[0])


def test_only_what_varies_changes_in_the_image():
    shots = design("some", SMALL | {"parameters": ["background"], "base_scenes": 1, "size": 64}, CATEGORIES)
    one, two = pictures([shot.scene for shot in shots], 64, Props())
    alpha = foreground(without_surroundings(shots[0].scene), 64, Props())[..., 3]
    covered = alpha == 1
    contrast = abs(shots[0].scene.contrast - 1)  # contrast jitter is relative to the whole picture's mean grey
    assert np.abs(one[covered].astype(int) - two[covered]).max() <= 1 + 255 * contrast * 0.3
    assert np.abs(one[alpha == 0].astype(int) - two[alpha == 0]).mean() > 5


def test_ranges_of_the_config_replace_the_built_in_ones():
    spec = SMALL | {"parameters": ["pose"], "ranges": {"yaw": [5, 6], "size": [2, 2]}, "levels": 5}
    for shot in design("some", spec, CATEGORIES):
        assert 5 <= shot.scene.yaw <= 6 and shot.scene.size == pytest.approx(2)
    plain = design("some", SMALL | {"parameters": ["pose"], "levels": 5}, CATEGORIES)
    ranged = design("some", spec, CATEGORIES)
    changed = {
        key
        for a, b in zip(plain, ranged, strict=True)
        for key in RANGES
        if asdict(a.scene)[key] != asdict(b.scene)[key]
    }
    assert changed == {"yaw", "size"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"parameters": ["poze"]}, "unknown parameter 'poze'"),
        ({"ranges": {"yow": [0, 1]}}, "no range for 'yow'"),
        ({"ranges": {"yaw": [3, 1]}}, "range of yaw"),
        ({"categories": ["car", "unicorn"]}, "no category unicorn"),
        ({"meshes": "nowhere"}, "nowhere does not exist"),
        ({"backgrounds": "nowhere"}, "nowhere does not exist"),
    ],
)
def test_faults_of_a_config_are_sentences(tmp_path, change, sentence):
    with pytest.raises(Fault, match=sentence):
        make("some", SMALL | change, tmp_path / "some.h5", tmp_path / "some.png")
    assert not list(tmp_path.iterdir())


def test_files_round_trip_and_say_what_is_wrong(tmp_path):
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (5, 8, 6, 3), dtype=np.uint8)
    table = pd.DataFrame(
        {"stimulus_id": list("abcde"), "scene": ["", "s", "s", "é", ""], "level": range(5), "yaw": rng.random(5)}
    )
    write_stimuli(tmp_path / "set.h5", iter(images), table, "images", "Five images.")
    pd.testing.assert_frame_equal(read_table(tmp_path / "set.h5"), table, check_dtype=False)
    with open_images(tmp_path / "set.h5") as dataset:
        np.testing.assert_array_equal(dataset[:], images)
        assert dataset.file.attrs["description"] == "Five images."
    for wrong in (images[:4], np.concatenate([images, images[:1]]), images.astype(float), [*images[:4], images[4][:7]]):
        with pytest.raises(ValueError, match="image"):
            write_stimuli(tmp_path / "wrong.h5", wrong, table, "images", "")
    assert not (tmp_path / "wrong.h5").exists()


def test_pictures_are_known_by_their_pixels(tmp_path):
    table = pd.DataFrame({"stimulus_id": list("abcd"), "scene": "", "parameter": "", "level": -1, "label": ""})
    pictures = [np.full((8, 8, 3), value, dtype=np.uint8) for value in (3, 4, 3, 5)]
    write_stimuli(tmp_path / "set.h5", pictures, table, "images", "four pictures")
    a, b, c, d = read_contents(tmp_path / "set.h5")
    assert a == c and len({a, b, d}) == 3

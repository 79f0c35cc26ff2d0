"""Augmentations: tables of named parameters that are replayed bit for bit, and sets made of them."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from ventral.core.errors import Fault
from ventral.core.hdf5 import read_frame
from ventral.stimuli import open_images, read_table
from ventral.stimuli.augmentations import (
    JITTER,
    NEUTRAL,
    ORDERS,
    PARAMETERS,
    RECIPES,
    apply,
    sample,
    variants,
)
from ventral.stimuli.images import load_images, squared
from ventral.stimuli.table import INDEPENDENT
from ventral.stimuli.write_set import make

SPEC = {"kind": "augmentations", "images": 3, "levels": 4, "size": 32, "seed": 0}
GATES = {
    "jitter_applied": (*JITTER, "jitter_order"),
    "grey_applied": ("grey",),
    "blur_applied": ("blur",),
    "solarize_applied": ("solarize",),
}
CROP = ["crop_x", "crop_y", "crop_area", "crop_ratio"]


def drawn(n, kind="augmentation", seed=0):
    return sample(np.random.default_rng(seed), n, kind)


def scene(size):
    """A smooth colourful picture, the same at any size."""
    x, y = np.meshgrid(*[(np.arange(size) + 0.5) / size] * 2)
    channels = [np.sin(5 * x + 2 * y), np.cos(4 * y - x), np.sin(6 * x * y)]
    return ((np.stack(channels, axis=-1) + 1) * 110 + 15).astype(np.uint8)


@pytest.fixture
def photographs(tmp_path):
    rng = np.random.default_rng(0)
    for i in range(5):
        (tmp_path / "photographs" / "ab"[i % 2]).mkdir(parents=True, exist_ok=True)
        picture = Image.fromarray(rng.integers(0, 256, (9, 12, 3), dtype=np.uint8)).resize((60, 45))
        picture.save(tmp_path / "photographs" / "ab"[i % 2] / f"{i}.png")
    return tmp_path / "photographs"


def test_neutral_parameters_change_nothing():
    image = np.random.default_rng(0).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    np.testing.assert_array_equal(apply(image, NEUTRAL, 24), image)
    wide = np.random.default_rng(1).integers(0, 256, (20, 31, 3), dtype=np.uint8)
    np.testing.assert_array_equal(apply(wide, NEUTRAL, 12), squared(Image.fromarray(wide), 12))


def test_a_flip_mirrors_and_two_flips_are_none():
    image = scene(24)
    once = apply(image, NEUTRAL | {"flip": 1}, 24)
    np.testing.assert_array_equal(once, image[:, ::-1])
    np.testing.assert_array_equal(apply(once, NEUTRAL | {"flip": 1}, 24), image)


def test_a_crop_is_the_part_of_the_frame_that_the_table_says():
    image = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    upper_right = NEUTRAL | {"crop_x": 0.5, "crop_y": 0.5, "crop_area": 0.25}
    np.testing.assert_array_equal(apply(image, upper_right, 20), image[:20, 30:50])  # the frame is columns 10 to 49
    wide = NEUTRAL | {"crop_area": 0.5, "crop_ratio": 2.0}
    expected = Image.fromarray(image[10:30, 10:50]).resize((20, 20), Image.Resampling.BICUBIC)
    inside = np.s_[2:-2, 2:-2]  # at its edges, a crop's interpolation sees what lies around
    np.testing.assert_array_equal(apply(image, wide, 20)[inside], np.asarray(expected)[inside])


def test_the_relative_crop_is_the_same_on_images_of_any_size():
    for _, row in drawn(30, "spatial").iterrows():
        small, large = (apply(scene(size), row, 32).astype(int) for size in (96, 211))
        assert np.abs(small - large).max() <= 8 and np.abs(small - large).mean() < 1.5


def test_values_are_neutral_where_an_operation_is_off():
    for kind in RECIPES:
        table = drawn(400, kind)
        assert list(table.columns) == list(NEUTRAL) and np.isfinite(table.to_numpy(float)).all()
        for gate, columns in GATES.items():
            off = table[table[gate] == 0]
            assert all((off[column] == NEUTRAL[column]).all() for column in columns), gate
        assert (table["blur"] > 0).equals(table["blur_applied"] == 1)
    spatial, photometric = drawn(400, "spatial"), drawn(400, "photometric")
    for column in NEUTRAL:
        only = photometric if column in [*CROP, "flip"] else spatial
        assert (only[column] == NEUTRAL[column]).all()
        assert (spatial if only is photometric else photometric)[column].nunique() > 1


def test_draws_follow_the_recipe():
    n = 20_000
    table = drawn(n)
    for gate, chance in (
        ("flip", 0.5),
        ("jitter_applied", 0.8),
        ("grey", 0.2),
        ("blur_applied", 0.5),
        ("solarize", 0.2),
    ):
        assert table[gate].mean() == pytest.approx(chance, abs=4 * np.sqrt(chance * (1 - chance) / n))
    assert table["crop_area"].between(0.08, 1).all() and table["crop_ratio"].between(3 / 4, 4 / 3).all()
    sides = np.sqrt(np.stack([table["crop_area"] * table["crop_ratio"], table["crop_area"] / table["crop_ratio"]]))
    assert sides.max() <= 1 and (np.abs(table[["crop_x", "crop_y"]].T) + sides <= 1 + 1e-12).all(axis=None)
    assert abs(np.log(table["crop_ratio"]).mean()) < 0.01 and abs(table[["crop_x", "crop_y"]].mean()).max() < 0.01
    small = table.loc[table["crop_area"] < 0.6, "crop_area"]  # these always fit, so none was drawn again
    assert small.mean() == pytest.approx(0.34, abs=0.005)
    jitter = table[table["jitter_applied"] == 1]
    for variable, width in JITTER.items():
        change = jitter[variable] - NEUTRAL[variable]
        assert change.abs().max() <= width and change.std() == pytest.approx(width / np.sqrt(3), rel=0.02)
    assert (jitter["jitter_order"].value_counts(normalize=True) * len(ORDERS)).sub(1).abs().max() < 0.2
    blurred = table.loc[table["blur_applied"] == 1, "blur"]
    assert blurred.min() >= 0.1 and blurred.max() <= 2 and blurred.mean() == pytest.approx(1.05, abs=0.03)
    assert drawn(100, "view_a")["blur_applied"].all() and not drawn(100, "view_a")["solarize"].any()
    assert drawn(n, "view_b")["blur_applied"].mean() == pytest.approx(0.2, abs=0.012)
    assert drawn(n, "view_b")["solarize"].mean() == pytest.approx(0.2, abs=0.012)


def test_a_recipe_is_changed_where_one_says_so():
    plain = drawn(2000, "view_a")
    rng = np.random.default_rng(0)
    changed = sample(rng, 2000, "view_a", {"crop_area": [0.5, 0.6], "solarize": 0.3, "blur": 0, "crop": 0.5})
    cropped = changed["crop_area"] != 1
    assert cropped.mean() == pytest.approx(0.5, abs=0.05) and changed.loc[cropped, "crop_area"].between(0.5, 0.6).all()
    assert (changed.loc[~cropped, CROP] == pd.Series(NEUTRAL)[CROP]).all(axis=None)
    assert changed["solarize"].mean() == pytest.approx(0.3, abs=0.05) and not changed["blur"].any()
    untouched = ["flip", *JITTER, "jitter_order", "grey"]
    pd.testing.assert_frame_equal(changed[untouched], plain[untouched])
    pd.testing.assert_frame_equal(sample(np.random.default_rng(0), 9, "view_a", {}), plain.head(9))


def test_more_draws_change_none_that_were_there():
    pd.testing.assert_frame_equal(drawn(40).head(7), drawn(7))


@pytest.mark.parametrize("levels", [5, 8, 20])
@pytest.mark.parametrize("seed", range(5))
def test_every_operation_of_a_set_is_on_and_off(seed, levels):
    table = variants(seed, "some", "image", levels)
    everything = ["flip", *GATES]
    switched = {"augmentation": everything, "spatial": ["flip"], "photometric": [*GATES], INDEPENDENT: everything}
    for parameter, columns in switched.items():
        rows = table[table["parameter"] == parameter]
        assert len(rows) == levels and (rows[columns].nunique() == 2).all()
        if parameter != "photometric":  # every operation of that may be off at once, in several levels
            assert not rows.duplicated(list(NEUTRAL)).any()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"brightness": 0.5}, lambda image: image * 0.5),
        ({"saturation": 0.0}, lambda image: (image @ [0.299, 0.587, 0.114])[..., None]),
        ({"grey": 1}, lambda image: (image @ [0.299, 0.587, 0.114])[..., None]),
        ({"contrast": 0.0}, lambda image: (image @ [0.299, 0.587, 0.114]).mean()),
        ({"solarize": 1}, lambda image: np.where(image < 128, image, 255 - image)),
        ({"hue": 1 / 3}, lambda image: np.roll(image, 1, axis=2)),  # red becomes green, green blue, blue red
    ],
)
def test_photometric_operations_do_what_their_names_say(change, expected):
    image = scene(24)
    found = apply(image, NEUTRAL | change, 24).astype(float)
    np.testing.assert_allclose(found, np.broadcast_to(expected(image.astype(float)), found.shape), atol=1)


def test_blur_has_the_width_that_the_table_says():
    point = np.zeros((41, 41, 3), np.uint8)
    point[20, 20] = 255
    for sigma in (1.0, 2.0):
        profile = apply(np.minimum(point.astype(int) * 255, 255).astype(np.uint8), NEUTRAL | {"blur": sigma}, 41)[
            ..., 0
        ]
        weight = profile.sum(axis=0) / profile.sum()
        assert np.sqrt(weight @ (np.arange(41) - 20) ** 2) == pytest.approx(sigma, rel=0.15)


def test_the_order_of_the_jitter_matters_and_is_replayed():
    image, jitter = scene(24), NEUTRAL | {"brightness": 1.4, "contrast": 0.6, "saturation": 1.4, "hue": 0.1}
    results = [apply(image, jitter | {"jitter_order": order}, 24) for order in range(len(ORDERS))]
    assert len({result.tobytes() for result in results}) > 10
    by_hand = image
    for variable in ORDERS[17]:
        by_hand = apply(by_hand, NEUTRAL | {variable: jitter[variable]}, 24)
    np.testing.assert_array_equal(results[17], by_hand)


def test_a_set_holds_clean_images_the_same_draws_of_each_and_draws_of_its_own(tmp_path, photographs):
    make("some", SPEC | {"folder": str(photographs)}, tmp_path / "some.h5", tmp_path / "some.png")
    table = read_table(tmp_path / "some.h5")
    assert list(table.columns) == ["stimulus_id", "scene", "parameter", "level", "label", *NEUTRAL]
    assert list(table["scene"].unique()) == ["a/0.png", "a/4.png", "b/3.png"]  # the first, the middle, the last
    assert len(table) == 3 * (1 + 4 * 4) and table["stimulus_id"].is_unique
    for parameter, rows in table[table["parameter"] != ""].groupby("parameter"):
        assert list(rows["level"]) == [0, 1, 2, 3] * 3
        if parameter == INDEPENDENT:
            assert (rows[CROP].nunique() == 3 * 4).all() and not rows.duplicated(list(NEUTRAL)).any()
        else:
            assert (rows.groupby("level")[list(NEUTRAL)].nunique() == 1).all(axis=None) and parameter in PARAMETERS
    clean = table[table["parameter"] == ""]
    assert (clean["level"] == -1).all() and (clean["stimulus_id"] == clean["scene"]).all()
    assert (clean[list(NEUTRAL)] == pd.Series(NEUTRAL)).all(axis=None)
    assert (table["label"] == table["scene"].str[0]).all()

    with open_images(tmp_path / "some.h5") as images:
        found, description = images[:], images.file.attrs["description"]
        stored = read_frame(images.file["table"])
    images, names = load_images({"folder": photographs, "size": 32})
    plain = dict(zip(names["stimulus_id"], images, strict=True))
    assert description == "3 images from photographs, each clean and under 4 × 4 augmentations."
    for index, row in stored.iterrows():  # replayed from the file
        source = np.asarray(Image.open(photographs / row["scene"]))
        np.testing.assert_array_equal(found[index], apply(source, row, 32))
        if not row["parameter"]:
            np.testing.assert_array_equal(found[index], plain[row["scene"]])
    assert Image.open(tmp_path / "some.png").width > 1000


def test_the_draws_of_an_image_do_not_depend_on_the_other_images(tmp_path, photographs):
    tables = []
    for images in (3, 5):
        spec = SPEC | {"folder": str(photographs), "images": images}
        make("some", spec, tmp_path / "some.h5", tmp_path / "some.png")
        tables.append(read_table(tmp_path / "some.h5").set_index("stimulus_id"))
    few, all_of_them = tables
    pd.testing.assert_frame_equal(few, all_of_them.loc[few.index])


@pytest.mark.slow
@pytest.mark.usefixtures("processes_at_once")
def test_bytes_do_not_depend_on_the_run_or_on_the_number_of_workers(tmp_path, photographs):
    contents = []
    for threads in (1, 1, 2):
        make("some", SPEC | {"folder": str(photographs)}, tmp_path / "a.h5", tmp_path / "a.png", threads)
        with open_images(tmp_path / "a.h5") as images:
            contents.append(images[:])
    np.testing.assert_array_equal(contents[0], contents[1])
    np.testing.assert_array_equal(contents[0], contents[2])
    make("other", SPEC | {"folder": str(photographs)}, tmp_path / "b.h5", tmp_path / "b.png")
    assert (read_table(tmp_path / "b.h5")["crop_x"] != read_table(tmp_path / "a.h5")["crop_x"]).any()


@pytest.mark.usefixtures("processes_at_once")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_broken_image_is_named(tmp_path, photographs, threads):
    (photographs / "a" / "4.png").write_bytes(b"no picture")
    with pytest.raises(Fault, match=r"4\.png cannot be read"):
        make("some", SPEC | {"folder": str(photographs)}, tmp_path / "a.h5", tmp_path / "a.png", threads)
    assert not (tmp_path / "a.h5").exists()


def test_an_array_gives_the_same_set_as_its_files(tmp_path, photographs):
    paths = sorted(photographs.rglob("*.png"))
    stack = np.stack([np.asarray(Image.open(path)) for path in paths])
    np.savez(tmp_path / "array.npz", images=stack, stimulus_id=[p.relative_to(photographs).as_posix() for p in paths])
    results = []
    for source in (photographs, tmp_path / "array.npz"):
        make("some", SPEC | {"folder": str(source), "images": 100}, tmp_path / "a.h5", tmp_path / "a.png", 2)
        with open_images(tmp_path / "a.h5") as images:
            results.append(images[:])
    assert len(results[0]) == 5 * 17
    np.testing.assert_array_equal(*results)

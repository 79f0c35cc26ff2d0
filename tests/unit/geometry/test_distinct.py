"""Images of equal pixels count once in geometry: a copy is no second sample, and no copy is tested on."""

import logging
from dataclasses import replace

import numpy as np
import pandas as pd

from ventral.geometry import measure
from ventral.geometry.distinct import distinct_images
from ventral.geometry.recording_geometry import measure_recording
from ventral.gram import gram
from ventral.recordings import Recording
from ventral.stimuli.table import INDEPENDENT

CLASSES, EACH = 6, 10
IDS = np.array([f"i{i:02d}" for i in range(CLASSES * EACH)], dtype=object)


def table_of_classes(content):
    """Independent images of six classes, the images of each class one after the other."""
    labels = np.repeat([f"class{i}" for i in range(CLASSES)], EACH)
    table = pd.DataFrame({"stimulus_id": IDS, "scene": "", "parameter": "", "level": -1, "label": labels})
    return table.assign(content=np.asarray(content).astype(str))


def test_a_layer_without_classes_is_at_chance_though_every_image_is_there_twice(caplog):
    source = np.repeat(np.arange(0, len(IDS), 2), 2)
    X = np.random.default_rng(0).standard_normal((len(IDS), 300))[source]
    table, G = table_of_classes(source), replace(gram(X, device="cpu"), stimulus_id=IDS)
    with caplog.at_level(logging.WARNING):
        found, whole = measure(G, table, [0.9])
    assert "30 of 60 images" in caplog.text
    first = np.arange(0, len(IDS), 2)
    expected, _ = measure(G.subset(first), table.iloc[first].drop(columns="content"), [0.9])
    pd.testing.assert_frame_equal(found, expected)
    top_1 = found[(found.metric == "prototype_top_1") & (found.parameter == "1-shot")].value.item()
    assert top_1 < 0.3 and (found.n <= 30).all()
    assert len(whole.eigenvalues) <= 30


def test_objects_are_not_decoded_from_a_second_copy_of_an_image():
    source = np.repeat(np.arange(0, len(IDS), 2), 2)
    rng = np.random.default_rng(1)
    X = rng.standard_normal((len(IDS), 40))[source] + 0.01 * rng.standard_normal((len(IDS), 40))
    units = pd.DataFrame({"unit": np.arange(40), "area": "V4"})
    recording = Recording("twice", X.T, None, units, IDS, True, "", "", "")
    found = measure_recording(recording, table_of_classes(source), [0.9]).set_index("metric")
    assert found.value["object_decoding"] < 0.4 and found.n["object_decoding"] == 30
    plain = measure_recording(recording, table_of_classes(np.arange(len(IDS))), [0.9]).set_index("metric")
    assert plain.value["object_decoding"] > 0.8  # where the copies are taken for other images


def test_distinct_images_all_stay():
    table = table_of_classes(np.arange(len(IDS)))
    np.testing.assert_array_equal(distinct_images(table, True), np.arange(len(IDS)))
    np.testing.assert_array_equal(distinct_images(table.drop(columns="content"), True), np.arange(len(IDS)))


def test_a_scene_is_a_copy_where_all_of_its_images_are_but_those_of_its_own_draws():
    rows = [
        (scene, parameter, level, f"{INDEPENDENT} of {scene}" if parameter == INDEPENDENT else f"{shown}{level}")
        for scene, shown in (("c", "x"), ("a", "y"), ("b", "x"))
        for parameter, levels in (("", (-1,)), ("augmentation", (0, 1)), (INDEPENDENT, (0, 1)))
        for level in levels
    ]
    table = pd.DataFrame(rows, columns=["scene", "parameter", "level", "content"])
    np.testing.assert_array_equal(distinct_images(table, False), np.arange(10))
    shuffled = table.iloc[np.random.default_rng(0).permutation(15)]
    assert len(distinct_images(shuffled, False)) == 10
    table.loc[14 - 3, "content"] = "another"  # one augmented image of b
    np.testing.assert_array_equal(distinct_images(table, False), np.arange(15))

"""Objects of the published images are scenes, so that factorization and decoding of areas come from their table."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hvm_files import hvm_table

from ventral.core.errors import Fault
from ventral.geometry.recording_geometry import measure_recording
from ventral.recordings import Recording
from ventral.recordings.object_scenes import POSE, object_scenes
from ventral.stimuli.design import independent, varied_parameters
from ventral.stimuli.main_effects import main_effects
from ventral.stimuli.scenes import Scene

OBJECTS, IMAGES = 10, 120


@pytest.fixture(scope="module")
def listed():
    return hvm_table(IMAGES, OBJECTS).astype(str)


@pytest.fixture(scope="module")
def table(listed):
    ids = pd.Series([f"image{i}" for i in range(IMAGES)])
    return pd.DataFrame({"stimulus_id": ids} | object_scenes(listed, "hvm.csv"))


def recording(table):
    """V4, in which objects differ along the axes of three variables, and IT, in which they have axes of their own."""
    rng = np.random.default_rng(1)
    objects = rng.standard_normal((OBJECTS, 3))[table.exemplar] * 2
    pose = table[[*POSE]].to_numpy() / table[[*POSE]].std().to_numpy()
    background = rng.standard_normal((IMAGES, 2))
    axes = rng.standard_normal((11, 40))
    trials = rng.standard_normal((70, IMAGES, 4))
    for rows, own in ((slice(0, 40), slice(0, 3)), (slice(40, 70), slice(8, 11))):
        signal = pose @ axes[:6] + background @ axes[6:8] + objects @ axes[own]
        trials[rows] += signal.T[: rows.stop - rows.start, :, None]
    units = pd.DataFrame({"unit": np.arange(70), "area": np.repeat(["V4", "IT"], [40, 30]), "animal": "A"})
    ids = table.stimulus_id.to_numpy()
    return Recording("two", trials.mean(axis=2), trials.astype(np.float32), units, ids, False, "none", "Who", "there")


def test_an_object_is_a_scene_with_the_variables_of_rendered_scenes(listed, table):
    assert independent(table) and (table.scene == table.label).all() and list(table.label) == list(listed.object_name)
    assert list(table.parameter) == ["background"] * 40 + ["variation"] * 80
    assert not table.duplicated(["scene", "parameter", "level"]).any()
    assert table.groupby("parameter")["level"].max().to_dict() == {"background": 3, "variation": 7}
    assert {*table.columns[5:]} <= {*Scene.__annotations__}
    for name, column in POSE.items():
        np.testing.assert_array_equal(table[name], listed[column].astype(float))
    for name, column in {"category": "category_name", "background": "background_id"}.items():
        assert table.groupby(name).size().tolist() == listed.groupby(column).size().tolist()
    assert main_effects(table)["pose"].values.shape == (IMAGES, len(POSE))


def test_poses_decide_what_varies_however_levels_are_spelled(listed):
    spelled = listed.assign(variation=listed.variation.map({"0": "V0", "3": "V3"}))
    assert list(object_scenes(spelled, "hvm.csv")["parameter"]) == list(object_scenes(listed, "hvm.csv")["parameter"])
    moved = listed.assign(ty=np.linspace(0, 1, IMAGES).astype(str))
    assert set(object_scenes(moved, "hvm.csv")["parameter"]) == {"variation"}


def test_tables_of_another_format_are_sentences(listed):
    with pytest.raises(Fault, match=r"hvm\.csv lacks the columns category_name, ty; it has id, "):
        object_scenes(listed.drop(columns=["ty", "category_name"]), "hvm.csv")
    with pytest.raises(Fault, match=r"hvm\.csv: some values of tz are not numbers"):
        object_scenes(listed.assign(tz="left"), "hvm.csv")


def test_areas_have_factorization_and_decoding_of_objects(table):
    found = measure_recording(recording(table), table, [0.9])
    value = found.set_index(["metric", "area", "parameter"]).value
    for metric in ("two_way_covariance_factorization_crossed", "factorization_at_equal_units", "factorization_crossed"):
        assert value[metric, "IT", "variation"] > value[metric, "V4", "variation"] + 0.15
    assert {"background", "variation"} == {*found.parameter[found.metric == "invariance_at_equal_units"]}
    assert set(found.n[found.metric == "invariance_at_equal_units"]) == {30}
    for metric in ("object_decoding", "two_way_effective_dimensionality_crossed"):
        assert np.isfinite(value[metric, "V4", ""])
    assert value["parallelism", "V4", "yaw"] > 0.5


def test_an_image_that_is_missing_leaves_all_objects_with_as_many_images(table):
    whole = recording(table)
    responses = whole.responses[:40].copy()
    responses[:25, 60] = np.nan
    found = measure_recording(replace(whole, responses=responses, trials=None, units=whole.units[:40]), table, [0.9])
    n = found[found.metric == "invariance"].set_index("parameter").n
    assert n.to_dict() == {"background": 10 * 4, "variation": 10 * 7}
    short = table[~((table.scene == "object0") & (table.parameter == "background") & (table.level > 1))]
    assert varied_parameters(short).value_counts().to_dict() == {"variation": 80, "background": 20, "": 18}


def test_objects_with_one_image_do_not_remove_the_others(table):
    single = table[~((table.scene == "object0") & (table.parameter == "background") & (table.level > 0))]
    varied = varied_parameters(single)
    assert varied.value_counts().to_dict() == {"variation": 80, "background": 36, "": 1}
    assert varied[(single.scene == "object0") & (single.parameter == "background")].tolist() == [""]
    lone = table[(table.parameter == "variation") | (table.scene == "object1") | (table.level == 0)]
    assert varied_parameters(lone).value_counts().to_dict() == {"variation": 80, "": 13}

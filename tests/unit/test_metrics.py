"""Every emitted metric has a record, every record is emitted and documented, and columns are named in one place."""

import re
from dataclasses import replace

import augmented_codes
import factorized_responses
import numpy as np
import pandas as pd
import pytest
from checkout import ROOT
from exact_gram import exact
from hypothesis import given
from hypothesis import strategies as st

from ventral.accuracy.head_accuracy import accuracy_table
from ventral.catalog import METRICS, MODULES, page, record
from ventral.core.errors import Fault
from ventral.geometry import measure
from ventral.geometry.recording_geometry import measure_recording
from ventral.metrics import Quantity, Role
from ventral.other_images import Coordinates
from ventral.predictivity import measure as score
from ventral.predictivity.behavior import measure_behavior
from ventral.predictivity.observed_distances import observe, score_distances
from ventral.recordings import Recording
from ventral.recordings.choices import Behavior
from ventral.recordings.distances import Distances
from ventral.summary.model_similarity import COSINES, DISTANCE
from ventral.summary.representations import Node
from ventral.summary.tables import LAYER, RECORDED
from ventral.summary.universality import universality

DOCS = ROOT / "docs" / "metrics.md"
OBJECTS, EACH = 6, 12


def labeled_images():
    """A stimulus table of independent images of six objects."""
    ids = [f"image{i:02d}" for i in range(OBJECTS * EACH)]
    label = np.repeat([f"object{k}" for k in range(OBJECTS)], EACH)
    columns = {"stimulus_id": ids, "scene": ids, "parameter": "", "level": 0, "label": label}
    return pd.DataFrame(columns | {"yaw": np.sin(np.arange(len(ids))), "size": np.cos(1.7 * np.arange(len(ids)))})


def varied_images(rng):
    """A stimulus table and responses of scenes that vary two parameters."""
    X, scene, parameter = factorized_responses.two_parameters(rng, range(5), range(4, 9), range(8, 13), 8, 4, 16)
    ids = [f"image{i:03d}" for i in range(len(X))]
    level = np.tile(np.arange(4), len(X) // 4)
    return pd.DataFrame({"stimulus_id": ids, "scene": scene, "parameter": parameter, "level": level, "label": ""}), X


def recording_of(table, X, rng):
    """A recording of noisy trials of the responses in two areas, the second with fewer units."""
    X = np.hstack([X, X[:, -4:]])
    trials = X.T[:, :, None] + rng.standard_normal((X.shape[1], len(X), 4))
    area = np.where(np.arange(X.shape[1]) < X.shape[1] - 4, "V4", "IT")
    units = pd.DataFrame({"unit": np.arange(X.shape[1]), "area": area})
    ids = table.stimulus_id.to_numpy(dtype=object)
    return Recording("small", trials.mean(axis=2), trials, units, ids, True, "", "", "")


def choices_of(table, rng):
    """Two choices of an observer for every image and distractor."""
    pairs = table.merge(table.label.drop_duplicates().rename("distractor"), how="cross")
    pairs = pairs[pairs.label != pairs.distractor].rename(columns={"label": "sample"})
    pairs = pd.concat([pairs, pairs], ignore_index=True)
    choice = np.where(rng.random(len(pairs)) < 0.3, pairs.distractor, pairs["sample"])
    trials = pairs[["stimulus_id", "sample", "distractor"]].assign(choice=choice)
    return Behavior("observer", trials, True, "", "", "")


def distances_of(table, rng):
    """Distances of two observers between all images."""
    n = len(table)
    matrices = pd.DataFrame({"observer": ["a", "b"], "area": "judged"})
    ids = table.stimulus_id.to_numpy(dtype=object)
    return Distances("people", rng.random((2, n * (n - 1) // 2)), matrices, ids, "judged", True, "", "", "")


@pytest.fixture(scope="module")
def emitted():
    """The metrics that all families emit for small data."""
    rng = np.random.default_rng(0)
    table, X = labeled_images(), rng.standard_normal((OBJECTS * EACH, 10)) + np.repeat(np.eye(OBJECTS, 10), EACH, 0)
    G = replace(exact(X), stimulus_id=table.stimulus_id.to_numpy(dtype=object))
    recording, (varied, responses) = recording_of(table, X, rng), varied_images(rng)
    augmented = augmented_codes.augmentations().assign(label="")
    codes = augmented_codes.responses(augmented, lambda image: range(20, 24))
    clips = varied.assign(parameter="object_turns", level=np.tile(np.arange(8), len(varied) // 8), pixel_curvature=90.0)
    scores, outputs = rng.standard_normal((len(table), OBJECTS)), np.repeat(np.arange(OBJECTS), EACH)
    tables = [
        accuracy_table(scores, outputs, OBJECTS, "6 outputs"),
        measure_recording(recording, table, [0.9], 0),
        measure_recording(recording_of(varied, responses, rng), varied, [0.9], 0),
        measure(exact(codes), augmented, [0.9], 0)[0],
        measure(exact(responses), clips, [0.9], 0)[0],
        measure_recording(recording_of(clips, responses, rng), clips, [0.9], 0),
        score(G, recording, table, {"kind": "kfold", "folds": 4, "seed": 0}, 0, Coordinates(X, G.stimulus_id, "x"))[0],
        score_distances(G, observe(distances_of(table, rng), table, 0))[0],
        measure_behavior(G, choices_of(table, rng), table, {"folds": 4, "seed": 0}, 0)[0],
    ]
    nodes = [Node(kind, kind + str(i), "", exact(rng.random((40, 30)))) for kind in (LAYER, RECORDED) for i in range(3)]
    tables.append(universality("photos", nodes, {LAYER + i: i for i in "012"}, 0))
    return {metric for table in tables for metric in table.metric} | {*COSINES, DISTANCE}


def test_emitted_metrics_are_those_with_a_record(emitted):
    assert emitted - {*METRICS} == set()
    assert {*METRICS} - emitted == set()


def test_records_have_names_of_their_own_and_refer_to_others():
    assert len(METRICS) == sum(map(len, MODULES.values()))
    assert len({metric.label for metric in METRICS.values()}) == len(METRICS)
    for metric in METRICS.values():
        assert metric.label and metric.text.endswith(".") and metric.method.heading, metric.name
        assert {metric.same_as, metric.ceiling, metric.control} - {""} <= {*METRICS}
        if metric.variant_of:  # which stands for it in relations
            assert METRICS[metric.variant_of].role is metric.role and not METRICS[metric.variant_of].variant_of
        assert not metric.control or METRICS[metric.control].role is Role.CONTROL
        assert not metric.ceiling or METRICS[metric.ceiling].role is Role.CEILING


def test_a_metric_without_a_record_is_named():
    with pytest.raises(Fault, match="straightness has no record"):
        record("straightness")


def test_the_page_of_metrics_is_current():
    again = "python -m ventral.catalog > docs/metrics.md"
    assert DOCS.read_text(encoding="utf-8") == page(), f"Write it again: {again}"
    assert all(f"| `{name}` |" in page() for name in METRICS)


def known_truth():
    """Blocks of docs/geometry.md: the rows of each, by metric, and the lines around them."""
    for block in DOCS.with_name("geometry.md").read_text(encoding="utf-8").split("\n## "):
        lines = block.splitlines()
        rows = [line for line in lines if line.startswith("| `")]
        yield [(re.match(r"\| `([^`[]+)", row)[1], row) for row in rows], [line for line in lines if line not in rows]


def test_the_truth_of_every_metric_is_simulated():
    """tests/benchmarks/known_truth.py prints the rows."""
    chance = ("_shuffled", "_floor")  # levels of chance of other metrics, which have no truth of their own
    simulated = {metric for rows, _ in known_truth() for metric, _ in rows}
    assert simulated - {*METRICS} == set()
    assert {name for name in METRICS if not name.endswith(chance)} - simulated == set()


def test_low_coverage_is_explained():
    """Every metric with a coverage below 90 % has its name, or the common part of several names, below the table."""
    unexplained = []
    for rows, text in known_truth():
        named = [re.escape(name).replace("…", ".*") for name in re.findall(r"`([^`]+)`", " ".join(text))]
        for metric, row in rows:
            low = any(int(share) < 90 for share in re.findall(r", (\d+) %", row))
            if low and not any(re.fullmatch(name, metric) for name in named):
                unexplained.append(row)
    assert unexplained == []


TEXT = st.text(min_size=1)
PARAMETER = st.text().filter(lambda text: not {"|", "]"} & {*text})
PLACE = TEXT.filter(lambda text: "/" not in text)


@given(st.sampled_from(sorted(METRICS)), PARAMETER, PARAMETER, PLACE, st.text(), st.booleans())
def test_a_column_holds_the_quantity_that_it_is_named_for(metric, parameter, against, place, area, scored):
    where = {"recording": place, "area": area} if scored else {"stimuli": place}
    quantity = Quantity(metric, parameter, against, **where)
    assert Quantity.parse(str(quantity)) == quantity


@pytest.mark.parametrize(
    ("column", "quantity"),
    [
        ("alpha@scenes", Quantity("alpha", stimuli="scenes")),
        ("factorization[pose]@scenes", Quantity("factorization", "pose", stimuli="scenes")),
        ("factorization[pose|light]@scenes", Quantity("factorization", "pose", "light", stimuli="scenes")),
        ("(ridge_r/c)^2@session/V4", Quantity("(ridge_r/c)^2", recording="session", area="V4")),
        ("ridge_r/c@session/@SUM(a)|b]/c", Quantity("ridge_r/c", recording="session", area="@SUM(a)|b]/c")),
    ],
)
def test_columns_are_named_as_documented(column, quantity):
    assert str(quantity) == column and Quantity.parse(column) == quantity


def test_other_columns_are_no_quantities():
    for column in ("model", "depth", "", "@scenes"):
        with pytest.raises(ValueError, match="no quantity"):
            Quantity.parse(column)


def test_the_scenes_are_not_written():
    row = {"metric": "invariance", "parameter": "pose", "stimuli": "scenes"}
    assert str(Quantity.of(**row, against="scene")) == "invariance[pose]@scenes"
    assert str(Quantity.of(**row, against="light")) == "invariance[pose|light]@scenes"

"""Geometry of recordings: noise of trials is taken out, and less factorization makes objects harder to decode."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ventral.core.errors import Fault
from ventral.core.table_files import write_table
from ventral.geometry import effective_dimensionality, factorization, factorization_family
from ventral.geometry.cross_validated import (
    CrossValidatedGram,
    cross_validated_grams,
    dimensionality_rows_cv,
    distinct_traces,
    factorization_rows_cv,
    traces,
)
from ventral.geometry.recording_geometry import measure_recording
from ventral.geometry.rotation import means_of, object_decoding, reduced_factorization
from ventral.gram import gram
from ventral.recordings import Recording, read_recording, write_recording
from ventral.recordings.ceiling import split_halves
from ventral.recordings.kinds import recording_entry
from ventral.recordings.prepare import make
from ventral.summary.summarize_recordings import AREAS, gather_areas

THRESHOLDS = [0.5, 0.9]
SCENES, LEVELS, UNITS = 12, 6, 30


def signal(rng, scenes=SCENES, levels=LEVELS, units=UNITS):
    """Responses (images, units) to scenes on ten axes and a parameter on eight, of which five are shared."""
    X = np.zeros((scenes, levels, units))
    X[..., :10] += rng.standard_normal((scenes, 1, 10)) / np.arange(1, 11) ** 0.5
    X[..., 5:13] += 0.7 * rng.standard_normal((scenes, levels, 8))
    return X.reshape(-1, units), np.repeat(np.arange(scenes), levels)


def recorded(rng, X, repeats=4, noise=1.0, shared=0.0):
    """Trials (units, images, repeats) of responses with noise, some of which all units share within a trial."""
    n, units = X.shape
    own = noise * rng.standard_normal((units, n, repeats))
    common = shared * rng.standard_normal((1, n, repeats)) * np.sign(np.arange(units) % 2 - 0.5)[:, None, None]
    return X.T[..., None] + own + common


def values_of(rows):
    return {(row["metric"].removesuffix("_crossed"), row.get("threshold")): row["value"] for row in rows}


def plain(X, scenes):
    """The published and corrected values of responses, keyed as `values_of` keys the crossed ones."""
    G = gram(X, device="cpu")
    at = {threshold: factorization(G, scenes, threshold) for threshold in THRESHOLDS}
    names = ("invariance", "covariance_factorization", "corrected_covariance_factorization")
    found = {(name, None): getattr(at[THRESHOLDS[0]], name) for name in names}
    found |= {("factorization", threshold): at[threshold].factorization for threshold in THRESHOLDS}
    names = ("effective_dimensionality", "corrected_effective_dimensionality")
    return found | {(name, None): getattr(effective_dimensionality(G), name) for name in names}


def test_without_noise_crossed_values_and_intervals_are_the_plain_ones():
    rng = np.random.default_rng(0)
    X, scenes = signal(rng)
    found = cross_validated_grams(recorded(rng, X, noise=0), rng, splits=2)
    expected = plain(X, scenes)
    rows = factorization_rows_cv(found, scenes, THRESHOLDS, 0) + dimensionality_rows_cv(found, True)
    assert len(rows) == 3 + len(THRESHOLDS) + 2
    for key, value in values_of(rows).items():
        assert value == pytest.approx(expected[key], rel=1e-9), key
    family = factorization_family(gram(X, device="cpu"), scenes, np.full(len(X), "pose"), THRESHOLDS)
    dimensionality = effective_dimensionality(gram(X, device="cpu"))
    for row in rows:
        name = row["metric"].removesuffix("_crossed")
        if name == "effective_dimensionality":
            low, high = dimensionality.low, dimensionality.high
        elif name == "corrected_effective_dimensionality":
            low, high = dimensionality.corrected_low, dimensionality.corrected_high
        else:
            same = (family.metric == name) & (family.threshold.isna() | (family.threshold == row.get("threshold")))
            [[low, high]] = family.loc[same, ["low", "high"]].to_numpy()
            row |= dict(zip(("low", "high"), np.clip([row["low"], row["high"]], low, high), strict=True))
        assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high)), name


@pytest.mark.parametrize("shared", [0, 0.3], ids=["independent", "shared between units"])
def test_crossing_takes_the_noise_out(shared):
    rng = np.random.default_rng(1)
    truth, means, cleaned = [], [], []
    for _ in range(40):
        X, scenes = signal(rng, scenes=20)
        trials = recorded(rng, X, shared=shared)
        found = cross_validated_grams(trials, rng, splits=3)
        rows = factorization_rows_cv(found, scenes, [0.5], 0) + dimensionality_rows_cv(found, True)
        cleaned.append(values_of(rows))
        truth.append(plain(X, scenes))
        means.append(plain(trials.mean(axis=2).T, scenes))
    cleaned = pd.DataFrame(cleaned)
    truth, means = (pd.DataFrame(values)[cleaned.columns] for values in (truth, means))
    off, left = (means - truth).mean() / truth.mean(), (cleaned - truth).mean() / truth.mean()
    error = (cleaned - truth).std() / truth.mean() / np.sqrt(len(truth))
    assert (error < 0.04).all()
    # Terms are unbiased; ratios of them are so to first order.
    assert (left.abs() < 0.02 + 3 * error).all()
    noisy = off.index != ("factorization", 0.5)  # whose error is small in this case, with and without crossing
    assert (off.abs() > 2 * left.abs() + 4 * error)[noisy].all()


def test_products_of_distinct_images_are_unbiased():
    rng = np.random.default_rng(2)
    X, _ = signal(rng, scenes=4, levels=5)
    silent = CrossValidatedGram(gram(X, device="cpu").centered, np.zeros((len(X), len(X))))
    truth = distinct_traces([silent])[:, 0]
    trials = [recorded(rng, X, noise=0.7, shared=0.4) for _ in range(400)]
    found = np.array([distinct_traces(cross_validated_grams(each, rng, splits=1))[:, 0] for each in trials])
    error = found.std(axis=0) / np.sqrt(len(found))
    assert np.all(np.abs(found.mean(axis=0) - truth) < 4 * error)
    assert np.all(4 * error < 0.2 * truth)


@given(seed=st.integers(0, 1000), n=st.integers(6, 9))
@settings(max_examples=10)
def test_leaving_an_image_out_is_measuring_the_others(seed, n):
    rng = np.random.default_rng(seed)
    found = cross_validated_grams(rng.standard_normal((5, n, 4)), rng, splits=2)
    for terms in (traces, distinct_traces):
        for image in range(n):
            others = [each.subset(np.delete(np.arange(n), image)) for each in found]
            np.testing.assert_allclose(terms(found)[:, image + 1], terms(others)[:, 0], rtol=1e-9, atol=1e-12)


def test_halves_share_no_trial_and_units_are_dealt_alike():
    rng = np.random.default_rng(3)
    trials = np.broadcast_to(2.0 ** np.arange(6), (3, 40, 6)).copy()
    trials[:, 0, 4:] = np.nan
    A, B = split_halves(trials, rng)
    assert not np.ptp(A, axis=0).any() and not np.ptp(B, axis=0).any() and len(np.unique(A[0])) > 5
    np.testing.assert_array_equal(3 * (A + B)[:, 1:], 63)
    np.testing.assert_array_equal(2 * (A + B)[:, 0], 15)


def test_units_with_too_few_trials_are_left_out(caplog):
    rng = np.random.default_rng(4)
    trials = rng.standard_normal((3, 20, 4))
    whole = cross_validated_grams(trials[:2], np.random.default_rng(0))
    trials[2, 7, 1:] = np.nan
    part = cross_validated_grams(trials, np.random.default_rng(0))
    assert "1 of 3 units lack two trials" in caplog.text
    np.testing.assert_array_equal(part[0].symmetric, whole[0].symmetric)
    with pytest.raises(Fault, match="two trials or more of every image"):
        cross_validated_grams(trials[2:], rng)


def covariances(X, objects):
    means = means_of(X - X.mean(axis=0), objects)
    residuals = X - X.mean(axis=0) - means
    return means.T @ means / len(X), residuals.T @ residuals / len(X)


@given(seed=st.integers(0, 1000), units=st.sampled_from([7, 24, 60]))
@settings(max_examples=20)
def test_the_rotation_keeps_both_spectra_and_lowers_factorization(seed, units):
    rng = np.random.default_rng(seed)
    objects = np.repeat(np.arange(4), 6)
    axes = rng.standard_normal((2, units, units))
    X = rng.standard_normal((4, units))[objects] @ axes[0] + rng.standard_normal((24, units)) @ axes[1] + 3
    Z = reduced_factorization(X, objects)
    before, after = covariances(X, objects), covariances(Z, objects)
    for old, new in zip(before, after, strict=True):
        scale = np.linalg.eigvalsh(old)[-1]
        np.testing.assert_allclose(np.linalg.eigvalsh(new), np.linalg.eigvalsh(old), atol=1e-10 * scale)
    np.testing.assert_allclose(means_of(Z, objects), means_of(X, objects), atol=1e-9)
    assert np.sum(after[0] * after[1]) >= np.sum(before[0] * before[1]) * (1 - 1e-10)
    # As large as two matrices with these eigenvalues can have it (von Neumann).
    most = np.linalg.eigvalsh(before[0]) @ np.linalg.eigvalsh(before[1])
    assert np.sum(after[0] * after[1]) == pytest.approx(most)
    old, new = plain(X, objects), plain(Z, objects)
    assert new["invariance", None] == pytest.approx(old["invariance", None])
    for threshold in THRESHOLDS:
        assert new["factorization", threshold] <= old["factorization", threshold] + 1e-10


def test_less_factorized_objects_are_harder_to_decode():
    rng = np.random.default_rng(5)
    objects = np.repeat(np.arange(6), 40)
    X = np.zeros((240, 30))
    X[:, :5] = rng.standard_normal((6, 5))[objects]
    X += 0.3 * rng.standard_normal(X.shape)
    X[:, 10:20] += 3 * rng.standard_normal((240, 10))
    before, after = (
        object_decoding(Y, objects, np.random.default_rng(0)) for Y in (X, reduced_factorization(X, objects))
    )
    assert before.shape == (240,) and set(np.unique(before)) <= {0, 0.25, 0.5, 0.75, 1}
    assert before.mean() > 0.95 > 0.7 > after.mean() > 1 / 6
    rotation = np.linalg.qr(rng.standard_normal((30, 30)))[0]
    np.testing.assert_array_equal(before, object_decoding(7 * X @ rotation + 1, objects, np.random.default_rng(0)))
    chance = object_decoding(X, rng.permutation(objects), np.random.default_rng(0)).mean()
    assert chance == pytest.approx(1 / 6, abs=0.1)


def test_objects_are_decoded_from_scenes_that_were_not_seen():
    rng = np.random.default_rng(9)
    scenes = np.repeat(np.arange(24), 6)
    objects = rng.permutation(np.repeat(np.arange(4), 6))[scenes]  # dealt to scenes at random: no code holds them
    X = rng.standard_normal((24, 20))[scenes] + 0.2 * rng.standard_normal((144, 20))
    memorised, decoded = (
        object_decoding(X, objects, np.random.default_rng(0), groups).mean() for groups in (None, scenes)
    )
    assert memorised > 0.85
    assert decoded < 0.25 + 0.2  # 24 scenes
    X[:, :4] += 6 * np.eye(4)[objects]
    assert object_decoding(X, objects, np.random.default_rng(0), scenes).mean() > 0.8
    with pytest.raises(Fault, match="only one scene"):
        object_decoding(X, objects, np.random.default_rng(0), objects)


def test_what_cannot_be_decoded_is_said():
    X = np.random.default_rng(6).standard_normal((12, 4))
    with pytest.raises(Fault, match="needs two objects"):
        reduced_factorization(X, np.zeros(12))
    with pytest.raises(Fault, match="'b' has 2 images"):
        object_decoding(X, np.array(["a"] * 10 + ["b"] * 2), np.random.default_rng(0))
    with pytest.raises(Fault, match="do not vary"):
        object_decoding(np.ones((12, 4)), np.repeat([0, 1], 6), np.random.default_rng(0))


@pytest.fixture
def study():
    """Two areas' trials of scenes with one varied parameter, and the table of the images in another order."""
    rng = np.random.default_rng(7)
    X, scenes = signal(rng, scenes=8, levels=6, units=40)
    X = X @ np.linalg.qr(rng.standard_normal((40, 40)))[0]
    trials = recorded(rng, X).astype(np.float32)
    table = pd.DataFrame({"stimulus_id": [f"s{i}" for i in range(len(X))], "scene": scenes.astype(str)})
    table = table.assign(parameter="pose", level=np.tile(np.arange(6), 8), label=np.where(scenes < 4, "cup", "hat"))
    units = pd.DataFrame({"unit": np.arange(40), "area": np.repeat(["V4", "IT"], 20), "animal": "A"})
    responses = trials.mean(axis=2, dtype=np.float64)
    ids = table.stimulus_id.to_numpy()
    return Recording("two", responses, trials, units, ids, False, "CC0", "Who (2026)", "there"), table


def test_every_area_has_its_rows(study):
    recording, table = study
    found = measure_recording(recording, table, THRESHOLDS)
    assert list(found.area.unique()) == ["V4", "IT"]
    assert not found.duplicated(["area", "metric", "parameter", "against", "threshold"]).any()
    at = found[found.area == "IT"].set_index(["metric", "parameter", "against"])
    G = gram(recording.responses[20:].T, device="cpu")
    family = factorization_family(G, table.scene.to_numpy(), table.parameter.to_numpy(), THRESHOLDS)
    expected = family[family.metric == "invariance"].value.item()
    assert at.value["invariance", "pose", "scene"].item() == pytest.approx(expected)
    assert at.value["invariance_crossed", "pose", "scene"].item() > expected
    assert sorted(at.threshold["factorization_crossed", "pose", "scene"]) == THRESHOLDS
    both = found[found.metric.str.startswith("object_decoding")].set_index(["area", "metric"])
    assert len(both) == 4 and (both.low <= both.value).all() and (both.value <= both.high).all()
    assert (found.n == len(table)).all()


def test_the_order_of_the_table_does_not_matter_and_its_images_must_be_the_recordings(study):
    recording, table = study
    found = measure_recording(recording, table, THRESHOLDS)
    pd.testing.assert_frame_equal(found, measure_recording(recording, table[::-1], THRESHOLDS))
    with pytest.raises(Fault, match=r"1 images of the recording two .*: s0"):
        measure_recording(recording, table[1:], THRESHOLDS)


def test_what_a_recording_lacks_is_not_measured(study, caplog):
    recording, table = study
    bare = table.assign(label="", parameter="", scene="")
    found = measure_recording(replace(recording, trials=None), bare, THRESHOLDS)
    assert "effective_dimensionality" in set(found.metric)
    assert not found.metric.str.contains("crossed|decoding|factorization").any()
    once = recording.trials.copy()
    once[..., 1:] = np.nan
    found = measure_recording(replace(recording, trials=once), bare, THRESHOLDS)
    assert not found.metric.str.contains("crossed").any() and "two trials or more" in caplog.text
    found = measure_recording(recording, bare, THRESHOLDS)
    assert {"effective_dimensionality_crossed", "corrected_effective_dimensionality_crossed"} <= set(found.metric)


def test_recordings_are_gathered_with_what_they_are(study, tmp_path):
    recording, table = study
    for name, simulated in (("two", False), ("made", True)):
        write_recording(tmp_path / f"{name}.h5", replace(recording, name=name, simulated=simulated))
        rows = measure_recording(replace(recording, name=name), table, THRESHOLDS)
        write_table(rows.assign(recording=name)[["recording", *rows]], tmp_path / f"{name}.csv")
    names = ("two", "made")
    paths = [[tmp_path / f"{name}.{kind}" for name in names] for kind in ("csv", "h5")]
    found = gather_areas(*paths, dict.fromkeys(names, "photos"))
    assert len(found) == 2 * len(rows) and set(found.stimuli) == {"photos"}
    assert found.simulated.eq(found.recording == "made").all()
    assert list(gather_areas([], [], {}).columns) == [*AREAS, "stimuli", "simulated"]


@pytest.mark.usefixtures("macaque_v4")
def test_objects_and_their_variation_in_macaque_v4(tmp_path):
    spec = {"kind": "macaque_v4", "session": 210325}
    make("macaque", spec, tmp_path / "macaque.h5", tmp_path / "unused.h5")
    table = recording_entry(spec).images("macaque")[1]
    found = measure_recording(read_recording(tmp_path / "macaque.h5"), table, THRESHOLDS)
    at = found[found.threshold.isna() | (found.threshold == 0.9)].set_index("metric")
    value = at.value.to_dict()
    assert value["invariance_shuffled"] < value["invariance"] < value["invariance_crossed"] < 0.12
    assert value["factorization_shuffled"] < value["factorization_crossed"] < value["factorization"] < 0.85
    noisy, clean = at.loc["effective_dimensionality"], at.loc["effective_dimensionality_crossed"]
    assert 10 < clean.low < clean.high < noisy.low < noisy.high < 15
    before, after = at.loc["object_decoding"], at.loc["object_decoding_rotated"]
    assert 1 / 8 < after.low < after.high < before.low and before.value == pytest.approx(0.35, abs=0.02)

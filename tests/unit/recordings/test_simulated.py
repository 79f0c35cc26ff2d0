"""Simulated areas: their truth is found again, their noise is that of counts, and they differ as they should."""

import numpy as np
import pandas as pd
import pytest

from ventral.core.errors import Fault
from ventral.gram import gram
from ventral.models.baselines import gabor_energy, pixels
from ventral.predictivity import kfold_splits, noise_ceiling, ridge
from ventral.recordings import read_recording
from ventral.recordings.kinds import recording_entry
from ventral.recordings.prepare import make
from ventral.recordings.simulation.contents import contents_of
from ventral.recordings.simulation.it import it_drives
from ventral.recordings.simulation.light import averaged, windows
from ventral.recordings.simulation.spikes import firing, spike_counts
from ventral.recordings.simulation.v1 import v1_drives, v1_units
from ventral.recordings.simulation.v4 import ANGLES, CURVATURES, v4_channels, v4_drives, v4_units
from ventral.stimuli import open_images, read_table, write_stimuli
from ventral.stimuli.kinds import stimulus_entry

UNITS, REPEATS, SIDE = 40, 8, 64
SPEC = {"kind": "simulated", "stimuli": "scenes", "units": UNITS, "repeats": REPEATS, "seed": 0}


@pytest.fixture(scope="module")
def scenes(tmp_path_factory):
    """Ten scenes of each of 14 categories, and what was recorded from them."""
    path = tmp_path_factory.mktemp("scenes") / "scenes.h5"
    spec = {"kind": "scenes", "base_scenes": 140, "size": SIDE}
    images, table, description = stimulus_entry(spec).make("scenes")
    write_stimuli(path, images, table, "scenes", description)
    return path, recording_entry(SPEC).record("simulated", path)


def of(recording, area):
    return (recording.units.area == f"simulated {area}").to_numpy()


def test_the_units_table_knows_the_noise(scenes):
    _, found = scenes
    units = found.units
    assert found.simulated and list(units.area.unique()) == ["simulated V1", "simulated V4", "simulated IT"]
    assert (
        found.trials.shape == (3 * UNITS, 140, REPEATS)
        and (found.responses == found.trials.mean(axis=2, dtype=float)).all()
    )
    assert (found.trials >= 0).all() and (found.trials == np.round(found.trials)).all()
    noise = found.trials.var(axis=2, ddof=1).mean(axis=1)
    assert np.median(np.abs(np.log(noise / units.noise_variance))) < 0.1
    S, N = units.signal_variance, units.noise_variance
    np.testing.assert_allclose(units.true_reliability, S / (S + N / REPEATS))
    assert units.true_reliability.between(0.5, 0.95).all()
    assert np.abs(noise_ceiling(found.trials) - units.true_reliability).mean() < 0.05


def test_counts_vary_as_a_shared_gain_says():
    """Var = μ + γμ², and two units covary by μ₁μ₂(e^{σ₁σ₂} − 1) within a trial; σ² = ln(1 + γ)."""
    rates, gain = np.repeat([[0.5], [4.0], [20.0]], 40_000, axis=1), np.array([0.0, 0.1, 0.3])
    counts = spike_counts(rates, gain, 1, np.random.default_rng(0))[..., 0].astype(float)
    mean = rates[:, 0]
    np.testing.assert_allclose(counts.mean(axis=1), mean, rtol=0.02)
    np.testing.assert_allclose(counts.var(axis=1), mean + gain * mean**2, rtol=0.05)
    shared = mean[1] * mean[2] * np.expm1(np.sqrt(np.log1p(gain[1]) * np.log1p(gain[2])))
    covariance = np.cov(counts)
    assert covariance[1, 2] == pytest.approx(shared, rel=0.05) and abs(covariance[0, 1]) < 0.05


@pytest.mark.parametrize("repeats", [2, 30])
def test_reliabilities_are_drawn_and_a_quarter_of_the_noise_is_shared(repeats):
    drives = np.random.default_rng(0).standard_normal((200, 300))
    drives[7] = 3
    rates, units = firing(drives, repeats, np.random.default_rng(1))
    varies = np.arange(200) != 7
    assert (rates[7] == 0).all() and np.isnan(units.true_reliability[7]) and (rates[varies] > 0).all()
    np.testing.assert_allclose(units.signal_variance[varies], rates[varies].var(axis=1))
    mean, square = rates.mean(axis=1), np.mean(rates**2, axis=1)
    np.testing.assert_allclose(units.noise_variance, mean + units.gain_variance * square)
    share = (units.gain_variance * square / units.noise_variance)[varies]
    assert share.max() < 0.25 + 1e-9 and units.gain_variance.max() <= 0.5
    assert np.median(share) == pytest.approx(0.25) if repeats == 2 else share.min() < 0.1
    assert np.ptp(units.true_reliability[varies]) > 0.4


def test_units_of_an_area_vary_together(scenes):
    _, found = scenes
    residuals = found.trials - found.trials.mean(axis=2, keepdims=True)
    r = np.corrcoef(residuals.reshape(len(residuals), -1))
    v1, it = of(found, "V1"), of(found, "IT")
    assert 0.05 < r[np.ix_(v1, v1)][np.triu_indices(UNITS, 1)].mean() < 0.3
    assert abs(r[np.ix_(v1, it)].mean()) < 0.02


def test_responses_follow_the_seed_and_the_name(scenes):
    path, first = scenes
    again, other, renamed = (
        recording_entry(SPEC | {"seed": seed}).record(name, path).responses
        for name, seed in [("simulated", 0), ("simulated", 1), ("b", 0)]
    )
    np.testing.assert_array_equal(first.responses, again)
    assert not np.allclose(again, other) and not np.allclose(again, renamed)


def test_it_knows_the_table_and_v1_the_image(scenes, tmp_path):
    path, before = scenes
    with open_images(path) as images:
        write_stimuli(tmp_path / "mixed.h5", images[:][::-1], read_table(path), "scenes", "other images, same table")
    after = recording_entry(SPEC).record("simulated", tmp_path / "mixed.h5")
    changed = ~np.isclose(before.responses, after.responses).all(axis=1)
    assert not changed[of(before, "IT")].any() and changed[~of(before, "IT")].all()


def grating(frequency, orientation, phase=0.0, contrast=0.4):
    points = (np.arange(SIDE) + 0.5) / SIDE
    along = np.cos(np.deg2rad(orientation)) * points + np.sin(np.deg2rad(orientation)) * points[:, None]
    luminance = 0.5 + contrast / 2 * np.cos(2 * np.pi * frequency * along + phase)
    return np.repeat(luminance[..., None], 3, axis=2).astype(np.float32)


def test_units_of_v1_prefer_their_own_grating():
    units = v1_units(30, SIDE, np.random.default_rng(0))
    for i in range(len(units)):
        unit = units.iloc[[i]]
        f, angle = unit.frequency.item(), unit.orientation.item()
        shown = [(f, angle), (f, angle + 45), (f, angle + 90), (2 * f, angle), (f / 2, angle)]
        own, *others = v1_drives(np.array([grating(*one) for one in shown]), unit)[0]
        assert own > 1.5 * max(others)


def test_a_complex_cell_ignores_phase_and_contrast_saturates():
    unit = v1_units(1, SIDE, np.random.default_rng(0)).assign(frequency=8.0, phase_selectivity=0.0)
    phases = np.linspace(0, np.pi, 5)
    shown = [grating(8, unit.orientation.item(), phase) for phase in phases]
    of_phase = v1_drives(np.array(shown), unit)[0]
    assert np.ptp(of_phase) < 0.05 * of_phase.mean()
    doubled = [v1_drives(grating(8, unit.orientation.item(), 0, c)[None], unit).item() for c in (0.2, 0.4, 0.8)]
    assert doubled[1] < 1.8 * doubled[0] and doubled[2] < 1.5 * doubled[1]


def disc(radius=0.15, inside=0.8, outside=0.3, x=0.5, y=0.5):
    """A disc with a soft edge, (side, side, 3)."""
    points = (np.arange(SIDE) + 0.5) / SIDE
    away = (np.hypot(points - x, points[:, None] - y) - radius) * SIDE
    share = 1 / (1 + np.exp(2 * away))
    return np.repeat((outside + share * (inside - outside))[..., None], 3, axis=2).astype(np.float32)


def test_v4_tells_convex_from_concave_and_small_from_large():
    units = pd.DataFrame({"horizontal": [0.5], "vertical": [0.5]})
    shown = [disc(), disc(inside=0.3, outside=0.8), disc(0.08), disc(0.25), disc(inside=0.5)]
    found = dict(zip(CURVATURES, v4_channels(np.array(shown), units)[: len(CURVATURES), :, 0], strict=True))
    convex, concave = (sum(found[f"{sign} {angle}"] for angle in ANGLES) for sign in ("convex", "concave"))
    assert convex[0] > 20 * concave[0] and concave[1] > 20 * convex[1]
    per_contour = convex[2:4] / [0.08, 0.25]
    assert per_contour[0] > 1.5 * per_contour[1]
    assert 0.7 * convex[0] < convex[4] < convex[0]  # of 0.4 of the contrast
    sides = [found[f"convex {angle}"][0] for angle in ANGLES]
    assert np.ptp(sides) < 0.2 * np.mean(sides)


def test_v4_has_hues_and_tolerates_shifts():
    units = pd.DataFrame({"horizontal": [0.5], "vertical": [0.5]})
    colors = np.array([[0.9, 0.2, 0.2], [0.2, 0.9, 0.2], [0.2, 0.2, 0.9], [0.5, 0.5, 0.5]], dtype=np.float32)
    shown = np.broadcast_to(colors[:, None, None], (4, SIDE, SIDE, 3))
    hues = v4_channels(shown, units)[len(CURVATURES) :, :, 0]
    assert len(set(hues[:, :3].argmax(axis=0))) == 3 and hues[:, 3].max() < 1e-6
    moved = v4_channels(np.array([disc(x=0.5), disc(x=0.55)]), units)[: len(CURVATURES), :, 0]
    assert np.abs(np.diff(moved, axis=1)).max() < 0.2 * moved.max()


def test_windows_and_averages_keep_the_mean():
    found = windows(np.array([0.2, 0.7]), np.array([0.5, 0.4]), 0.1, 50)
    np.testing.assert_allclose(found.sum(axis=(1, 2)), 1, rtol=1e-5)
    points = (np.arange(50) + 0.5) / 50
    np.testing.assert_allclose(found[1].sum(axis=0) @ points, 0.7, atol=0.005)
    np.testing.assert_allclose(found[1].sum(axis=1) @ points, 0.4, atol=0.005)
    maps = np.random.default_rng(0).random((3, 30, 40, 2)).astype(np.float32)
    small = averaged(maps, 12)
    assert small.shape == (3, 12, 12, 2)
    np.testing.assert_allclose(small.mean(axis=(1, 2)), maps.mean(axis=(1, 2)), rtol=1e-4)


TABLE = pd.DataFrame(
    {
        "stimulus_id": list("abcdef"),
        "scene": list("abcdef"),
        "parameter": "",
        "level": -1,
        "label": ["cup", "cup", "dog", "dog", "dog", "cup"],
        "exemplar": [5, 5, 5, 9, 9, 7],
        "x": [0.2, 0.0, -0.1, 0.3, 0.0, 0.1],
        "y": [0.0, 0.1, 0.0, 0.0, 0.2, 0.0],
        "size": [1.0, 1.0, 1.2, 0.8, 1.0, 1.0],
        "crop_area": [0.25, 1.0, 1.0, 0.81, 1.0, 0.49],
        "crop_x": [0.2, 0.0, 0.0, 0.1, 0.0, 0.0],
        "crop_y": [0.1, 0.0, 0.0, 0.0, 0.0, 0.0],
        "roll": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        "background_x": [0.1, 0.5, 0.7, 0.2, 0.3, 0.9],
        "fixed": 1.0,
    }
)


def test_contents_are_what_the_image_shows():
    found = contents_of(TABLE, "mine")
    assert found.labels == ["cup", "dog"] and list(found.label) == [0, 0, 1, 1, 1, 0]
    assert list(found.exemplar) == [0, 0, 1, 2, 2, 3]  # exemplar 5 of cups is not that of dogs
    assert list(found.placement) == ["roll", "shown_x", "shown_y", "shown_size"]
    assert set(found.of_object) == {"roll", "shown_x", "shown_y", "shown_size"}
    np.testing.assert_allclose(found.variables.to_numpy().std(axis=0), 1)
    x = np.array([0, 0, -0.1, 0.2 / 0.9, 0, 0.1 / 0.7])  # the first object is where its crop is
    np.testing.assert_allclose(found.variables.shown_x, (x - x.mean()) / x.std())


def test_it_prefers_labels_and_tells_exemplars_apart():
    found = contents_of(TABLE.drop(columns=["x", "y", "size", "roll", "background_x"]), "mine")
    drives, units = it_drives(found, 200, np.random.default_rng(0))
    by_label = [drives[:, found.label == k].mean(axis=1) for k in (0, 1)]
    assert np.mean(np.array(found.labels)[np.argmax(by_label, axis=0)] == units.preferred_label) > 0.85
    assert units.sparseness.between(0, 1).all()
    assert np.abs(np.log(drives[:, 2] / drives[:, 3])).std() > 0.1  # dogs 5 and 9


@pytest.mark.parametrize(
    "columns",
    [["label"], ["fixed", "x"], ["label", "fixed"], ["label", "roll"]],
    ids=["labels", "variables", "constant", "tilt"],
)
def test_any_labels_or_variables_are_enough(columns, tmp_path):
    table = TABLE[["stimulus_id", "scene", "parameter", "level"]].assign(label="")
    table = table.assign(**{name: TABLE[name] for name in columns})
    images = np.random.default_rng(0).integers(0, 255, (6, 16, 16, 3), dtype=np.uint8)
    write_stimuli(tmp_path / "small.h5", images, table, "images", "small")
    make("simulated", SPEC, tmp_path / "simulated.h5", tmp_path / "small.h5")
    found = read_recording(tmp_path / "simulated.h5")
    assert found.simulated and found.dropped_units == 0 and list(found.stimulus_id) == list("abcdef")
    assert found.units.groupby("area").size().eq(UNITS).all() and found.units.true_reliability.notna().all()


def test_gray_images_leave_hue_out():
    contents = contents_of(TABLE, "mine")
    units, gains = v4_units(5, contents, np.random.default_rng(0))
    gray = np.repeat(np.random.default_rng(0).random((6, 32, 32, 1), dtype=np.float32), 3, axis=3)
    turned = units.assign(hue=(units.hue + 90) % 360)
    drives, others = (v4_drives(v4_channels(gray, some), contents, some, gains) for some in (units, turned))
    assert np.isfinite(drives).all() and (drives.std(axis=1) > 0).all()
    np.testing.assert_array_equal(drives, others)


def test_images_that_nothing_is_known_of_are_refused(tmp_path):
    table = TABLE[["stimulus_id", "scene", "parameter", "level"]].assign(label="")
    write_stimuli(tmp_path / "bare.h5", np.zeros((6, 48, 48, 3), dtype=np.uint8), table, "images", "bare")
    with pytest.raises(Fault, match=r"Recording simulated: .*labels"):
        recording_entry(SPEC).record("simulated", tmp_path / "bare.h5")


def scores(layer, recording):
    splits = kfold_splits(recording.stimulus_id)
    return ridge(gram(layer, device="cpu"), recording.responses.T, splits).scores.mean(axis=0)


def test_energies_explain_v1_best_and_it_least(scenes):
    path, found = scenes
    with open_images(path) as images:
        energy, color = gabor_energy()(images[:])["energy"], pixels()(images[:])["pixels"]
    of_energy, of_color = scores(energy, found), scores(color, found)
    by_area = pd.Series(of_energy).groupby(found.units.area).median()
    assert by_area["simulated V1"] > by_area["simulated V4"] > by_area["simulated IT"]
    v1 = of(found, "V1")
    assert np.median(of_energy[v1]) > np.median(of_color[v1]) + 0.15


def test_category_grows_along_the_stream(scenes):
    """Decoded from V1 < V4 < IT, and most of the variance of IT alone, which tolerates all else."""
    from sklearn.linear_model import RidgeClassifier
    from sklearn.model_selection import cross_val_score

    path, found = scenes
    label = read_table(path).label.to_numpy()
    responses = pd.DataFrame(found.responses.T)
    explained = responses.groupby(label).transform("mean").var() / responses.var()
    decoded, share = {}, {}
    for area in ("V1", "V4", "IT"):
        inside = of(found, area)
        Z = responses.loc[:, inside]
        decoded[area] = cross_val_score(RidgeClassifier(alpha=30), (Z - Z.mean()) / Z.std(), label, cv=5).mean()
        share[area] = explained[inside].median()
    assert decoded["V1"] + 0.1 < decoded["V4"] < decoded["IT"] - 0.1
    assert share["IT"] > 2 * max(share["V1"], share["V4"])

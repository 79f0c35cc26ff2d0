"""Curvature of clips: known paths, pixels, shuffled frames, and what the table says of clips."""

import logging

import numpy as np
import pandas as pd
import pytest
from exact_gram import exact

from ventral.core.errors import Fault
from ventral.geometry import measure
from ventral.geometry.cross_validated import cross_validated_grams
from ventral.geometry.curvature_without_noise import curvature_rows_cv, pooled_curvature
from ventral.geometry.straightening import curvature, motions_of, pixel_curvature
from ventral.geometry.trial_halves import response_halves
from ventral.gram import gram
from ventral.metrics import Role
from ventral.stimuli import open_images, read_table, write_stimuli
from ventral.stimuli.write_set import make

N, T = 12, 6
CLIP, FRAME = np.repeat([f"clip{i:02d}" for i in range(N)], T), np.tile(np.arange(T), N)


def clip_table(parameter="time", clips=CLIP, frames=FRAME):
    """The table of a set of clips."""
    ids = [f"{clip}_{frame}" for clip, frame in zip(clips, frames, strict=True)]
    columns = {"stimulus_id": ids, "scene": clips, "parameter": parameter, "level": frames, "label": ""}
    return pd.DataFrame(columns)


def arc(turn, frames=T, clips=N):
    """Clips around circles of different sizes and places, turning by so many degrees at each frame."""
    rng = np.random.default_rng(0)
    angles = np.radians(turn) * np.arange(frames) + rng.uniform(0, 6, (clips, 1))
    circle = np.stack([np.cos(angles), np.sin(angles)], axis=2) * rng.uniform(1, 2, (clips, 1, 1))
    planes = np.linalg.qr(rng.standard_normal((clips, 40, 2)))[0]
    return (circle @ planes.transpose(0, 2, 1) + rng.standard_normal((clips, 1, 40))).reshape(clips * frames, 40)


def path(step, d=4000):
    """Clips of cumulated (random walk) or independent (noise) responses in many dimensions."""
    X = np.random.default_rng(1).standard_normal((N, T, d))
    return step(X).reshape(N * T, d)


@pytest.mark.parametrize(
    ("X", "expected", "within"),
    [
        (np.tile(np.arange(float(T))[:, None], (N, 3)), 0, 1e-4),
        (arc(360 / T), 360 / T, 1e-6),
        (arc(72), 72, 1e-6),
        (path(lambda X: np.cumsum(X, axis=1)), 90, 1),
        (path(lambda X: X), 120, 1),
        (np.tile(np.tile([[0.0], [1.0]], (T // 2, 1)), (N, 3)), 180, 1e-4),
    ],
    ids=["line", "circle", "arc", "random walk", "noise", "to and fro"],
)
def test_known_paths(X, expected, within):
    rng = np.random.default_rng(2)
    order = rng.permutation(len(X))  # of images in the table
    np.testing.assert_allclose(curvature(exact(X[order]), CLIP[order], FRAME[order]), expected, atol=within)


def test_clips_without_change_have_no_curvature_and_rounding_is_no_change(caplog):
    X = arc(30)
    X[:T] = X[0]
    curved = curvature(gram(np.float32(X), device="cpu"), CLIP, FRAME)
    assert np.isnan(curved[0]) and np.isfinite(curved[1:]).all()
    wide = np.random.default_rng(3).standard_normal((N * T, 500)).astype(np.float32)
    wide[:T] = wide[0] * (1 + 1e-7 * np.arange(T)[:, None])
    assert np.isnan(curvature(gram(wide, device="cpu"), CLIP, FRAME)[0])
    with caplog.at_level(logging.WARNING):
        rows, _ = measure(exact(X), clip_table(), [0.9])
    row = rows[rows.metric == "curvature"].iloc[0]
    assert row.n == N - 1 and row.value == pytest.approx(30) and "1 of 12 clips" in caplog.text


def test_rows_have_intervals_over_clips_and_a_control():
    rng = np.random.default_rng(4)
    X = np.concatenate([arc(turn, clips=1) for turn in rng.uniform(20, 60, N)])
    curved = curvature(exact(X), CLIP, FRAME)
    table = clip_table("camera_pans").assign(pixel_curvature=np.repeat(curved + 10 + rng.standard_normal(N), T))
    rows = measure(exact(X), table, [0.9])[0].query("parameter == 'camera_pans'").set_index("metric")
    assert (
        rows.value["curvature"] == pytest.approx(curved.mean()) and (rows.n[["curvature", "straightening"]] == N).all()
    )
    half = 2.201 * curved.std(ddof=1) / np.sqrt(N)  # Student's t with 11 degrees of freedom
    assert rows.high["curvature"] - rows.value["curvature"] == pytest.approx(half, rel=1e-3)
    assert rows.value["straightening"] == pytest.approx(10, abs=1) and rows.high["straightening"] < 11.5
    control = rows.loc["curvature_shuffled"]
    assert 80 < control.low < control.value < control.high < 150
    again = measure(exact(X), table, [0.9])[0].set_index("metric").value["curvature_shuffled"]
    assert again == control.value and "invariance" in rows.index


def test_pixels_do_not_straighten_themselves(tmp_path):
    images = np.random.default_rng(5).integers(0, 256, (N * T, 8, 8, 3), dtype=np.uint8)
    still = pd.DataFrame({"stimulus_id": ["x"], "scene": ["x"], "parameter": [""], "level": [-1], "label": [""]})
    table = pd.concat([clip_table(), still], ignore_index=True)
    write_stimuli(tmp_path / "set.h5", [*images, images[0]], table, "movies", "Twelve clips.")
    of_pixels = pixel_curvature(tmp_path / "set.h5")
    assert np.isnan(of_pixels[-1]) and np.isfinite(of_pixels[:-1]).all()
    np.testing.assert_allclose(
        of_pixels[:-1:T], curvature(exact(images.reshape(len(images), -1).astype(float)), CLIP, FRAME), atol=1e-6
    )
    G = exact(images.reshape(len(images), -1) / 255.0)
    rows, _ = measure(G, clip_table().assign(pixel_curvature=of_pixels[:-1]), [0.9])
    assert rows.value[rows.metric == "straightening"].item() == pytest.approx(0, abs=1e-6)


def test_real_clips_are_far_smoother_than_their_frames_in_random_order(real_clips, tmp_path):
    spec = {"kind": "movies", "folder": str(real_clips), "frames": 5, "clips": 10, "size": 32}
    make("clips", spec, tmp_path / "clips.h5", tmp_path / "clips.png")
    table, of_pixels = read_table(tmp_path / "clips.h5"), pixel_curvature(tmp_path / "clips.h5")
    with open_images(tmp_path / "clips.h5") as images:
        G = exact(images[:].reshape(len(table), -1).astype(float))
    rows = measure(G, table.assign(pixel_curvature=of_pixels), [0.9])[0].set_index("metric")
    assert rows.high["curvature"] < 100 < rows.low["curvature_shuffled"]
    assert rows.value["straightening"] == pytest.approx(0, abs=1e-6) and rows.n["curvature"] == 10


def test_clips_are_parameters_of_motion_with_three_frames():
    assert [*motions_of(pd.concat([clip_table("time"), clip_table("pose")]))] == ["time"]
    assert motions_of(clip_table("object_turns", np.repeat(["a", "b"], 2), np.tile([0, 1], 2))) == {}
    rows, _ = measure(exact(arc(40)), clip_table("pose"), [0.9])
    assert "curvature" not in {*rows.metric}
    with pytest.raises(Fault, match="the same number of levels"):
        curvature(exact(arc(40)[:-1]), CLIP[:-1], FRAME[:-1])


def test_relations_use_curvature_and_neither_straightening_nor_the_control():
    from ventral.catalog import METRICS

    assert METRICS["curvature"].related and not METRICS["straightening"].related
    assert METRICS["curvature_shuffled"].role is Role.CONTROL


@pytest.mark.parametrize(("X", "expected"), [(np.tile(np.arange(float(T))[:, None], (N, 40)), 0), (arc(60), 60)])
def test_noise_of_trials_does_not_bend_the_paths_of_an_area(X, expected):
    """The length of steps varies between the clips of arcs."""
    rng = np.random.default_rng(3)
    X = X / np.linalg.norm(np.diff(X, axis=0)[0])
    trials = X.T[:, :, None] + 0.3 * rng.standard_normal((40, len(X), 12))
    grams = cross_validated_grams(response_halves(trials, rng))
    (row,) = curvature_rows_cv(grams, clip_table())
    assert (row["metric"], row["parameter"], row["n"]) == ("curvature_crossed", "time", N)
    assert row["value"] == pytest.approx(expected, abs=6) and row["low"] <= expected <= row["high"]
    assert curvature(exact(trials.mean(axis=2).T), CLIP, FRAME).mean() > expected + 15


def test_curvature_without_noise_has_no_interval_of_no_width():
    steps = np.array([[[1.0, c], [c, 1.0]] for c in (1.2, 1.21, 1.2, 1.19)])
    products = np.pad(np.cumsum(np.cumsum(steps, axis=1), axis=2), ((0, 0), (1, 0), (1, 0)))
    row = pooled_curvature(products)
    assert row["value"] == 0 and np.isnan([row["low"], row["high"]]).all()


def test_an_area_that_records_noise_alone_has_no_curvature_without_it():
    rng = np.random.default_rng(4)
    grams = cross_validated_grams(response_halves(np.zeros((5, N * T, 4)), rng))
    assert np.isnan(curvature_rows_cv(grams, clip_table())[0]["value"])
    for seed in range(5):
        rng = np.random.default_rng(seed)
        noise = cross_validated_grams(response_halves(rng.standard_normal((40, N * T, 8)), rng))
        (row,) = curvature_rows_cv(noise, clip_table())
        assert np.isnan([row["value"], row["low"], row["high"]]).all()
    few = clip_table(clips=CLIP[: 3 * T], frames=FRAME[: 3 * T])
    assert curvature_rows_cv([gram.subset(np.arange(3 * T)) for gram in grams], few) == []

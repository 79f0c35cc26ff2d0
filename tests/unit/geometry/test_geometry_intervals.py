"""Intervals of geometry: they hold the truth, and resampled values are those of the resampled responses."""

import itertools

import numpy as np
import pandas as pd
import pytest
from exact_gram import exact
from factorized_responses import chosen, responses
from scipy import stats

from ventral.geometry import effective_dimensionality, factorization_family
from ventral.geometry import subspaces as subspaces_module
from ventral.geometry.covariances import corrected_terms, factorization_of, plain_terms, trace_of_square
from ventral.geometry.decomposition import decompose
from ventral.geometry.factorization_intervals import corrected_row, left_out_scenes, row, share_row
from ventral.geometry.left_out_draws import draws_of, with_levels
from ventral.geometry.scene_factorization import CORRECTED, on_subspaces
from ventral.statistics.intervals import jackknife_interval, scene_weights, within


@pytest.mark.slow
def test_the_interval_is_as_wide_as_samples_differ():
    rng = np.random.default_rng(9)
    values, widths = [], []
    for _ in range(60):
        X, scenes = responses(rng, range(6), range(4, 10), scenes=30, levels=4, units=12)
        family = factorization_family(exact(X), scenes, np.repeat("pose", len(X)))
        for metric, threshold in (("invariance", None), ("corrected_covariance_factorization", None)):
            row = chosen(family, metric, "pose", "scene", threshold)
            values.append(row.value)
            widths.append(row.high - row.low)
    spread = np.std(np.reshape(values, (-1, 2)), axis=0)
    assert np.median(np.reshape(widths, (-1, 2)), axis=0) == pytest.approx(2 * 2.05 * spread, rel=0.35)


def test_weighted_products_are_sums_over_distinct_scenes():
    rng = np.random.default_rng(10)
    X, scenes = responses(rng, range(3), range(2, 5), scenes=5, levels=3, units=6)
    D, w = decompose(exact(X).centered, scenes), rng.uniform(0.4, 1.6, 5)
    A = X.reshape(5, 3, 6)
    m, c = A.mean(axis=1), A - A.mean(axis=1, keepdims=True)
    S = np.einsum("kla,klb->kab", c, c) / 2

    def mean(order, kernel):
        tuples = list(itertools.permutations(range(5), order))
        weights = [np.prod(w[list(t)]) for t in tuples]
        return np.average([kernel(*t) for t in tuples], weights=weights)

    b = mean(2, lambda i, j: np.sum(S[i] * S[j]))
    a = mean(3, lambda i, j, k: (m[i] - m[j]) @ S[k] @ (m[i] - m[j]) / 2) - b / 3
    square = mean(
        4, lambda i, j, k, q: (m[i] @ m[j]) ** 2 - 2 * (m[i] @ m[j]) * (m[i] @ m[k]) + m[i] @ m[j] * m[k] @ m[q]
    )
    found = corrected_terms(D, w[None])
    np.testing.assert_allclose(np.ravel(found), [a, b, square - 2 * a / 3 - b / 9], rtol=1e-9)
    np.testing.assert_allclose(trace_of_square(m @ m.T, w[None]), square, rtol=1e-9)

    other = (m - w @ m / w.sum()).T @ np.diag(w) @ (m - w @ m / w.sum())
    own = np.einsum("k,kab->ab", w, S) * 2
    expected = [np.sum(own * other), np.sum(own**2), np.sum(other**2)]
    np.testing.assert_allclose(np.ravel(plain_terms(D, w[None])), expected, rtol=1e-9)


def test_resampled_subspaces_are_those_of_weighted_responses(monkeypatch):
    monkeypatch.setattr(subspaces_module, "REACH", 100)
    rng = np.random.default_rng(11)
    X, scenes = responses(rng, range(8), range(5, 12), scenes=15, levels=4, units=14)
    D, w = decompose(exact(X).centered, scenes), scene_weights(15, rng)[7]
    A = X.reshape(15, 4, 14)
    m, c = A.mean(axis=1), A - A.mean(axis=1, keepdims=True)
    centred = (m - w @ m / w.sum()) * np.sqrt(w)[:, None]
    _, singular, axes = np.linalg.svd(centred, full_matrices=False)
    reached = np.cumsum(singular**2) / np.sum(singular**2)
    k = np.searchsorted(reached, 0.8, side="right") + 1
    moved = c * np.sqrt(w)[:, None, None]
    expected = 1 - np.sum((moved @ axes[:k].T) ** 2) / np.sum(moved**2)
    found = on_subspaces(D, [0.8], w[None])[0.8]
    assert np.ceil(found["n_components"]) == [k]
    assert found["factorization"][0] == pytest.approx(expected, abs=1e-10)


def heavy(rng, scenes, levels, of_scenes, of_parameter):
    """Responses whose parameter adds much to a few scenes and little to the others."""
    d = len(of_scenes)
    added = rng.standard_normal((scenes, levels, d)) * np.sqrt(of_parameter)
    X = rng.standard_normal((scenes, 1, d)) * np.sqrt(of_scenes) + added * np.abs(rng.standard_t(3, (scenes, 1, 1)))
    return X.reshape(-1, d)


@pytest.mark.parametrize(
    ("of_scenes", "of_parameter", "truth"),
    [
        ([1, 1, 0, 0, 0, 0], [0, 0, 1, 1, 0, 0], 1),
        ([1, 1, 1, 0, 0, 0], [0, 0, 1, 1, 1, 0], 2 / 3),
        ([1, 0.5, 0.3, 0, 0, 0], [1, 0.5, 0.3, 0, 0, 0], 0),
    ],
)
def test_intervals_of_corrected_factorization_hold_the_truth_of_few_scenes_with_heavy_tails(
    of_scenes, of_parameter, truth
):
    rng, scenes = np.random.default_rng(30), np.repeat(np.arange(14), 5)
    rows = []
    for _ in range(80):
        K = exact(heavy(rng, 14, 5, of_scenes, of_parameter)).centered
        weights = left_out_scenes(14)
        rows.append(corrected_row("", factorization_of(corrected_terms(decompose(K, scenes), weights))))
    rows = pd.DataFrame(rows).dropna()
    assert len(rows) > 50
    assert rows.low.between(0, 2).all() and rows.high.between(0, 2).all()
    assert np.mean((rows.low <= truth + 1e-9) & (truth - 1e-9 <= rows.high)) > 0.88  # .95 less three standard errors


def test_corrected_values_have_intervals_from_six_scenes_on():
    rng = np.random.default_rng(31)
    for scenes in (4, 5):
        X = np.concatenate([responses(rng, range(3), range(2, 5), scenes, 12, 5)[0] for _ in range(2)])
        keys = np.tile(np.repeat(np.arange(scenes), 12), 2), np.repeat(["pose", "light"], 12 * scenes)
        table = factorization_family(exact(X), *keys)
        corrected = table[table.metric == CORRECTED]
        assert len(corrected) == 4 and corrected[["low", "high"]].isna().all(axis=None)
    values = 0.5 + 0.01 * np.arange(7)
    assert np.isfinite(
        [corrected_row("", values)["low"], corrected_row("", values[: len(left_out_scenes(6))])["low"]]
    ).all()


@pytest.mark.parametrize(("scenes", "units"), [(2, 8), (3, 8), (8, 3)])
def test_few_scenes_have_no_false_intervals_and_no_more_components_than_axes(scenes, units):
    X = np.random.default_rng(5).standard_normal((4 * scenes, units))
    table = factorization_family(exact(X), np.repeat(np.arange(scenes), 4), np.full(4 * scenes, "pose"))
    shares = table[table.metric.isin(["invariance", "covariance_factorization"]) & (table.against == "scene")]
    assert len(shares) == 2 and (shares.high > shares.low).all() == (scenes > 2)
    assert shares[["low", "high"]].isna().all(axis=None) == (scenes == 2)
    components = chosen(table, "n_components", "pose", "scene", 0.9)
    assert 1 <= components.low <= components.value <= components.high <= min(scenes - 1, units)


def test_a_share_that_no_scene_changes_has_an_interval_only_at_an_end_of_its_range():
    assert np.isnan([share_row("", np.full(6, 0.4))[end] for end in ("low", "high")]).all()
    assert np.isnan(share_row("", np.full(6, 0.4), np.array([0.3, 0.5, 0.4]))["low"])
    assert share_row("", np.ones(6)) == {"metric": "", "value": 1, "low": 1, "high": 1}
    wide = 2 + np.random.default_rng(0).standard_normal(1001)
    assert row("n_components", wide, np.ones((1001, 5)), most=3)["high"] == 3


def test_an_interval_is_cut_to_what_is_possible_and_missing_beyond():
    low, high = within(np.array([-0.3, 0.2, 2.1, -0.2, np.nan]), np.array([0.4, 2.5, 2.4, -1e-12, 1]), 0, 2)
    np.testing.assert_allclose(low, [0, 0.2, np.nan, 0, np.nan])
    np.testing.assert_allclose(high, [0.4, 2, np.nan, 0, np.nan])


def test_a_mean_has_the_jackknife_interval_of_student():
    x = np.random.default_rng(32).standard_normal(12)
    left_out = (x.sum() - x) / 11
    half = stats.t.ppf(0.975, 11) * x.std(ddof=1) / np.sqrt(12)
    np.testing.assert_allclose(jackknife_interval(x.mean(), left_out), [x.mean() - half, x.mean() + half])
    one = np.zeros(12)
    one[3] = 1.0
    plain, heavy_tails = (jackknife_interval(0.0, one, tails)[1] for tails in (False, True))
    kurtosis = stats.kurtosis(one, fisher=False)
    assert heavy_tails / plain == pytest.approx(stats.t.ppf(0.975, 24 / (kurtosis - 1)) / stats.t.ppf(0.975, 11))


@pytest.mark.parametrize("spread", [np.array([1, 0.7, 0.5]), 1 / np.arange(1, 40)])
def test_intervals_of_corrected_dimensionality_hold_the_truth_with_heavy_tails(spread):
    rng, truth = np.random.default_rng(33), spread.sum() ** 2 / np.sum(spread**2)
    hits = []
    for _ in range(100):
        X = rng.standard_normal((30, len(spread))) * np.sqrt(spread) * rng.lognormal(0, 1, (30, 1))
        found = effective_dimensionality(exact(X))
        hits.append(found.corrected_low <= truth <= found.corrected_high)
        assert found.corrected_low >= 1
    assert np.mean(hits) > 0.88


def shared_draws(rng, scenes, levels, of_draws):
    """Responses in which all scenes move along the same axes by the same draws, times `of_draws`, and by their own."""
    means, own = rng.standard_normal((scenes, 1, 6)), 0.3 * rng.standard_normal((scenes, levels, 6))
    X = means + of_draws * rng.standard_normal((1, levels, 6)) * np.array([1, 0.5, 0, 0, 0, 0]) + own
    return X.reshape(-1, 6), np.repeat(np.arange(scenes), levels), np.tile(np.arange(levels), scenes)


def test_a_parameter_without_some_levels_is_that_of_the_other_images():
    X, scenes, draws = shared_draws(np.random.default_rng(34), 7, 5, 1)
    kept = np.array([0, 2, 3])
    rows = np.isin(draws, kept)
    found = with_levels(decompose(exact(X).centered, scenes), kept)
    expected = decompose(exact(X[rows]).centered, scenes[rows])
    for name in ("mean_mean", "residual_mean", "residual_residual"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=1e-12)


def test_intervals_hold_other_draws_if_all_scenes_share_them():
    found = []
    for seed in range(24):
        X, scenes, draws = shared_draws(np.random.default_rng([35, seed]), 12, 6, 1)
        for shown in (draws, None):
            family = factorization_family(exact(X), scenes, np.repeat("augmentation", len(X)), draws=shown)
            found.append(chosen(family, "invariance", "augmentation", "scene")[["value", "low", "high"]])
    value, low, high = np.reshape(np.array(found, dtype=float), (24, 2, 3)).T
    held = np.mean((low <= value.mean()) & (value.mean() <= high), axis=1)
    assert held[0] > 0.85 and held[1] < 0.8
    np.testing.assert_allclose(value[0], value[1], rtol=1e-12)


def test_draws_are_those_of_augmentation_sets_that_every_scene_shows():
    table = pd.DataFrame({"scene": np.repeat(["a", "b"], 9), "level": np.tile([4, 2, 9], 6)})
    table["parameter"] = np.tile(np.repeat(["spatial", "pose", "photometric"], 3), 2)
    np.testing.assert_array_equal(draws_of(table)[:6], [1, 0, 2, -1, -1, -1])
    missing = table.drop(index=1)
    assert (draws_of(missing)[missing.parameter == "spatial"] == -1).all()
    assert (draws_of(missing)[missing.parameter == "photometric"] >= 0).all()

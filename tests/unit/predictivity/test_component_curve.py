"""The curve over components ends at the whitened layer, which ridge regression of any penalty predicts alike."""

import numpy as np
import pandas as pd
import pytest
from exact_gram import exact
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

from ventral.predictivity.component_curve import component_rows
from ventral.predictivity.encoding import COUNTS, encodings
from ventral.regression.folds import fold_of
from ventral.regression.pcr import fit_each, fit_pcr
from ventral.statistics.bootstrap import draws
from ventral.statistics.correlation import pearson

N, TRAIN, TEST = 80, np.arange(60), np.arange(60, 80)


def data(rng, features=150, units=7):
    """A layer with a spectrum, and units that follow its fourth and fifth components."""
    X = rng.standard_normal((N, features)) / np.arange(1, features + 1)
    return X, X[:, 3:5] @ rng.standard_normal((2, units)) + 0.1 * rng.standard_normal((N, units))


@pytest.mark.parametrize("features", [20, 150])
def test_each_number_of_components_predicts_as_least_squares_on_them(features):
    X, Y = data(np.random.default_rng(0), features)
    fold, counts = fold_of(exact(X), TRAIN, TEST), (1, 4, 5, 19, 500)
    for count, predictions in zip(counts, fit_each(fold, Y[TRAIN], counts), strict=True):
        np.testing.assert_allclose(predictions, fit_pcr(fold, Y[TRAIN], count), atol=1e-10)


@pytest.mark.parametrize("features", [20, 150])
@pytest.mark.parametrize("penalty", [1e-3, 10])
def test_ridge_regression_of_the_whitened_layer_has_the_correlation_of_all_components(features, penalty):
    X, Y = data(np.random.default_rng(1), features)
    [block] = encodings(exact(X), Y, (TRAIN, TEST), np.arange(N)[::-1])
    whitened = make_pipeline(PCA(min(features, len(TRAIN) - 1), whiten=True), Ridge(alpha=penalty))
    expected = pearson(whitened.fit(X[TRAIN], Y[TRAIN]).predict(X[TEST]), Y[TEST])
    assert block.by_components.shape == (len(COUNTS) + 1, 7)
    np.testing.assert_allclose(block.by_components[-1], expected, atol=1e-8)


def test_units_of_the_fifth_component_need_five_of_them():
    X, Y = data(np.random.default_rng(2))
    [block] = encodings(exact(X), Y, (TRAIN, TEST), np.arange(N)[::-1])
    curve = dict(zip(COUNTS, np.median(block.by_components, axis=1), strict=False))
    assert curve[2] < 0.5 and curve[5] > 0.8


def test_rows_end_where_the_components_do_and_leave_out_units_without_a_score():
    r = np.random.default_rng(3).random((len(COUNTS) + 1, 4, 6))
    r[:, 2, 5] = np.nan
    rows = pd.DataFrame(component_rows("V4", r, 59, lambda n: draws(np.random.default_rng(0), n)))
    assert [*rows.parameter] == ["1 component", *(f"{count} components" for count in (2, 5, 10, 20, 50)), ""]
    assert (rows.n == 5).all() and (rows.low <= rows.value).all() and (rows.value <= rows.high).all()
    np.testing.assert_allclose(rows.value.iloc[-1], np.median(r[-1, :, :5], axis=1).mean())

"""Partial least squares and regression on components: agreement with scikit-learn on explicit features."""

import h5py
import numpy as np
import pytest
from exact_gram import exact
from sklearn.cross_decomposition import PLSRegression
from sklearn.decomposition import PCA
from sklearn.linear_model import LinearRegression, RidgeCV
from sklearn.pipeline import make_pipeline

from ventral.gram import gram
from ventral.models import extract, load_model
from ventral.models.baselines import gabor_energy
from ventral.predictivity import kfold_splits, pcr, pls, ridge
from ventral.recordings.kinds import recording_entry
from ventral.regression.folds import folds

METHODS = {
    "ridge": ridge,
    "pls": pls,
    "pcr": lambda *fitted: pcr(*fitted, n_components=20),
    "ols": lambda *fitted: pcr(*fitted, n_components=1000),
}


def study(n=120, d=400, units=30, noise=1.0, seed=0):
    """Features with a decaying spectrum and a mean, and units that read some of their axes."""
    rng = np.random.default_rng(seed)
    latent = rng.standard_normal((n, 60)) * np.arange(1, 61) ** -0.7
    X = 3 + latent @ rng.standard_normal((60, d)) + 0.3 * rng.standard_normal((n, d))
    return X, 5 + latent @ rng.standard_normal((60, units)) + noise * rng.standard_normal((n, units))


def expect_scikit_learn_pls(found, X, Y, splits, n_components=25):
    """Predictions correlate at .9999 or more in every unit, and the median score is the same to 1e-3."""
    for split, (train, test) in enumerate(splits):
        expected = PLSRegression(n_components, scale=False).fit(X[train], Y[train]).predict(X[test])
        r = [np.corrcoef(*pair)[0, 1] for pair in zip(found.predictions[split].T, expected.T, strict=True)]
        score = [np.corrcoef(*pair)[0, 1] for pair in zip(expected.T, Y[test].T, strict=True)]
        assert min(r) >= 0.9999
        assert abs(np.median(found.scores[split]) - np.median(score)) < 1e-3


@pytest.mark.parametrize("noise", [0.01, 1, 5])
@pytest.mark.parametrize(("n", "d", "units"), [(120, 400, 30), (200, 40, 6), (60, 3000, 100), (90, 200, 1)])
def test_pls_predicts_what_scikit_learn_predicts(n, d, units, noise):
    X, Y = study(n, d, units, noise)
    splits = kfold_splits(np.arange(n), folds=3)
    expect_scikit_learn_pls(pls(exact(X), Y, splits), X, Y, splits)


def test_few_components_of_pls_are_the_first_of_many():
    X, Y = study()
    splits = kfold_splits(np.arange(len(X)), folds=3)
    for n_components in (1, 2, 7):
        found = pls(exact(X), Y, splits, n_components)
        expected = [
            PLSRegression(n_components, scale=False).fit(X[a], Y[a]).predict(X[b]) for a, b in splits
        ]  # fmt: skip
        for predicted, other in zip(found.predictions, expected, strict=True):
            np.testing.assert_allclose(predicted, other, atol=1e-6)


def test_pls_stops_where_nothing_is_left_to_explain():
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 3)) @ rng.standard_normal((3, 50))
    Y = X @ rng.standard_normal((50, 4))
    splits = kfold_splits(np.arange(40), folds=4)
    for (_, test), predicted in zip(splits, pls(exact(X), Y, splits).predictions, strict=True):
        np.testing.assert_allclose(predicted, Y[test], atol=1e-6)
    for constant, responses in ((np.ones((40, 5)), Y), (X, np.ones((40, 4)))):
        found = pls(exact(constant), responses, splits)
        assert np.isnan(found.scores).all() and np.ptp(found.predictions[0], axis=0).max() < 1e-9


@pytest.mark.parametrize(("d", "wanted"), [(400, 1), (400, 20), (400, 1000), (50, 30), (50, 1000)])
def test_pcr_is_least_squares_on_principal_components(d, wanted):
    X, Y = study(d=d)
    splits = kfold_splits(np.arange(len(X)))
    found = pcr(exact(X), Y, splits, wanted)
    for (train, test), predicted in zip(splits, found.predictions, strict=True):
        available = min(wanted, len(train) - 1, d)
        expected = make_pipeline(PCA(available, svd_solver="full"), LinearRegression()).fit(X[train], Y[train])
        np.testing.assert_allclose(predicted, expected.predict(X[test]), atol=1e-6)


def test_components_that_are_rounding_are_left_out():
    rng = np.random.default_rng(0)
    X = (rng.standard_normal((80, 10)) @ rng.standard_normal((10, 5000))).astype(np.float32)
    Y = X[:, :6] + rng.standard_normal((80, 6))
    splits = kfold_splits(np.arange(80))
    found, ten = (pcr(gram(X, device="cpu"), Y, splits, k) for k in (1000, 10))
    for predicted, expected in zip(found.predictions, ten.predictions, strict=True):
        np.testing.assert_allclose(predicted, expected, rtol=1e-12)


@pytest.mark.parametrize("fit", METHODS.values(), ids=METHODS)
def test_responses_to_held_out_images_do_not_reach_the_fit(fit):
    X, Y = study()
    splits = kfold_splits(np.arange(len(X)))
    for split in splits:
        changed = Y.copy()
        changed[split[1]] = 1e6 * np.random.default_rng(1).standard_normal(changed[split[1]].shape)
        before, after = (fit(exact(X), responses, [split]).predictions[0] for responses in (Y, changed))
        np.testing.assert_array_equal(before, after)


@pytest.mark.parametrize("fit", METHODS.values(), ids=METHODS)
def test_training_images_are_centred_on_their_own_mean(fit):
    """Held-out images of an other mean change no prediction of the others, so no mean is taken over both."""
    X, Y = study()
    train, test = np.arange(90), np.arange(90, 120)
    far = np.where(np.arange(120)[:, None] < 105, X, X + 50)
    before, after = (fit(exact(features), Y, [(train, test)]).predictions[0] for features in (X, far))
    np.testing.assert_allclose(before[:15], after[:15], atol=1e-6)


def test_what_cannot_be_fitted_is_refused():
    X, Y = study()
    splits = kfold_splits(np.arange(len(X)))
    for fit in METHODS.values():
        with pytest.raises(ValueError, match="one row for each of the 120 images"):
            fit(exact(X), Y[:-1], splits)
        with pytest.raises(ValueError, match="1 responses are not finite"):
            fit(exact(X), np.where(np.arange(Y.size).reshape(Y.shape) == 3, np.inf, Y), splits)
        with pytest.raises(ValueError, match="shares 1 with its test rows"):
            fit(exact(X), Y, [(np.arange(50), np.arange(49, 90))])
    for fit in (pls, pcr):
        with pytest.raises(ValueError, match="not 0"):
            fit(exact(X), Y, splits, 0)


def test_an_eigendecomposition_is_taken_once_per_split(monkeypatch):
    X, Y = study()
    splits = kfold_splits(np.arange(len(X)))
    taken, decompose = [], np.linalg.eigh
    monkeypatch.setattr(np.linalg, "eigh", lambda K: taken.append(len(K)) or decompose(K))
    for fold in folds(exact(X), Y, splits):
        assert fold.eigen is fold.eigen
    assert taken == [len(train) for train, _ in splits]


def energies(images, tmp_path):
    bank = gabor_energy()
    return np.concatenate([bank(images[start : start + 64])["energy"] for start in range(0, len(images), 64)])


def random_resnet(images, tmp_path):
    model = load_model({"source": "torchvision", "architecture": "resnet18"})
    extract(model, images, ["layer4.1"], tmp_path / "responses.h5")
    with h5py.File(tmp_path / "responses.h5") as file:
        return file["layer4.1"][:]


@pytest.mark.parametrize("features", [energies, random_resnet])
@pytest.mark.parametrize("session", [210325, 201025])
@pytest.mark.usefixtures("macaque_v4")
def test_pls_and_ridge_are_scikit_learn_s_on_macaque_v4(session, features, tmp_path):
    spec, chosen = {"kind": "macaque_v4", "session": session}, slice(0, None, 3)
    X = features(np.stack(list(recording_entry(spec).images("macaque")[0]))[chosen], tmp_path).astype(np.float64)
    Y = recording_entry(spec).record("macaque", "unused.h5").responses.T[chosen]
    splits = kfold_splits(np.arange(len(X)))[:2]
    G = gram(X.astype(np.float32), device="cpu")  # the products of the workflow
    expect_scikit_learn_pls(pls(G, Y, splits), X, Y, splits)

    alphas = np.trace(G.centered) / len(X) * np.logspace(-4, 4, 17)
    found = ridge(exact(X), Y, splits, alphas)
    for split, (train, test) in enumerate(splits):
        expected = RidgeCV(alphas, alpha_per_target=True).fit(X[train], Y[train])
        np.testing.assert_allclose(found.alphas[split], expected.alpha_)
        np.testing.assert_allclose(found.predictions[split], expected.predict(X[test]), atol=1e-6)

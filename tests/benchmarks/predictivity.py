"""Speed and memory of encoding models on one layer, Gram included, against scikit-learn and himalaya.

    python tests/benchmarks/predictivity.py [images [features]]

himalaya is no dependency; it is compared where it can be imported, such as from a folder of its own::

    pip install --target PEERS --no-deps himalaya
    PYTHONPATH=PEERS python tests/benchmarks/predictivity.py

2,000 images × 100,352 features in float32, 168 units, ten shuffles with 90 % of the images in training. Partial least
squares with 25 components against `PLSRegression(25, scale=False)`; ridge with one of 31 penalties per unit against
`RidgeCV(alpha_per_target=True)` (leave-one-out too) and himalaya's `KernelRidgeCV` (five inner folds), on the features
and, because that is how a careful user would run it, on one kernel for all splits. Ventral, and himalaya with its
kernel, make all ten splits; of the others one split is timed and taken ten times, since none of their splits shares
work with another. Responses are a linear read-out of the features with noise; features are Gaussian with variances
1/rank.

Every run is a process of its own; memory is its peak beyond the features, which all sides get as float32.
"""

import importlib.util
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from memory import megabytes

IMAGES, FEATURES, UNITS, COMPONENTS = 2_000, 100_352, 168, 25
PENALTIES = np.logspace(-5, 5, 31)  # in mean eigenvalues of the training Gram, here the sum of the variances
SPLITS = 10


def main(size: list[str]) -> None:
    print("| | seconds | of these the Gram | MB beyond the features | median r |\n|---|---|---|---|---|")
    found = {}
    for name in SIDES:
        if name.startswith("himalaya") and not importlib.util.find_spec("himalaya"):
            continue
        out = subprocess.run([sys.executable, __file__, name, *size], check=True, capture_output=True, text=True)
        found[name] = one = json.loads(out.stdout)
        gram = f"{one['gram']:.1f}" if one["gram"] else ""
        print(f"| {name} | {one['s']:.1f} | {gram} | {one['MB']:,.0f} | {one['r']:.4f} |", flush=True)
    print()
    for name, one in found.items():
        if not name.startswith("Ventral"):
            side = side_of(name)
            ours = found[side]
            print(
                f"{side}: {one['s'] / ours['s']:.1f} times as fast as {name}, "
                f"with {100 * ours['MB'] / one['MB']:.0f} % of its memory."
            )


def side_of(name: str) -> str:
    """Ventral's side that does the same."""
    return next(side for side in SIDES if side.startswith("Ventral") and side.removeprefix("Ventral, ") in name)


def study(n: int, d: int) -> tuple[np.ndarray, np.ndarray, list, np.ndarray]:
    """Features, responses, splits, and penalties in units of the Gram."""
    from ventral.predictivity import brainscore_splits

    rng, spread = np.random.default_rng(0), np.sqrt(1 / np.arange(1, d + 1, dtype=np.float32))
    X = rng.standard_normal((n, d), np.float32)
    X *= spread
    Y = X @ rng.standard_normal((d, UNITS), np.float32)
    Y += Y.std() * rng.standard_normal(Y.shape, np.float32)
    return X, Y.astype(np.float64), brainscore_splits(np.arange(n), splits=SPLITS), PENALTIES * float(spread @ spread)


def ours(method: str, n: int, d: int):
    from ventral.gram import gram
    from ventral.predictivity import pls, ridge

    X, Y, splits, penalties = study(n, d)
    yield
    G = gram(X, device="cpu")
    yield
    found = pls(G, Y, splits, COMPONENTS) if method == "pls" else ridge(G, Y, splits, penalties)
    yield np.median(found.scores[0])


def one_split(make, n: int, d: int):
    """One split of an estimator on the features."""
    from ventral.statistics.correlation import pearson

    X, Y, splits, penalties = study(n, d)
    train, test = splits[0]
    model, Y = make(penalties, Y)
    yield
    P = model.fit(X[train], Y[train]).predict(X[test])
    yield np.median(pearson(np.asarray(P, dtype=float), np.asarray(Y[test], dtype=float)))


def sklearn_pls(penalties, Y):
    from sklearn.cross_decomposition import PLSRegression

    return PLSRegression(COMPONENTS, scale=False), Y


def sklearn_ridge(penalties, Y):
    from sklearn.linear_model import RidgeCV

    return RidgeCV(penalties, alpha_per_target=True), Y


def himalaya_ridge(penalties, Y, kernel="linear"):
    from himalaya.kernel_ridge import KernelRidgeCV

    return KernelRidgeCV(penalties, kernel, fit_intercept=True, cv=5, warn=False), Y.astype(np.float32)


def himalaya_with_its_kernel(n: int, d: int):
    """All splits on one kernel of the features."""
    from ventral.statistics.correlation import pearson

    X, Y, splits, penalties = study(n, d)
    model, Y = himalaya_ridge(penalties, Y, "precomputed")
    yield
    K = X @ X.T
    yield
    fitted = (model.fit(K[np.ix_(train, train)], Y[train]) for train, _ in splits)
    predicted = [one.predict(K[np.ix_(test, train)]) for one, (train, test) in zip(fitted, splits, strict=True)]
    yield np.median(pearson(np.asarray(predicted[0], dtype=float), Y[splits[0][1]].astype(float)))


SIDES = {
    "Ventral, partial least squares": lambda *size: ours("pls", *size),
    "Ventral, ridge": lambda *size: ours("ridge", *size),
    "scikit-learn, ridge, one split × 10": lambda *size: one_split(sklearn_ridge, *size),
    "himalaya, ridge, one split × 10": lambda *size: one_split(himalaya_ridge, *size),
    "himalaya, ridge, one kernel": himalaya_with_its_kernel,
    "scikit-learn, partial least squares, one split × 10": lambda *size: one_split(sklearn_pls, *size),
}


def one(name: str, size: list[str]) -> None:
    """Run one side: data up to the first stop, the Gram, where there is one, up to the second, fits up to the last."""
    n, d = [*map(int, size), *(IMAGES, FEATURES)[len(size) :]]
    steps = SIDES[name](n, d)
    next(steps)
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    before = megabytes("VmRSS")
    stops, given = [time.perf_counter()], []
    for step in steps:
        stops.append(time.perf_counter())
        given.append(step)
    alone = "one split" in name
    seconds = (stops[-1] - stops[0]) * (SPLITS if alone else 1)
    gram = 0 if alone else stops[1] - stops[0]
    print(json.dumps({"s": seconds, "gram": gram, "MB": megabytes("VmHWM") - before, "r": float(given[-1])}))


if __name__ == "__main__":
    if sys.argv[1:] and sys.argv[1] in SIDES:
        one(sys.argv[1], sys.argv[2:])
    else:
        main(sys.argv[1:])

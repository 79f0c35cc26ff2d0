"""Does theory predict the error of ridge regression, and do intervals over units hold the truth?

    python tests/benchmarks/learning_curves.py [trials]

Errors: Gaussian features whose variances fall as rank^−decay, 40 units that are linear in them, with noise. A cell
holds the predicted and the measured error at each share of the images that is used for training, means of 20 draws of
features and units.

Coverage: 200 images × 1,000 features, decay 1, noise .5. Every trial draws other units for the same layer; the truth is
the mean over 20,000 units. A cell holds the truth, the mean value and the coverage of the 95 % intervals.

Shares of a parameter: the same layer, in which the parameter is the mean of two of the features that lead the spectrum
(axes 2 and 3), and units with random weights, or ten times as large ones on these two features.

Cost: processor seconds of all rows of 400 units, and of the Gram of 25,088 features on which they are computed.
"""

import sys
import time

import numpy as np
import pandas as pd

from ventral.gram import gram
from ventral.predictivity.learning_curves import learning_curve_rows, spectral_rows
from ventral.predictivity.parameter_shares import parameter_share_rows
from ventral.predictivity.sampled_fits import SHARES, sample
from ventral.predictivity.spectral_theory import Modes, modes
from ventral.stimuli.main_effects import MainEffect

TRIALS, DRAWS, UNITS = 300, 20, 40
CASES = ((400, 1000, 1, 0.0), (400, 1000, 1, 1.0), (400, 1000, 0, 0.5), (400, 100, 0.5, 0.5), (100, 1000, 1, 0.5))


def main(trials: int) -> None:
    print("| images | features | decay | noise |", *(f" {share:.0%} |" for share in SHARES), sep="")
    for n, d, decay, noise in CASES:
        curves = [curve(np.random.default_rng([n, d, seed]), n, d, decay, noise) for seed in range(DRAWS)]
        predicted, measured = np.mean(curves, axis=0)
        cells = (f" {a:.3f}, {b:.3f} |" for a, b in zip(predicted, measured, strict=True))
        print(f"| {n} | {d} | {decay} | {noise} |", *cells, sep="", flush=True)
    print("\n| units | metric | truth | mean | coverage |")
    for units in (10, 30, 100):
        coverage(units, trials)
    print("\n| units | weight | truth | mean | floor | coverage |")
    for units in (10, 30, 100):
        for weight in (1, 10):
            share_coverage(units, weight, trials // 3)
    for n in (400, 1200, 4000):
        cost(n)


def data(rng, n, d, decay, noise, units):
    X = rng.standard_normal((n, d)) * np.arange(1, d + 1) ** (-decay / 2)
    return X, responses(rng, X, noise, units)


def responses(rng, X, noise, units):
    Y = X @ rng.standard_normal((X.shape[1], units))
    return Y / Y.std(axis=0) + noise * rng.standard_normal(Y.shape)


def curve(rng, n, d, decay, noise):
    X, Y = data(rng, n, d, decay, noise, UNITS)
    rows = pd.DataFrame(learning_curve_rows(sample(gram(X, device="cpu"), Y, np.full(UNITS, "area"), rng), rng))
    return [rows.value[rows.metric == name] for name in ("predicted_error", "measured_error")]


def coverage(units, trials):
    rng = np.random.default_rng(0)
    X, Y = data(rng, 200, 1000, 1, 0.5, 20_000)
    G = gram(X, device="cpu")
    of_all = modes(G, Y)
    truth = {row["metric"]: row["value"] for row in spectral_rows(of_all, 160)}
    drawn = [Modes(of_all.eigenvalues, of_all.shares[:, rng.choice(20_000, units)]) for _ in range(trials)]
    rows = pd.DataFrame([row for one in drawn for row in spectral_rows(one, 160)])
    for metric, of_metric in rows.groupby("metric", sort=False):
        covered = (of_metric.low <= truth[metric]) & (truth[metric] <= of_metric.high)
        print(f"| {units} | {metric} | {truth[metric]:.4g} | {of_metric.value.mean():.4g} | {covered.mean():.1%} |")


def share_coverage(units, weight, trials):
    rng = np.random.default_rng(0)
    X = data(rng, 200, 1000, 1, 0.5, 1)[0]
    weights = np.where(np.isin(np.arange(1000), (1, 2)), weight, 1)
    Y = responses(rng, X * weights, 0.5, 2000)
    effects = {"turn": MainEffect(X[:, 1:3].mean(axis=1, keepdims=True), np.zeros(200, dtype=int))}

    def share(chosen):
        of = sample(G, Y[:, chosen], np.full(len(chosen), "area"), rng)
        return pd.DataFrame(parameter_share_rows(of, effects, np.random.default_rng(0))).iloc[:2]

    G = gram(X, device="cpu")
    truth = share(np.arange(2000)).value[0]
    found = [share(rng.choice(2000, units, replace=False)) for _ in range(trials)]
    value, floor = np.mean([rows.value for rows in found], axis=0)
    covered = np.mean([rows.low[0] <= truth <= rows.high[0] for rows in found])
    print(f"| {units} | {weight} | {truth:.3f} | {value:.3f} | {floor:.3f} | {covered:.1%} |", flush=True)


def cost(n):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, 25_088), dtype=np.float32)
    Y, start = rng.standard_normal((n, 400)), time.process_time()
    G = gram(X, device="cpu")
    of_gram = time.process_time() - start
    learning_curve_rows(sample(G, Y, np.full(400, "area"), rng), rng)
    seconds = time.process_time() - start - of_gram
    print(f"{n} images: {seconds:.2f} s, {seconds / of_gram:.0%} of the Gram ({of_gram:.2f} s)", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS)

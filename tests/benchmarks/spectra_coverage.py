"""Is the exponent of a power law recovered from noisy trials, and do its 95 % intervals hold the truth?

    python tests/benchmarks/spectra_coverage.py [trials]

Responses have as many axes as units, whose variances fall as rank^−α; each of two trials adds noise, independent
between units, of the variance of the signal divided by the signal-to-noise ratio. Every trial draws new images and
noise. A row holds the mean exponent of the means over trials (plug-in, same ranks), of the cross-validated spectrum,
and of the signal itself without noise; how often the interval holds the true α, and how often the mean over trials,
which says whether its width is right apart from bias.
"""

import sys

import numpy as np

from ventral.geometry.cross_validated_spectrum import (
    FIRST,
    cross_validated_spectrum,
    eigenvalues,
    exponent,
    means,
)

TRIALS = 100
CASES = tuple((400, 200, *case) for case in ((1.0, 1.0), (1.0, 4.0), (1.0, 0.25), (0.7, 1.0), (1.5, 1.0)))
CASES += ((400, 60, 1.0, 1.0), (400, 60, 1.0, 4.0))


def main(trials: int) -> None:
    print("| images | units | α | signal / noise | plug-in | crossed | signal alone | holds α | holds mean | width |")
    for case in CASES:
        found = np.array([one(np.random.default_rng([seed, case[1]]), *case) for seed in range(trials)])
        plain, value, signal, low, high = found.T
        covered, of_mean = (np.mean((low <= truth) & (truth <= high)) for truth in (case[2], np.nanmean(value)))
        numbers = f"{plain.mean():.2f} | {np.nanmean(value):.2f} | {signal.mean():.2f} | {covered:.0%} | {of_mean:.0%}"
        print("|", " | ".join(map(str, case)), "|", numbers, f"| {np.nanmean(high - low):.2f} |", flush=True)


def one(rng, images, units, alpha, ratio):
    axes = np.linalg.qr(rng.standard_normal((units, units)))[0]
    X = rng.standard_normal((images, units)) * np.arange(1, units + 1) ** (-alpha / 2) @ axes
    A, B = (X + X.std() / np.sqrt(ratio) * rng.standard_normal(X.shape) for _ in range(2))
    found = cross_validated_spectrum([(A, B)], rng)
    plain, signal = (plug_in(Y, found) for Y in ((A + B) / 2, X))
    return plain, found.alpha.value, signal, found.alpha.low, found.alpha.high


def plug_in(X, found):
    """The exponent of the plain spectrum at the ranks of another."""
    ranges = [(first, last) for first, last in found.ranges if first >= FIRST and last <= found.last]
    return exponent(means(eigenvalues([(X, X)])[None], ranges)[0], ranges)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS)

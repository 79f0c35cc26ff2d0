"""RSA here and in rsatoolbox, which is not installed with Ventral: equal values, and processor time.

pip install rsatoolbox
python tests/benchmarks/rsatoolbox_parity.py
"""

import time

import numpy as np
from rsatoolbox.inference import boot_noise_ceiling, eval_bootstrap_pattern
from rsatoolbox.model import ModelFixed
from rsatoolbox.rdm import RDMs, compare

from ventral.gram import gram
from ventral.predictivity.observers import noise_ceiling_of, observer_of
from ventral.predictivity.resampled_pairs import resampled_rsa
from ventral.predictivity.whitened_cosine import crossed_halves, whitened_cosine
from ventral.recordings.gaps import Block

OBSERVERS, RESAMPLES = 3, 10


def seconds(run) -> tuple[float, object]:
    """Processor time, and the result."""
    start = time.process_time()
    result = run()
    return time.process_time() - start, result


def observers(rng: np.random.Generator, n: int) -> None:
    """RSA, its noise ceiling and resampled images."""
    truth = rng.random(n * (n - 1) // 2)
    distances = truth + 0.3 * rng.normal(size=(OBSERVERS, len(truth)))
    ours = [observer_of(str(i), values, "observers") for i, values in enumerate(distances)]
    theirs = RDMs(distances)
    value = np.mean([one.correlation(truth) for one in ours])
    assert np.isclose(value, compare(RDMs(truth[None]), theirs, "spearman").mean(), atol=1e-12)
    (a, bounds), (b, expected) = (
        seconds(lambda: noise_ceiling_of(ours)),
        seconds(lambda: boot_noise_ceiling(theirs, "spearman")),
    )
    difference = np.abs(np.subtract([bounds["lower"], bounds["upper"]], expected)).max()
    counts = rng.multinomial(n, np.full(n, 1 / n), size=100 * RESAMPLES)
    c, _ = seconds(lambda: [resampled_rsa(one.ranks, one.ranks, counts) for one in ours])
    model = ModelFixed("model", truth)
    d, _ = seconds(lambda: eval_bootstrap_pattern(model, theirs, method="spearman", N=RESAMPLES))
    print(
        f"{n} images: ceiling {a:.3f} s and {b:.3f} s, difference {difference:.0e}; a resample {c / len(counts):.1e} s "
        f"and {d / RESAMPLES:.1e} s"
    )


def cosine(rng: np.random.Generator, n: int = 60, units: int = 12) -> None:
    """The whitened unbiased cosine of distances across halves of trials."""
    X = rng.normal(size=(n, 30))
    trials = X[:, :units].T[:, :, None] + rng.normal(size=(units, n, 4))
    crossed = crossed_halves(trials, Block(np.arange(units), np.arange(n)), rng)
    ((_, a, b),) = crossed.halves()
    i, j = np.triu_indices(n, 1)
    layer, area = np.sum((X[i] - X[j]) ** 2, axis=1), np.sum((a[i] - a[j]) * (b[i] - b[j]), axis=1)
    theirs = compare(RDMs(layer[None]), RDMs(area[None]), "cosine_cov").item()
    ours = whitened_cosine(gram(X, device="cpu"), crossed)["value"]
    print(f"whitened unbiased cosine: {ours:.12f} and {theirs:.12f}")
    assert np.isclose(ours, theirs, atol=1e-6)


if __name__ == "__main__":
    rng = np.random.default_rng(0)
    cosine(rng)
    for n in (200, 400):
        observers(rng, n)

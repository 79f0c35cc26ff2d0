"""How often do the 95 % intervals of paired differences hold the true difference?

    python tests/benchmarks/paired_coverage.py [trials]

A network of several layers is compared with a baseline, which predicts all units as well as the best layer of the
network. Units differ with a standard deviation of .15, and the score of a unit in a layer differs from what is expected
with one of .04. The layers of the network are equally good, or each is worse than the one before by .005 or .02. A cell
holds the mean difference of all trials, and the shares of intervals that hold 0, the difference of the best layers, and
the mean difference. It does so for the layer with the highest median on all units with a bootstrap over units, and for
`ventral.across_models.paired`.
"""

import sys

import numpy as np

from ventral.across_models.paired import Contender, difference, halved, held_out
from ventral.statistics.bootstrap import draws, interval_of, resampled_center

TRIALS = 500
OF_UNITS, OF_SCORES = 0.15, 0.04


def main(trials: int) -> None:
    print("| units | layers | steps | chosen on all units, bootstrap | chosen on other units, sign test |")
    for units in (8, 12, 20, 50, 168):
        for layers, step in ((1, 0), (6, 0), (6, 0.005), (6, 0.02), (30, 0), (30, 0.005)):
            rng = np.random.default_rng(0)
            found = np.array([trial(units, layers, step, rng) for _ in range(trials)])
            print(f"| {units} | {layers} | {step} | {cell(found[:, 0])} | {cell(found[:, 1])} |", flush=True)


def trial(units: int, layers: int, step: float, rng: np.random.Generator) -> list[tuple[float, float, float]]:
    """Both differences of one study with their intervals."""
    scores = rng.normal(0.5, OF_UNITS, units) + OF_SCORES * rng.standard_normal((layers + 1, units))
    network, baseline = scores[1:] - step * np.arange(layers)[:, None], scores[0]
    best = network[np.median(network, axis=1).argmax()] - baseline
    contenders = (Contender("", "", "", 0, one) for one in (held_out(network, halved(units, rng)), baseline))
    row = difference(*contenders)
    resampled = resampled_center(best[None], draws(rng, units))
    return [(np.median(best), *interval_of(resampled)), (row["difference"], row["low"], row["high"])]


def cell(found: np.ndarray) -> str:
    """Mean difference, and how many intervals hold 0 and the mean."""
    value, low, high = found.T
    held = [np.mean((low <= truth) & (truth <= high)) for truth in (0, value.mean())]
    return f"{value.mean():+.3f}, {held[0]:.3f}, {held[1]:.3f}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS)

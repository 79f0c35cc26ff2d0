"""Does the curvature of noisy clips without the noise of trials hold the true angle?

    python tests/benchmarks/noisy_clips_coverage.py [runs]

Clips of six frames take steps of length .5 to 1.5 that turn by the same angle, in random directions of many units.
"""

import sys
from itertools import product

import numpy as np

from ventral.geometry.cross_validated import cross_validated_grams
from ventral.geometry.curvature_without_noise import pooled_curvature, unbiased_products
from ventral.geometry.straightening import Clips
from ventral.geometry.trial_halves import response_halves

RUNS, FRAMES = 100, 6
DESIGNS = ((12, 40, 8, 0.1), (12, 40, 8, 0.3), (40, 40, 8, 0.3), (40, 100, 20, 0.3))  # clips, units, trials, noise


def main(runs: int) -> None:
    print("| angle | clips | units | trials | noise | of means | without noise | spread | holds the angle |")
    print(f"|{'---|' * 9}")
    for turn, design in product((0, 40, 90), DESIGNS):
        rng = np.random.default_rng(turn + design[0])
        plain, rows = zip(*(measured(turn, *design, rng) for _ in range(runs)), strict=True)
        values = np.array([row["value"] for row in rows])
        held = [row["low"] <= turn <= row["high"] for row in rows if np.isfinite(row["low"])]
        spread = f"{np.nanmean(values):.1f} | {np.nanstd(values):.1f}"
        shown = f"{np.mean(plain):.1f} | {spread} | {np.mean(held):.0%} of {len(held)}"
        print(f"| {turn} | {' | '.join(map(str, design))} | {shown} |", flush=True)


def measured(
    turn: float, clips: int, units: int, trials: int, noise: float, rng: np.random.Generator
) -> tuple[float, dict[str, float]]:
    """Curvature of the means over trials, and without their noise."""
    X = np.concatenate([turning(turn, units, rng) for _ in range(clips)])
    recorded = X.T[:, :, None] + noise * rng.standard_normal((units, len(X), trials))
    frames = np.arange(len(X)).reshape(clips, FRAMES)
    means = recorded.mean(axis=2).T[frames]
    plain = Clips(frames, means @ means.transpose(0, 2, 1), 0.0).curvatures().mean()
    return plain, pooled_curvature(unbiased_products(cross_validated_grams(response_halves(recorded, rng)), frames))


def turning(turn: float, units: int, rng: np.random.Generator) -> np.ndarray:
    """Responses to the frames of one clip, (frames, units)."""
    steps = np.empty((FRAMES - 1, units))
    along = rng.standard_normal(units)
    along /= np.linalg.norm(along)
    for t in range(FRAMES - 1):
        steps[t] = along * rng.uniform(0.5, 1.5)
        across = rng.standard_normal(units)
        across -= across @ along * along
        angle = np.radians(turn)
        along = np.cos(angle) * along + np.sin(angle) * across / np.linalg.norm(across)
    return np.vstack([np.zeros(units), np.cumsum(steps, axis=0)])


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)

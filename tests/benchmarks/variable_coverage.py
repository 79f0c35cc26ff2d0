"""Do the 95 % intervals of decoded scene variables hold the mean of other samples of scenes?

    python tests/benchmarks/variable_coverage.py [trials]

Twelve categories, two numbers and an angle move responses of 60 units along directions of their own; each scene has
an effect of its own, and noise is Gaussian. Images are independent, or scenes show six poses each. Every trial draws
new scenes.
"""

import sys

import numpy as np
import pandas as pd

from ventral.geometry.variable_decoding import variable_rows
from ventral.gram import gram

TRIALS, UNITS, CATEGORIES = 200, 60, 12


def main(trials: int) -> None:
    print("| images | metric | variable | mean | spread over trials | shuffled | holds mean |")
    for scenes, levels in ((100, 1), (300, 1), (24, 6), (100, 6)):
        rows = pd.concat(pd.DataFrame(one(seed, scenes, levels)).assign(seed=seed) for seed in range(trials))
        rows["parameter"] = rows.parameter.fillna("")
        for (metric, name), found in rows[~rows.metric.str.endswith("shuffled")].groupby(["metric", "parameter"]):
            chance = rows[(rows.metric == f"{metric}_shuffled") & (rows.parameter == name)].value
            mean = found.value.mean()
            held = np.mean((found.low <= mean) & (mean <= found.high))
            numbers = f"{mean:.3f} | {found.value.std():.3f} | {chance.mean():.3f} | {held:.0%}"
            print(f"| {scenes} × {levels} | {metric} | {name} | {numbers} |", flush=True)


def one(seed: int, scenes: int, levels: int):
    design, rng = np.random.default_rng(0), np.random.default_rng([seed, scenes, levels])
    axes, of_category = design.standard_normal((4, UNITS)) / 4, design.standard_normal((CATEGORIES, UNITS)) / 3
    scene, category = np.repeat(np.arange(scenes), levels), np.arange(scenes) % CATEGORIES
    n = len(scene)
    strong, weak, yaw = rng.uniform(-1, 1, (3, n))
    z = np.stack([strong, weak / 4, np.sin(np.pi * yaw), np.cos(np.pi * yaw)], axis=1)
    X = z @ axes + of_category[category[scene]] + rng.standard_normal((scenes, UNITS))[scene] / 4
    X += rng.standard_normal((n, UNITS)) / 2
    table = pd.DataFrame(
        {
            "stimulus_id": [f"image{i:04d}" for i in range(n)],
            "scene": [f"scene{i:03d}" for i in scene],
            "parameter": "pose" if levels > 1 else "",
            "level": np.tile(np.arange(levels), scenes),
            "label": [f"category{k:02d}" for k in category[scene]],
            "strong": strong,
            "weak": weak,
            "yaw": 180 * yaw,
        }
    )
    return variable_rows(gram(X, device="cpu"), table, seed)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS)

"""Differences between models in how well their best layers predict each unit, paired by unit.

    python tests/benchmarks/paired_units.py RESULTS MODEL MODEL ...

For each area of each recording in the results folder of a study: the layer of each model with the highest median
held-out r over units, and the median difference over units between each model and the next one of the command line,
with a 95 % interval of 2,000 resamples of the units, and the number of units for which the difference is positive.
"""

import itertools
import sys
from pathlib import Path

import numpy as np
import pandas as pd

RESAMPLES = 2000


def main(results: str, *models: str) -> None:
    paths = Path(results, "predictivity").glob("*/*/*.parquet")
    units = pd.concat([table[table.metric == "ridge_r"] for table in map(pd.read_parquet, paths)])
    for (recording, area), rows in units.groupby(["recording", "area"]):
        best = {model: best_layer(rows[rows.model == model]) for model in models}
        for model, (layer, scores) in best.items():
            print(f"{recording} {area}: {model} {layer}, r = {scores.median():.3f}")
        for first, second in itertools.pairwise(models):
            print(f"  {first} − {second}: {compared(best[first][1] - best[second][1])}")


def best_layer(rows: pd.DataFrame) -> tuple[str, pd.Series]:
    """The layer with the highest median score, and its scores by unit."""
    layer = rows.groupby("layer").value.median().idxmax()
    return layer, rows[rows.layer == layer].set_index("unit").value


def compared(differences: pd.Series) -> str:
    """The median of differences with its interval, and how many are positive."""
    values = differences.dropna().to_numpy()
    drawn = np.random.default_rng(0).choice(values, (RESAMPLES, len(values)))
    low, high = np.percentile(np.median(drawn, axis=1), [2.5, 97.5])
    return f"{np.median(values):.3f} [{low:.3f}, {high:.3f}], positive for {(values > 0).sum()} of {len(values)} units"


if __name__ == "__main__":
    main(*sys.argv[1:])

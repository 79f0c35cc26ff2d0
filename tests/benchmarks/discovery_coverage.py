"""Are hidden kinds of change found, and do the 95 % intervals hold the truth? Simulated responses with known axes.

    PYTHONPATH=tests/helpers python tests/benchmarks/discovery_coverage.py [trials]

Every trial draws new axes, scenes and changes. The truth of factorization is computed from the axes; that of the other
metrics is their mean over trials.
"""

import sys

import numpy as np
import pandas as pd
from hidden_changes import AXES, planted

from ventral.geometry.discovery import discovery_rows
from ventral.geometry.family import Layer
from ventral.geometry.spectrum import spectrum
from ventral.gram import gram

TRIALS, NOISE = 100, 0.2
CASES = {
    "orthogonal, 24 scenes": {},
    "orthogonal, 12 scenes": {"scenes": 12},
    "orthogonal, noise .5": {"noise": 0.5},
    "orthogonal, noise .7": {"noise": 0.7},
    "60° to each other": {"angle": 60},
    "30° to each other": {"angle": 30},
    "45° to content": {"onto_content": 45},
    "same axes": {"angle": 0},
    "axes turn with the scene": {"turned": True},
    "one kind": {"kinds": 1},
    "200 units, noise .3": {"units": 200, "noise": 0.3},
}


def main(trials: int) -> None:
    print("| case | kinds found | metric | mean | spread | truth | shuffled | holds truth |")
    for name, case in CASES.items():
        rows = pd.concat([one(seed, case).assign(seed=seed) for seed in range(trials)])
        rows["against"] = rows.against.fillna("")
        counts = rows[rows.metric == "discovered_kinds"].value.astype(int).value_counts().sort_index()
        found = ", ".join(f"{number}: {count / trials:.0%}" for number, count in counts.items())
        for (metric, against), some in rows[~rows.metric.str.endswith("kinds")].groupby(["metric", "against"]):
            if metric.endswith("_shuffled"):
                continue
            truth = factorization(against, case) if metric == "discovered_factorization" else some.value.mean()
            chance = rows[rows.metric == f"{metric}_shuffled"].value.mean()
            known = some[np.isfinite(some.low)]
            held = np.mean((known.low <= truth + 1e-9) & (truth - 1e-9 <= known.high)) if len(known) else np.nan
            numbers = f"{some.value.mean():.2f} | {some.value.std():.2f} | {truth:.2f} | {chance:.2f} | {held:.0%}"
            print(f"| {name} | {found} | {metric} {against} | {numbers} ({len(known)} of {len(some)}) |", flush=True)


def one(seed: int, case: dict) -> pd.DataFrame:
    X, table, _ = planted(np.random.default_rng([seed, 7]), **{"noise": NOISE} | case)
    G = gram(X, device="cpu", precision="float64")
    return pd.DataFrame(discovery_rows(Layer(G, spectrum(G), table, (0.9,), seed)))


def factorization(against: str, case: dict) -> float:
    """Factorization of the true kinds against content or each other, from their axes; NaN if there are no two kinds."""
    case = {"noise": NOISE, "units": 40} | case
    units, noise = case["units"], case["noise"] ** 2
    gain = np.exp(1 / 8)  # mean of squares
    _, _, axes = planted(np.random.default_rng(0), **{key: case[key] for key in case if key != "scenes"})
    moved = [A @ A.T for A in axes]
    if case.get("turned"):
        moved = [AXES / units * np.eye(units)] * len(moved)
    first, second = (gain * each + noise * np.eye(units) for each in (moved[0], moved[-1]))
    if against == "content":
        shared = AXES**2 / units if case.get("turned") else AXES * np.cos(np.radians(case.get("onto_content", 90))) ** 2
        return 1 - (gain * shared + noise * AXES) / np.linalg.norm(first) / np.sqrt(AXES)
    if case.get("turned") or case.get("angle") == 0:
        return np.nan
    return 1 - np.sum(first * second) / np.linalg.norm(first) / np.linalg.norm(second)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS)

"""A table of random numbers of the size that a laboratory's table has, with relations that nobody computed."""

import itertools

import numpy as np
import pandas as pd

KINDS = ("supervised", "self-supervised", "untrained")
GIVEN = ("", "depth", "log n_features", "accuracy", "depth + log n_features + accuracy + kind")


def wide_table(models=60, layers=10, geometry=188, scores=12, seed=0) -> dict[str, pd.DataFrame]:
    """Layers (600 rows, 200 numbers each) and their relations, as the report wants them."""
    rng = np.random.default_rng(seed)
    names = [f"geometry_{i}" for i in range(geometry)], [f"score_{i}" for i in range(scores)]
    numbers = pd.DataFrame(rng.lognormal(size=(models * layers, geometry + scores)), columns=[*names[0], *names[1]])
    model, layer = np.divmod(np.arange(models * layers), layers)
    place = {"model": [f"model {i}" for i in model], "layer": [f"block.{i}" for i in layer], "depth": layer / layers}
    kinds = [KINDS[i % len(KINDS)] for i in model]
    table = pd.concat([pd.DataFrame({**place, "kind": kinds, "family": place["model"]}), numbers], axis=1)
    return {"layers": table, "relations": random_relations(*names, len(table), models, rng)}


def random_relations(geometry, scores, n, models, rng) -> pd.DataFrame:
    """Correlations of every geometry with every score, over all layers and within kinds, given nothing or something."""
    conditions = [("", given) for given in GIVEN] + [(kind, "") for kind in KINDS]
    keys = itertools.product(conditions, geometry, scores, ("pearson", "spearman"))
    rows = [(*condition, *key) for condition, *key in keys]
    table = pd.DataFrame(rows, columns=["within", "given", "geometry", "score", "statistic"])
    value = rng.uniform(-1, 1, len(table))
    table = table.assign(value=value, low=value - 0.2, high=value + 0.2, p=rng.uniform(size=len(table)))
    table = table.assign(q=table.p, n=n, models=models, families=models, scale="log", across="layers")
    order = ["across", "within", "given", "geometry", "scale", "score", "statistic"]
    return table[[*order, "value", "low", "high", "p", "q", "n", "models", "families"]]

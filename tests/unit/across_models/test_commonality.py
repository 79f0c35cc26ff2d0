"""Commonality: shares of R² that add up, a published answer, and intervals of a share that is zero."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from ventral.across_models.commonality import COLUMNS, PARTS, commonality, explained
from ventral.across_models.layer_table import layer_table


def table(models=12, layers=4, seed=0):
    rng = np.random.default_rng(seed)
    model = np.repeat(np.arange(models), layers)
    accuracy = rng.random(models)[model]
    x, z = rng.standard_normal((2, len(model))) + accuracy
    y = x + 2 * accuracy + rng.standard_normal(len(model))
    kind = np.where(model % 3 == 0, "untrained", "supervised")
    return pd.DataFrame({"model": model.astype(str), "layer": np.tile(np.arange(layers), models).astype(str)}).assign(
        accuracy=accuracy, x=x, z=z, y=y, kind=kind
    )


def r2(rows, *columns):
    return sm.OLS(rows.y, sm.add_constant(rows[list(columns)].astype(float))).fit().rsquared


def test_accuracy_does_not_explain_itself():
    found = commonality(layer_table(table(), ["x", "z"], ["accuracy", "y"]))
    assert {*found.score[found.other == "accuracy"]} == {"y"}
    assert {*found.score[found.other == "z"]} == {"accuracy", "y"}


def test_shares_are_differences_of_r2():
    rows = table()
    rows["trained"] = rows.kind != "untrained"
    found = (
        commonality(layer_table(rows, ["x", "z"], ["y"])).query("across == 'layers'").set_index(["geometry", "other"])
    )
    pairs = [("x", "accuracy"), ("z", "accuracy"), ("x", "trained"), ("z", "trained"), ("x", "z")]
    assert {*found.index} == {*pairs}
    for x, other in pairs:
        row = found.loc[(x, other)]
        alone, of_other, both = r2(rows, x), r2(rows, other), r2(rows, x, other)
        assert [row.r2, row.r2_other, row.r2_both] == pytest.approx([alone, of_other, both])
        expected = [both - of_other, both - alone, alone + of_other - both]
        assert [row[part] for part in PARTS] == pytest.approx(expected)
        assert all(row[f"{part}_low"] <= row[part] <= row[f"{part}_high"] for part in PARTS)
        assert (row.n, row.models, row.families) == (48, 12, 12)


def test_best_layers_have_one_row_per_model():
    rows = table()
    found = commonality(layer_table(rows, ["x"], ["y"])).query("across == 'models, best layer'").set_index("other")
    best = rows.loc[rows.groupby("model").y.idxmax()]
    assert found.n.tolist() == [12, 12]
    assert found.r2_both["accuracy"] == pytest.approx(r2(best, "x", "accuracy"))


def test_published_dimensionality_adds_nothing_to_trained(deepnsd):
    rows = deepnsd[deepnsd.metric == "CRSA"].rename(columns={"model_string": "model", "training": "kind"})
    found = commonality(layer_table(rows, ["effective_dimensions"], ["score"], log=["effective_dimensions"])).squeeze()
    assert found.other == "trained" and found.scale == "log" and found.n == 224
    shown = [found.r2, found.r2_other, found.r2_both, found["unique"]]
    assert shown == pytest.approx([0.352, 0.667, 0.675, 0.008], abs=5e-4)
    assert found.unique_low == 0


def test_what_does_not_vary_is_empty():
    rows = table()
    copies = commonality(layer_table(rows.assign(z=3 - 2 * rows.x), ["x", "z"], ["y"]))
    pair = copies[copies.geometry.eq("x") & copies.other.eq("z")]
    assert pair[[*PARTS, "r2_both"]].isna().all(axis=None) and pair.r2.notna().all()
    few = commonality(layer_table(rows[rows.model.isin(["0", "1", "2"])], ["x"], ["y"]))
    assert few[["r2", *PARTS]].isna().all(axis=None) and (few.families == 3).all()
    empty = commonality(layer_table(rows.drop(columns=["accuracy", "kind"]), ["x"], ["y"]))
    assert empty.empty and empty.columns.tolist() == COLUMNS


def test_intervals_hold_shares_that_are_known():
    """300 pairs of columns in 20 families: two standard errors of a coverage of .95 are .025."""
    rng = np.random.default_rng(4)
    covered = []
    family = np.repeat(np.arange(20), 5)
    for _ in range(30):
        o, *noise = (
            np.sqrt(0.5) * (rng.standard_normal((10, 20))[:, family] + rng.standard_normal((10, 100))) for _ in range(3)
        )
        for i in range(10):
            x = 0.6 * o[i] + 0.8 * noise[0][i]
            y = 0.5 * x + 0.3 * o[i] + noise[1][i] * np.sqrt(1 - 0.25 - 0.09 - 0.18)
            found = explained(np.column_stack([x, o[i]]), y[:, None], np.array([[0, 1]]), family)
            unique, shared = (0.5 * 0.8) ** 2, (0.5 + 0.18) ** 2 - (0.5 * 0.8) ** 2
            truths = {"unique": unique, "unique_other": (0.3 * 0.8) ** 2, "shared": shared}
            covered.append([found[f"{k}_low"] <= v <= found[f"{k}_high"] for k, v in truths.items()])
    rates = np.mean(covered, axis=0).ravel()
    assert (rates > 0.915).all() and (rates < 0.99).all(), rates

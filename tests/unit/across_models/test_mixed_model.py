"""Mixed models: slopes that compare the layers of a model, and fits that cannot be made."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
import statsmodels.formula.api as smf

from ventral.across_models.layer_table import layer_table
from ventral.across_models.mixed_model import COLUMNS, mixed_models


def layers(models=8, count=5, seed=0, between=2.0):
    """Scores that rise with x within each model, and whose level in a model has nothing to do with x."""
    rng = np.random.default_rng(seed)
    model = np.repeat(np.arange(models), count)
    x = rng.standard_normal(len(model))
    y = 0.5 * x + between * rng.standard_normal(models)[model] + 0.3 * rng.standard_normal(len(model))
    kind = np.where(model % 2, "supervised", "untrained")
    return pd.DataFrame(
        {"model": model.astype(str), "layer": np.tile(np.arange(count), models), "x": x, "y": y}
    ).assign(kind=kind, layer=lambda t: t.layer.astype(str))


def mixed(table):
    return mixed_models(layer_table(table, ["x"], ["y"])).set_index("given")


def test_the_slope_is_that_of_statsmodels():
    table = layers()
    z = table.assign(**{name: (table[name] - table[name].mean()) / table[name].std(ddof=0) for name in "xy"})
    for given, formula, rows in (("", "y ~ x", table.drop(columns="kind")), ("kind", "y ~ x + kind", table)):
        fit = smf.mixedlm(formula, z, groups=z.model).fit(reml=True)
        row = mixed(rows).loc[given]
        assert row.value == pytest.approx(fit.params["x"], abs=1e-4) and row.failure == ""
        assert [row.low, row.high] == pytest.approx(fit.conf_int().loc["x"].to_numpy(), abs=1e-4)
        assert row.n == 40 and row.models == 8
        assert row.between_models > 0.9


def test_the_slope_ignores_the_levels_of_models_that_hide_it():
    table = layers(between=10.0)
    assert abs(np.corrcoef(table.x, table.y)[0, 1]) < 0.3
    row = mixed(table.drop(columns="kind")).loc[""]
    assert row.low > 0 and row.p < 1e-6
    within = 0.5 * table.x.std(ddof=0) / table.y.std(ddof=0)
    assert row.low < within < row.high


def test_models_that_do_not_differ_give_ordinary_least_squares():
    table = layers(between=0.0)
    table["y"] -= table.groupby("model").y.transform("mean") - table.groupby("model").x.transform("mean") * 0.5
    z = table[["x", "y"]].apply(lambda a: (a - a.mean()) / a.std(ddof=0))
    row = mixed(table.drop(columns="kind")).loc[""]
    assert row.between_models == 0
    assert row.value == pytest.approx(sm.OLS(z.y, z.x).fit().params["x"])


def test_a_unit_changes_nothing():
    table = layers()
    first, second = mixed(table), mixed(table.assign(x=1000 * table.x - 5, y=table.y / 7))
    pd.testing.assert_frame_equal(first, second, rtol=1e-4)


def test_few_models_constant_columns_and_missing_values_are_named():
    table = layers()
    assert "4 models" in mixed(table[table.model < "3"]).loc["kind"].failure
    assert "score does not vary" in mixed(table.assign(y=0.7)).loc["kind"].failure
    of_models = table.assign(y=table.groupby("model").y.transform("mean"))
    assert mixed(of_models).failure.tolist() == ["The score does not vary within models."]
    of_kinds = table.assign(x=(table.kind == "untrained").astype(float))
    row = mixed(of_kinds).loc["kind"]
    assert row.failure == "The geometry does not vary." and np.isnan(row.value)
    gaps = table.assign(y=table.y.where(table.index != 3))
    assert mixed(gaps).n.tolist() == [39]


def test_a_single_layer_of_each_model_has_no_mixed_model():
    found = mixed_models(layer_table(layers(count=1), ["x"], ["y"]))
    assert found.empty and found.columns.tolist() == COLUMNS


def test_a_score_that_follows_exactly_has_a_slope():
    row = mixed(layers(between=0).drop(columns="kind").assign(y=lambda t: 3 - 2 * t.x)).loc[""]
    assert row.value == pytest.approx(-1) and row.high == pytest.approx(-1) and row.failure == ""

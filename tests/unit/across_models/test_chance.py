"""Chance: permutations that keep families and layers together, and counts that unrelated tables have."""

import numpy as np
import pandas as pd
import pytest

from ventral.across_models.associations import associations
from ventral.across_models.chance import COLUMNS, arranged, chance, donors, effective_number, orders, p_of_relations
from ventral.across_models.layer_table import layer_table
from ventral.statistics.family_jackknife import family_jackknife


def study(models=10, layers=4, related=0.0, seed=0, columns=6):
    rng = np.random.default_rng(seed)
    model = np.repeat(np.arange(models), layers)
    x = rng.standard_normal((models, columns))[model] + 0.4 * rng.standard_normal((len(model), columns))
    y = rng.standard_normal((models, 2))[model] + 0.4 * rng.standard_normal((len(model), 2)) + related * x[:, :1]
    keys = {"model": np.char.add("net", model.astype(str)), "layer": np.tile(np.arange(layers), models).astype(str)}
    values = {f"x{i}": x[:, i] for i in range(columns)} | {f"y{i}": y[:, i] for i in range(2)}
    return pd.DataFrame(keys | values)


def counted(table, **columns):
    named = layer_table(
        table, [c for c in table if c.startswith("x")], [c for c in table if c.startswith("y")], **columns
    )
    return chance(named, associations(named)).set_index(["across", "within", "given"])


def test_the_fast_p_is_that_of_the_jackknife():
    rng = np.random.default_rng(1)
    family = np.sort(rng.integers(0, 7, 40))
    X, Y = rng.standard_normal((40, 3)) + family[:, None] % 3, rng.standard_normal((40, 2)) + 1e3
    X[:, 2] = 0.7
    slow = family_jackknife(X, Y, family)
    fast = p_of_relations(X, Y, family).reshape(2, 3, 2)
    np.testing.assert_allclose(fast, [slow.p, slow.strict_p], rtol=1e-6)


def test_related_tables_have_more_relations_than_chance():
    row = counted(study(20, related=1.5)).loc["layers", "", ""]
    assert row.relations == 12 and row.permutations == 200 and row.scores == 2
    assert row.passed_q >= 2 > row.chance_q_high and row.passed_p > row.chance_p


def test_unrelated_tables_have_as_many_as_chance():
    studies = [study(8, layers=1, seed=seed, columns=10) for seed in range(20)]
    rows = pd.DataFrame([counted(table).loc["layers", "", ""] for table in studies])
    # 400 relations, of which 5 % pass; those of one study go together, so that the standard error is about 1.5 %.
    assert rows.passed_p.sum() / rows.relations.sum() == pytest.approx(0.05, abs=0.035)
    assert (rows.chance_p / rows.relations).mean() == pytest.approx(0.05, abs=0.015)


def test_four_families_have_23_other_orders():
    row = counted(study(4)).loc["layers", "", ""]
    assert row.permutations == 23 == len([*orders(4, np.random.default_rng(0))])


def test_three_families_have_no_chance():
    row = counted(study(3)).loc["layers", "", ""]
    assert row.relations == 0 and row.permutations == 0 and np.isnan(row.chance_p)


def test_families_move_together_and_layers_by_depth():
    depth = np.array([0, 1, 0, 1, 0, 0.2, 0.4, 0.6, 0.8, 1])
    places = arranged(np.repeat([0, 1, 2], [2, 2, 6]), np.repeat([0, 1], [4, 6]), depth)
    assert donors(places, np.array([1, 0])).tolist() == [4, 9, 4, 9, 0, 0, 0, 1, 1, 1]
    assert donors(places, np.array([0, 1])).tolist() == [*range(10)]


def test_kinds_are_permuted_within_themselves_and_given_columns_have_counts_only():
    table = study(12).assign(kind=lambda t: np.where(t.model < "net5", "supervised", "untrained"))
    rows = counted(table)
    assert (
        rows.loc["layers", "untrained", ""].permutations == 119
        or rows.loc["layers", "untrained", ""].permutations == 200
    )
    given = rows.loc["layers", "", "kind"]
    assert given.relations == 12 and np.isnan(given.chance_q) and given.permutations == 0
    assert {*rows.index.get_level_values(0)} >= {"layers", "models, best layer", "models, last layers"}


def test_missing_values_and_empty_tables():
    table = study()
    table.loc[3, "x0"], table.loc[5, "y0"] = np.nan, np.nan
    assert counted(table).loc["layers", "", ""].chance_p < 6
    named = layer_table(table, [], ["y0"])
    assert chance(named, associations(named)).columns.tolist() == COLUMNS


def test_effective_numbers_of_equal_and_of_independent_columns():
    a = np.array([[1.0, 1, -1, -1], [1, -1, 1, -1], [1, -1, -1, 1]]).T
    assert effective_number(a) == pytest.approx(3)
    assert effective_number(np.column_stack([a[:, 0], 2 * a[:, 0] + 5, -a[:, 0]])) == pytest.approx(1)
    assert np.isnan(effective_number(a[:2])) and np.isnan(effective_number(np.ones((9, 2))))

"""Studies that are joined give the tables of the study that has measured everything."""

import pandas as pd
import pytest
import synthetic

from ventral.core.errors import Fault
from ventral.summary.joined_tables import joined_tables


@pytest.fixture(scope="module")
def whole() -> dict[str, pd.DataFrame]:
    return synthetic.study(count=6, layers=3, augmentations=False)


def of_models(tables: dict[str, pd.DataFrame], models: list[str]) -> dict[str, pd.DataFrame]:
    """The rows of some models, as if a study had only these."""
    part = {name: table[table.model.isin(models)] for name, table in tables.items() if "model" in table}
    pairs = tables["similarity"]
    known = [*models, *pairs[pairs.kind != "layer"].model, *pairs[pairs.other_kind != "layer"].other_model]
    part["similarity"] = pairs[pairs.model.isin(known) & pairs.other_model.isin(known)]
    return part | {"areas": tables["areas"]}


@pytest.fixture(scope="module")
def halves(whole) -> dict[str, dict[str, pd.DataFrame]]:
    models = list(whole["layers"].model.unique())
    return {"a": of_models(whole, models[:4]), "b": of_models(whole, models[3:])}


def test_halves_join_to_the_whole(whole, halves):
    joined = joined_tables(halves, seed=0)
    for name in ("layers", "geometry", "predictivity", "areas", "relations"):
        left, right = joined[name], whole[name]
        key = [column for column in right if right[column].dtype == object or right[column].dtype == "str"]
        pd.testing.assert_frame_equal(
            left[list(right)].sort_values(key, kind="stable", ignore_index=True),
            right.sort_values(key, kind="stable", ignore_index=True),
            check_dtype=False,
        )
    pairs = joined["similarity"]
    assert len(pairs) == len(pd.concat([half["similarity"] for half in halves.values()]).drop_duplicates())


def test_other_layers_of_a_model_are_ordered_by_depth(whole):
    layers = whole["layers"]
    shallow, deep = layers.depth <= 0.5, layers.depth > 0
    parts = {}
    for name, chosen in (("a", deep), ("b", shallow)):
        keys = layers.loc[chosen, ["model", "layer"]]
        parts[name] = {key: table.merge(keys) for key, table in whole.items() if key in ("geometry", "predictivity")}
        parts[name]["layers"] = layers[chosen].assign(position=layers[chosen].groupby("model").cumcount())
    joined = joined_tables(parts, seed=0)["layers"]
    one = joined[joined.model == "network0"]
    assert list(one.position) == [0, 1, 2] and one.depth.is_monotonic_increasing
    assert len(joined) == len(layers)


def test_recordings_of_one_study_are_missing_in_the_others(whole):
    other = synthetic.study(count=6, layers=3, baselines=0, recorded=("v4",))
    other = {name: table.replace({f"network{i}": f"other{i}" for i in range(6)}) for name, table in other.items()}
    joined = joined_tables({"a": whole, "b": other}, seed=0)
    columns = [column for column in joined["layers"] if "@v4/" in column]
    networks = joined["layers"].model.str.startswith("network")
    assert columns and joined["layers"].loc[networks, columns].isna().all(axis=None)
    assert {"v4", "simulated"} <= {*joined["relations"].recording}


def test_different_values_of_one_quantity_are_refused(halves):
    changed = halves["b"]["geometry"].assign(value=halves["b"]["geometry"].value * 1.1)
    with pytest.raises(Fault, match=r"geometry\.csv.*network3"):
        joined_tables({"a": halves["a"], "b": halves["b"] | {"geometry": changed}}, seed=0)


def test_another_kind_of_the_same_model_is_refused(halves):
    changed = halves["b"]["layers"].assign(kind="supervised")
    with pytest.raises(Fault, match=r"kind of network3.*supervised.*b"):
        joined_tables({"a": halves["a"], "b": halves["b"] | {"layers": changed}}, seed=0)

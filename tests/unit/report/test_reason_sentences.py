"""The page says why layers predict only where the radius or the dimension of the error modes carries it."""

import numpy as np
import pandas as pd
import pytest

from ventral.across_models.associations import COLUMNS
from ventral.report.answer import answer

ED, SCORE = "effective_dimensionality@photos", "ridge_r@session/V4"


def summary(rng, radius=0.0, dimension=0.0, value=0.8, within="", kinds=("supervised",)):
    """Relations and layers of 12 networks of which radius and dimension have these slopes against log ED."""
    n = 48
    log_ed = rng.standard_normal(n)
    layers = pd.DataFrame({"model": np.repeat([f"network{i}" for i in range(12)], 4), "layer": [*"abcd"] * 12})
    layers["kind"] = np.repeat(np.resize(kinds, 12), 4)
    layers[ED], layers[SCORE] = np.exp(log_ed), value * log_ed
    for name, slope in (("error_radius", radius), ("error_dimension", dimension)):
        layers[f"{name}@session/V4"] = np.exp(slope * log_ed + 0.5 * rng.standard_normal(n))
    known = {"across": "layers", "within": within, "given": "", "geometry": ED, "scale": "log", "score": SCORE}
    known |= {"statistic": "pearson", "value": value, "low": value - 0.1, "high": value + 0.1, "p": 0.001, "q": 0.001}
    known |= {"n": n, "models": 12, "families": 12, "recording": "session", "area": "V4", "simulated": False}
    relations = pd.DataFrame([known]).reindex(columns=[*COLUMNS, "recording", "area", "simulated"])
    return {"relations": relations, "layers": layers}


def why(tables):
    """The sentences that hold a reason."""
    return [claim for claim in answer(tables).goes if "because" in claim.text]


@pytest.mark.parametrize(
    ("slopes", "value", "expected"),
    [
        ((-1, 0), 0.8, "rises with log effective dimensionality on photos because the radius of the error modes of"),
        ((0, -1), 0.8, "because the dimension of the error modes of ridge regression falls with it, r = −0."),
        (
            (-1, -1),
            0.8,
            "because the radius and dimension of the error modes of ridge regression fall with it, r = −0.",
        ),
        ((1, 0), -0.8, "because the radius of the error modes of ridge regression rises with it, r = 0."),
    ],
)
def test_what_carries_a_relation_is_named(slopes, value, expected):
    [claim] = why(summary(np.random.default_rng(0), *slopes, value=value))
    assert expected in claim.text and claim.anchor and claim.rows == "layers.csv"
    other = {(-1, 0): "; their dimension has r", (0, -1): "; their radius has r", (1, 0): "; their dimension has r"}
    assert other.get(slopes, "it, r") in claim.text


def test_numbers_that_carry_nothing_give_no_reason():
    rng = np.random.default_rng(1)
    assert why(summary(rng)) == [] and why(summary(rng, 1, 1)) == [] and why(summary(rng, -1, value=-0.8)) == []


def test_only_networks_that_may_be_compared_count():
    tables = summary(np.random.default_rng(2), -1, within="supervised", kinds=("supervised", "untrained"))
    of_both = [tables["relations"], tables["relations"].assign(within="untrained")]
    tables["relations"] = pd.concat(of_both, ignore_index=True)
    untrained = (tables["layers"].kind == "untrained").to_numpy()
    rest = tables["layers"][~untrained].reset_index(drop=True)
    assert why(tables)[0].text == why(tables | {"layers": rest})[0].text


def test_tables_without_error_modes_give_no_reason():
    tables = summary(np.random.default_rng(3), -1)
    assert why({"relations": tables["relations"]}) == []
    assert why(tables | {"layers": tables["layers"].drop(columns="error_radius@session/V4")}) == []

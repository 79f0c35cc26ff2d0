"""The table of accuracies: classifiers beside the probe of the deepest layer."""

import numpy as np
import pandas as pd
import synthetic

from ventral.report.accuracy_table import accuracy_table

BASELINES = ("gabor", "pixels")


def test_accuracies_stand_beside_a_probe_of_the_deepest_layer():
    study = synthetic.study()
    assert not accuracy_table(study).rows
    key = {"stimuli": "naturalistic", "n": 400, "parameter": "", "against": ""}
    probe = {"metric": "linear_probe_top_1", "value": 0.5, "low": 0.4, "high": 0.6}
    places = study["layers"].loc[study["layers"].model != "gabor", ["model", "layer"]].to_dict("records")
    rows = pd.DataFrame([key | probe | place for place in places])
    rows.loc[~rows.layer.isin(["features.3", "energy"]), "value"] = 0.1
    study["geometry"] = pd.concat([study["geometry"], rows], ignore_index=True)
    top = {"metric": "head_top_1", "value": 0.25, "low": 0.2, "high": 0.3, "head": "1,000 outputs"}
    none = {"metric": "head_top_1", "value": np.nan, "head": "no classifier"}
    heads = [key | {"model": model} | (none if model in BASELINES else top) for model in study["layers"].model.unique()]
    table = accuracy_table(study | {"accuracy": pd.DataFrame(heads)})
    assert [heading for heading, _ in table.columns] == ["model", "training", "top 1", "linear probe", "output"]
    cells = [[cell.text for cell in row] for row in table.rows]
    assert cells[0] == ["network0", "untrained", "0.25 [0.20, 0.30]", "0.50 [0.40, 0.60]", "1,000 outputs"]
    assert cells[-2:] == [
        ["gabor (baseline)", "baseline", "–", "–", "no classifier"],
        ["pixels (baseline)", "baseline", "–", "0.50 [0.40, 0.60]", "no classifier"],
    ]

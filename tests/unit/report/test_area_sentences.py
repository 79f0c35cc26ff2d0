"""Sentences on areas compare layers within units, keep kinds of models apart, and admit what cannot be told."""

import pandas as pd
import synthetic

from ventral.across_models.paired import COLUMNS
from ventral.catalog import DISTANCES
from ventral.figures.depth import axis_title
from ventral.figures.drawing import caption
from ventral.figures.labels import areas
from ventral.report.area_sentences import area_sentence
from ventral.report.findings import findings
from ventral.report.paired_table import paired_table
from ventral.report.score_tables import observed_choices, observed_distances


def sentence(study, area="IT"):
    """What is said of an area."""
    return next(area_sentence(study, row) for row in areas(study["predictivity"]).itertuples() if area in row.area)


def scored(study, model, layer, value, area="IT", metric="ridge_r"):
    """Set the score of one layer, with an interval of ±.1."""
    rows = study["predictivity"]
    chosen = (rows.metric == metric) & (rows.area == area) & (rows.model == model) & (rows.layer == layer)
    rows.loc[chosen, ["value", "low", "high"]] = (value, value - 0.1, value + 0.1)


def of_kind(study, model, kind):
    """Set how a model was trained."""
    study["predictivity"].loc[study["predictivity"].model == model, "kind"] = kind


def compare(study, *rows):
    """Give a study paired comparisons: compared, first, second, their kinds, difference, low, high."""
    names = [
        "compared",
        "model",
        "layer",
        "other_model",
        "other_layer",
        "kind",
        "other_kind",
        "difference",
        "low",
        "high",
    ]
    about = {"recording": "simulated", "area": "IT", "metric": "ridge_r", "p": 0.01, "q": 0.02, "better": 0.7, "n": 60}
    table = pd.DataFrame([dict(zip(names, row, strict=True)) for row in rows]).assign(**about)
    study["paired"] = table[COLUMNS]


def test_the_best_layer_has_its_ceiling_and_a_better_baseline_is_named():
    study = synthetic.study()
    scored(study, "network2", "features.1", 0.8)
    scored(study, "gabor", "energy", 0.9)
    text = sentence(study)
    assert "the best of 32 layers of 8 untrained networks is features.1 of network2, r = 0.80 [0.70, 0.90]" in text
    assert "over 60 units" in text and "√c = 0.87" in text and "no layer exceeds r = 0.01" in text
    assert "gabor (energy), has r = 0.90 [0.80, 1.00], which is higher." in text and "overlap" not in text


def test_kinds_of_models_are_never_in_one_number():
    study = synthetic.study()
    for model, kind, value in (("network2", "supervised", 0.8), ("network5", "self_supervised", 0.7)):
        of_kind(study, model, kind)
        scored(study, model, "features.1", value)
    text = sentence(study)
    assert "the best of 4 layers of the supervised network network2 is features.1, r = 0.80" in text
    assert "The self-supervised network network5 (features.1) has r = 0.70" in text
    assert "The best of 6 untrained networks, " in text and "The best of 2 baselines, " in text


def test_differences_are_those_of_the_same_units():
    study = synthetic.study()
    scored(study, "network2", "features.1", 0.8)
    here = ("network2", "features.1")
    compare(
        study,
        ("models", *here, "network1", "features.3", "untrained", "untrained", 0.02, -0.01, 0.04),
        ("models", "network0", "features.2", *here, "untrained", "untrained", 0.01, -0.02, 0.03),
        ("models", *here, "network3", "features.3", "untrained", "untrained", 0.2, 0.1, 0.3),
        ("layers", *here, "network2", "features.0", "untrained", "untrained", 0.3, 0.2, 0.4),
        ("layers", *here, "network2", "features.2", "untrained", "untrained", 0.3, 0.2, 0.4),
        ("kinds", "gabor", "energy", *here, "baseline", "untrained", 0.04, 0.03, 0.06),
    )
    text = sentence(study)
    assert "Of 3 other untrained networks, network0 and network1 cannot be told apart from it." in text
    assert "It predicts better than each of the 2 other layers of network2." in text
    assert "higher by 0.04 [0.03, 0.06]" in text and "chosen on other units" in text
    study["paired"].loc[study["paired"].compared == "kinds", ["difference", "low", "high"]] = (-0.04, -0.06, -0.03)
    assert "lower by 0.04 [0.03, 0.06]" in sentence(study)
    study["paired"].loc[study["paired"].compared == "kinds", ["low", "high"]] = (-0.06, 0.03)
    assert "the difference, 0.04 [−0.03, 0.06], may be 0" in sentence(study)
    [kinds] = [row for row in paired_table(study).rows if row[1].text == "kinds"]
    assert kinds[8].text == "−0.040 [−0.060, 0.030]" and len(paired_table(study).rows) == 4


def test_a_layer_no_better_than_its_control_is_named():
    study = synthetic.study()
    control = ("features.0", "network4", "features.0", "untrained", "untrained")
    compare(study, ("shuffled images", "network4", *control, 0.01, -0.02, 0.03))
    assert "No better than their own shuffled control: features.0 of network4." in sentence(study)
    alone = synthetic.study()  # without comparisons, by the interval of the score
    scored(alone, "network4", "features.0", 0.05)
    assert "No better than their own shuffled control: features.0 of network4." in sentence(alone)


def test_studies_of_one_network_of_baselines_and_of_behavior_have_sentences_of_their_own():
    alone = synthetic.study(1, 1, 0)
    assert "the only layer of the untrained network network0 is features.0, r = " in sentence(alone)
    baselines = synthetic.study()
    for table in ("predictivity", "layers"):
        baselines[table] = baselines[table][baselines[table].model.isin([*synthetic.BASELINES])]
    text = sentence(baselines)
    assert "the best of 2 layers of 2 baselines is energy of " in text and "network" not in text
    text = sentence(synthetic.study(recorded=("choices",)), "behaviour")
    assert "i2n = 0.30" in text and "900 image–distractor pairs" in text and "observers’ choices" in text
    assert "chosen on other units" not in text


def test_distances_of_observers_have_sentences_and_tables_of_their_own():
    study = synthetic.study(2, 2, 1, ("choices",))
    names = {"i2n": DISTANCES, "i2n_shuffled": f"{DISTANCES}_shuffled", "i2n_ceiling": f"{DISTANCES}_ceiling"}
    rows = study["predictivity"]
    rows = rows[rows.metric.isin([*names])].assign(metric=rows.metric.map(names), n=7)
    ceilings = rows[rows.metric == f"{DISTANCES}_ceiling"]
    bounds = [ceilings.assign(metric=f"{DISTANCES}_{side}", value=r) for side, r in (("lower", 0.41), ("upper", 0.55))]
    study["predictivity"] = pd.concat([rows, *bounds])
    text = sentence(study, "behaviour")
    assert (
        "over 7 observers" in text
        and "by 0.41" in text
        and "by 0.55; a perfect model lies between" in text
        and "√c" not in text
        and "shuffled images" in text
    )
    table = observed_distances(study)
    assert table.id == "distances" and len(table.rows) == 5 and not observed_choices(study).rows
    assert {claim.anchor for claim in findings(study)["Predictivity"]} == {"table-distances"}
    shown = caption("depth", study)
    assert "7 observers" in shown and "upper bound of the noise ceiling" in shown and "√c" not in shown
    assert axis_title(areas(study["predictivity"])) == "RSA"
    alone = study | {"predictivity": study["predictivity"][lambda rows: ~rows.metric.str.endswith("ceiling")]}
    assert "there is one observer" in sentence(alone, "behaviour")

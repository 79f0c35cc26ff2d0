"""The first screen answers what the tables say, and never pools networks that may not be compared."""

import numpy as np
import pandas as pd
import pytest

from ventral.across_models.associations import COLUMNS
from ventral.report.answer import answer
from ventral.report.answer_table import answer_table
from ventral.report.evidence import Evidence
from ventral.summary import relate

ED = "effective_dimensionality"


def row(value, half=0.1, q=0.001, within="", given="", geometry="ED", score="IT", families=9, **further):
    """One relation across layers; `further` are columns of studies."""
    known = {"across": "layers", "within": within, "given": given, "geometry": geometry, "scale": "log", "score": score}
    known |= {"statistic": "pearson", "value": value, "low": value - half, "high": value + half, "p": q, "q": q}
    return known | {"n": 4 * families, "models": families, "families": families} | further


def told(rows, **tables):
    """The answer of some relations, as texts."""
    relations = pd.DataFrame(rows).reindex(
        columns=[*COLUMNS, *{key: 0 for one in rows for key in one if key not in COLUMNS}]
    )
    found = answer({"relations": relations} | tables)
    first = Evidence(relations).first
    texts = ([claim.text for claim in part] for part in (found.goes, found.not_established, found.unknown))
    return [*texts], (first.geometry, first.score)


def test_the_published_table_is_answered(known_answers):
    table = pd.read_csv(known_answers / "dimensionality/layers.csv", keep_default_na=False, na_values=[""])
    table["model"] = table.architecture + table.task + table.kind + table.source
    found = relate(table, [ED], ["score_it", "score_v4"], log=[ED])
    summary = {"relations": found.relations}
    first = next(claim for claim in answer(summary).goes if claim.text.startswith("score_it"))
    assert "score_it rises with log effective_dimensionality, r = 0.84 [0.77, 0.89], q < .001" in first.text
    assert "528 layers of 41 trained networks" in first.text
    assert "Supervised 0.79 [0.64, 0.88], Self-Supervised 0.91 [0.81, 0.96], Untrained 0.55 [−0.43, 0.94]" in first.text
    assert "Given relative depth and kind of training, it remains: r = 0.85 [0.77, 0.90]" in first.text
    shown = answer_table(summary)
    assert first.anchor in shown.anchors and len(shown.rows) == 3 == len({*shown.anchors})
    picture = Evidence(found.relations).first
    assert (picture.geometry, picture.score) == (ED, "score_it")


def test_a_difference_between_trained_and_untrained_networks_is_said_to_be_one(deepnsd):
    table = deepnsd.pivot(index=["model_string", "effective_dimensions", "training"], columns="metric", values="score")
    table = table.reset_index().rename(columns={"model_string": "model", "training": "kind"})
    found = relate(table, ["effective_dimensions"], ["CRSA", "WRSA"], log=["effective_dimensions"])
    said = answer({"relations": found.relations, "commonality": found.commonality})
    [first] = [claim.text for claim in said.not_established if claim.text.startswith("CRSA")]
    assert "no relation is established over 160 trained networks" in first and "ImageNet+ −0.01 [−0.23, 0.22]" in first
    assert "taken together have r = 0.59 [0.50, 0.67], but this is mostly the difference between them" in first
    assert "“trained?” explains 0.667, and both explain 0.675" in first
    assert said.unknown[0].text.startswith("There are too few OpenImages, Places256 and VGGFace2")


def test_trained_networks_are_asked_where_there_are_untrained_ones():
    rows = [row(0.9), row(0.9, given="kind"), row(0.2, 0.4, 0.5, "supervised"), row(0.5, within="untrained")]
    (goes, not_established, _), picture = told(rows)
    assert not_established[0].startswith("IT: no relation is established over 36 layers of 9 supervised networks")
    assert "0.20 [−0.20, 0.60], q = 0.500" in not_established[0] and "untrained 0.50 [0.40, 0.60]" in not_established[0]
    assert goes == ["Of 1 relation across supervised networks, 0 are established at a false discovery rate of 5 %."]
    assert picture == ("ED", "IT")


def test_kinds_with_too_few_networks_are_asked_together_without_their_means():
    nothing = {"value": np.nan, "low": np.nan, "high": np.nan, "p": np.nan, "q": np.nan, "families": 3}
    rows = [
        row(0.9),
        row(0.6, given="kind"),
        row(0, within="supervised") | nothing,
        row(0, within="untrained") | nothing,
    ]
    (goes, _, unknown), _ = told([*rows, row(0.1, 0.3, given="depth + kind")])
    assert goes[0].startswith("IT rises with log ED, r = 0.60 [0.50, 0.70], q = 0.001, over 36 layers of 9 networks")
    assert "within kinds of training" in goes[0] and "it is no longer established: r = 0.10 [−0.20, 0.40]" in goes[0]
    assert unknown[0].startswith("There are too few supervised and untrained networks")


def test_the_strongest_relation_that_remains_is_told_and_the_others_are_counted():
    rows = [row(0.9), row(-0.7, geometry="α"), row(0.1, 0.3, 0.4, geometry="noise")]
    rows += [
        row(0.1, 0.2, given="depth"),
        row(-0.6, given="depth", geometry="α"),
        row(0, given="depth", geometry="noise"),
    ]
    (goes, not_established, _), picture = told(rows)
    assert goes[0].startswith("IT falls with log α") and picture == ("α", "IT")
    assert "Of 2 other quantities, 1 is related to it too: log ED (r = 0.90 [0.80, 1.00])" in goes[0]
    assert goes[1].startswith("Of 3 relations across networks, 2 are established")
    assert not_established == ["Of 3 quantities, 1 goes with no score here: log noise."]
    (goes, _, _), _ = told([row(0.9), row(-0.7, geometry="α")])
    assert "Of 1 other quantity, 1 is related to it too" in goes[0]


def test_read_outs_of_labels_are_not_related_to_areas_that_were_simulated_from_labels():
    area = {"recording": "made", "area": "IT", "metric": "ridge_r", "score": "ridge_r@made/IT"}
    read_out, geometry = "linear_probe_top_1@scenes", f"{ED}@scenes"
    for simulated, leader in ((True, geometry), (False, read_out)):
        rows = [row(0.9, geometry=read_out), row(0.5, geometry=geometry)]
        (goes, _, unknown), picture = told([one | area | {"simulated": simulated} for one in rows])
        assert picture == (leader, "ridge_r@made/IT")
        assert any("read out of the labels" in text for text in unknown) is simulated
        assert goes[0].startswith("Predictivity of IT (made, simulated)" if simulated else "Predictivity of IT (made)")


@pytest.mark.parametrize(("families", "why"), [(3, "four families"), (9, "perfect correlations")])
def test_why_no_relation_has_an_interval_is_said(families, why):
    missing = {"low": np.nan, "high": np.nan}
    (_, _, unknown), _ = told([row(1.0, families=families) | missing])
    assert len(unknown) == 1 and why in unknown[0]


def test_kinds_of_enough_networks_that_do_not_vary_are_not_said_to_be_few():
    nothing = {"value": np.nan, "low": np.nan, "high": np.nan, "p": np.nan, "q": np.nan}
    (_, _, unknown), _ = told([row(0.5), row(0.5, within="a"), row(0, within="b") | nothing])
    assert not unknown


def test_nothing_is_said_without_relations():
    found = answer({"relations": pd.DataFrame(columns=COLUMNS)})
    assert not found.goes and not found.not_established and not found.unknown
    assert Evidence(pd.DataFrame(columns=COLUMNS)).question == ("", "")


@pytest.mark.parametrize("q, text", [(1e-5, "q < .001"), (0.049, "q = 0.049")])
def test_how_surely_is_said_by_q(q, text):
    assert text in told([row(0.9, q=q)])[0][0][0]


def test_what_chance_gives_is_said_beside_the_count():
    known = {"across": "layers", "within": "", "given": "", "relations": 363, "passed_p": 99, "chance_p": 25.2}
    known |= {"chance_p_high": 68.0, "passed_q": 40, "chance_q": 3.1, "chance_q_high": 9.0, "permutations": 200}
    chance = pd.DataFrame([known | {"scores": 3, "effective_scores": 1.4}])
    [_, claim] = told([row(0.9)], chance=chance)[0][0]
    assert "40 have q < .05, where chance gives 3.1 (95 %: up to 9)" in claim
    assert "99 have p < .05, where chance gives 25.2 (95 %: up to 68)" in claim and "worth 1.4 independent" in claim
    [_, claim] = told([row(0.9)], chance=chance.assign(chance_q=np.nan))[0][0]
    assert claim.startswith("Of 1 relation across networks, 1 is established")


def test_the_average_of_three_areas_is_told_before_them():
    areas = [row(0.9 - i / 10, score=f"ridge_r@a/V{i}", recording="a", area=f"V{i}", simulated=False) for i in range(3)]
    about = {"recording": "average", "area": "macaque areas", "simulated": False}
    average = row(0.4, score="ridge_r@average/macaque areas", **about)
    evidence = Evidence(pd.DataFrame([*areas, average]))
    assert evidence.scores[0] == average["score"] == evidence.first.score
    few = Evidence(pd.DataFrame([*areas[:2], average]))
    assert few.scores[-1] == average["score"] != few.first.score
    claims = answer({"relations": pd.DataFrame([*areas, average])}).goes
    assert "average of macaque areas" in claims[0].text and claims[-1].text.startswith("Of 3 relations")


def test_predictions_of_other_families_are_told_unless_they_pool_untrained_networks():
    known = {"geometry": "ED", "score": "IT", "accuracy": 0.4, "both": 0.6, "difference": 0.2, "low": 0.1, "high": 0.3}
    rows, added = [row(0.9)], pd.DataFrame([known])
    assert "it improves predictions" in told(rows, complementarity=added)[0][0][0]
    assert "0.20 [0.10, 0.30]" in told(rows, complementarity=added)[0][0][0]
    assert "does not reliably" in told(rows, complementarity=added.assign(low=-0.1))[0][0][0]
    pooled = [*rows, row(0.9, within="supervised"), row(0.9, within="untrained")]
    for relations, table in ((pooled, added), (rows, added.assign(low=np.nan)), (rows, added.assign(score="V4"))):
        assert "other families" not in told(relations, complementarity=table)[0][0][0]


def test_a_mixed_model_is_told_where_it_disagrees():
    mixed = pd.DataFrame([{"geometry": "ED", "score": "IT", "given": "kind", "value": 0.5, "low": 0.1, "high": 0.9}])
    assert "mixed model" not in told([row(0.9)], mixed=mixed)[0][0][0]
    for change in ({"low": -0.1}, {"value": -0.5, "low": -0.9, "high": -0.1}):
        text = told([row(0.9)], mixed=mixed.assign(**change))[0][0][0]
        assert "each network and each kind of training disagrees" in text

"""Tables of the report hold what is measured, in the order of the study."""

import pandas as pd
import synthetic

from ventral.across_models.associations import CHOICES
from ventral.report.all_tables import all_tables
from ventral.report.layer_tables import layer_tables
from ventral.report.score_tables import best_in_words, best_of_kinds


def test_parameters_stand_in_the_order_of_the_study():
    table = next(table for table in all_tables(synthetic.study()) if table.id == "deepest-layers")
    headings = [heading for heading, _ in table.columns[3:]]
    assert headings == [f"{letter} {name}" for letter in "FI" for name in synthetic.PARAMETERS]


def test_areas_of_recordings_stand_with_and_without_noise():
    study = synthetic.study(recorded=("simulated", "macaque_v4_210325"))
    table = next(table for table in all_tables(study) if table.id == "recorded-areas")
    rows = [[cell.text for cell in row] for row in table.rows]
    assert ["V4 (macaque_v4_210325)", "factorization for variation", *2 * ["0.78 [0.50, 20.00]"], "–", "400"] in rows
    assert ["V1 (simulated)", "ED", *(f"{ED} [0.50, 20.00]" for ED in ("14.00", "11.50", "9.00")), "400"] in rows
    assert ["V1 (simulated)", "object decoding", "0.35 [0.50, 20.00]", "–", "–", "400"] in rows
    assert ["V4 (simulated)", "two-way CKA with IT", "0.70 [0.50, 20.00]", "–", "–", "400"] in rows
    assert len(rows) == 3 * 2 + 2 + 3
    assert not next(table for table in all_tables(synthetic.study(recorded=())) if table.id == "recorded-areas").rows


def test_relations_are_the_strongest_of_many_and_none_is_undefined():
    study = synthetic.study()
    table = next(table for table in all_tables(study) if table.id == "relations")
    headline = study["relations"].query(
        "metric == 'ridge_r' and statistic == 'pearson' and within == '' and given == ''"
    )
    headline = headline[headline.across.isin(CHOICES)]
    strengths = [abs(row[3].value) for row in table.rows]
    assert strengths == sorted(strengths, reverse=True) and strengths[0] == headline.value.abs().max()
    total = headline.value.notna().sum()
    assert len(table.rows) == min(200, total) and (total <= 200 or f"of {total:,}; relations.csv" in table.note)
    assert not next(table for table in all_tables(synthetic.study(3)) if table.id == "relations").rows


def test_tables_of_the_deepest_layers_hold_them_and_only_what_is_measured():
    study = synthetic.study(2, 3, 1)
    [table] = layer_tables(study)
    assert [row[2].text for row in table.rows] == ["features.2", "features.2", "energy"]
    headings = [heading for heading, _ in table.columns]
    assert headings[3:6] == ["nearest mean 1-shot", "nearest mean 5-shot", "nearest mean 20-shot"]
    assert "projection distance" in headings and "signal" not in headings
    rows = study["geometry"].query("model == 'network1' and layer == 'features.2' and metric == 'max_margin_top_1'")
    cell = table.rows[1][headings.index("maximal margin 20-shot")]
    assert cell.value == rows.value[rows.parameter == "20-shot"].item()
    study["geometry"] = study["geometry"][study["geometry"].metric != "top_1_floor"]
    assert layer_tables(study) == []


def test_every_layer_has_its_scores_and_only_what_is_measured_is_shown():
    study = synthetic.study()
    rows = study["predictivity"]
    more = [rows[rows.metric == "ridge_r"].assign(metric=name, value=x) for name, x in (("pls_r", 0.25), ("rsa", 0.1))]
    study["predictivity"] = pd.concat([rows, *more], ignore_index=True)
    table = next(table for table in all_tables(study) if table.id == "scores")
    headings = [heading for heading, _ in table.columns]
    assert headings[:5] == ["area", "model", "training", "layer", "r"] and headings[-2:] == ["PLS r", "RSA"]
    why = {"alignment", "error radius", "error dimension"}
    assert {*headings[5:]} == {"r²/c", "RSA", "r, shuffled", "PLS r", *why}
    assert len(table.rows) == 3 * len(study["layers"])
    assert {(row[-2].text, row[-1].text) for row in table.rows} == {("0.25", "0.10")}


def test_the_best_of_each_kind_stand_beside_each_other():
    study = synthetic.study()
    table = best_of_kinds(study)
    assert [heading for heading, _ in table.columns] == ["area", "untrained", "baseline"]
    scored = study["predictivity"].query("metric == 'ridge_r' and recording == 'simulated' and area == 'V1'")
    [row] = [row for row in table.rows if row[0].text.startswith("V1")]
    assert [cell.value for cell in row[1:]] == [
        scored[scored.kind == kind].value.max() for kind in ("untrained", "baseline")
    ]
    best = max(row[1:], key=lambda cell: cell.value)
    kind = table.columns[1 + row[1:].index(best)][0]
    assert f"{row[0].text}: {kind} {best.value:.2f}, " in best_in_words(table)
    one_kind = best_of_kinds(study | {"layers": study["layers"].query("kind == 'untrained'")})
    assert not one_kind.rows and not best_in_words(one_kind)

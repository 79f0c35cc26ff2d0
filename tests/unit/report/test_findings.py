"""Sentences of the report do not say more than the tables."""

import re

import pandas as pd
import synthetic

from ventral.figures.drawing import caption
from ventral.report.all_tables import all_tables
from ventral.report.answer import answer
from ventral.report.findings import caveats, findings
from ventral.report.layer_tables import layer_tables
from ventral.report.methods import methods


def texts(claims):
    """The sentences of some claims."""
    return [claim.text for claim in claims]


def unknown(study):
    """What the answer of a study says that it cannot tell."""
    return texts(answer(study).unknown)


def test_three_networks_are_too_few_for_relations():
    assert not any("four families" in text for text in unknown(synthetic.study()))
    assert any("four families" in text for text in unknown(synthetic.study(3)))


def test_accuracy_is_related_across_models_and_is_no_geometry():
    study = synthetic.study()
    before = texts(answer(study).goes)
    assert "Accuracy and predictivity" not in findings(study)
    related = study["relations"]
    alike = related[related.geometry == "effective_dimensionality@naturalistic"]
    alike = alike.assign(geometry="head_top_1@naturalistic", value=0.97)
    study["relations"] = pd.concat([related, alike.assign(low=0.9, high=0.99)], ignore_index=True)
    assert texts(answer(study).goes) == before  # neither counted nor the strongest
    said = texts(findings(study)["Accuracy and predictivity"])
    assert len(said) == 3 and said[0].startswith("Predictivity of V1 (simulated) by the best layer of each network")
    assert all("r = 0.97 [0.90, 0.99], over 8 networks." in text for text in said)


def test_a_study_without_recordings_has_no_relations_to_tell():
    study = synthetic.study(recorded=())
    study["relations"] = study["relations"].astype({"geometry": "str", "score": "str"})  # as they are read
    assert not answer(study).goes and not unknown(study) and "Accuracy and predictivity" not in findings(study)


def test_networks_of_one_entry_are_counted_as_one():
    study = synthetic.trained(entries=("first", "second"), seeds=(0, 1))
    assert study["relations"].value.isna().all()  # thirteen networks, three families
    assert any("four families" in text for text in unknown(study))
    study = synthetic.trained(entries=("first", "second", "third"), seeds=(0, 1))
    said = texts([*answer(study).goes, *answer(study).not_established])
    assert any("38 layers of 19 networks in 4 families within kinds of training" in text for text in said)
    text = caption("dimensionality", study)
    assert "19 networks in 4 families" in text and "leaves out one family" in text
    table = next(table for table in all_tables(study) if table.id == "relations")
    assert [cell.text for cell in table.rows[0]][-2:] == ["19", "4"] and "than four families have it" in table.note
    assert len(table.columns) == len(table.rows[0])
    plain = next(table for table in all_tables(synthetic.study()) if table.id == "relations")
    assert [heading for heading, _ in plain.columns][-1] == "networks" and "leaves out one model" in plain.note


def geometry_sentences(study):
    """All that is said of geometry."""
    said = findings(study)
    return texts([*said["Factorization and invariance"], *said["Dimensionality and classes"]])


def test_findings_say_how_far_correcting_goes_and_which_parameters_share_axes():
    study = synthetic.study()
    rows = study["geometry"]
    pair = (rows.parameter == "pose") & (rows.against == "lighting") & ~rows.model.isin([*synthetic.BASELINES])
    rows.loc[pair, "value"] = 0.03
    changed = (rows.metric == "corrected_covariance_factorization") & (rows.model == "network5")
    rows.loc[changed, ["value", "low", "high"]] -= 1
    said = geometry_sentences(study)
    assert any(
        "8 untrained networks: 0.10, lower in 4 of 32, outside the interval in 4 of 32." in text for text in said
    )
    assert any("over 12 ordered pairs on scenes" in text and "pose against lighting 0.03" in text for text in said)


def test_findings_on_samples_and_classes_have_their_ranges_chance_and_a_better_baseline():
    study = synthetic.study()
    rows = study["geometry"]
    five = (
        (rows.metric == "prototype_top_1") & (rows.parameter == "5-shot") & (rows.layer.isin(["features.3", "energy"]))
    )
    rows.loc[five, ["value", "low", "high"]] = (0.3, 0.2, 0.4)
    rows.loc[five & (rows.model == "network1"), ["value", "low", "high"]] = (0.5, 0.4, 0.6)
    rows.loc[five & (rows.model == "pixels"), "value"] = 0.7
    said = geometry_sentences(study)
    [classes] = [text for text in said if "class means" in text]
    assert "chance 10 %): 8 untrained networks: 30 % (30 % to 50 %). The best is network1, with 40 % to 60 %" in classes
    assert "pixels, names 70 %, which is more" in classes
    assert any("with 50 of the 400 images" in text and "corrected 1.00 (1.00 to 1.00)" in text for text in said)


def test_networks_of_different_training_are_never_in_one_number_and_one_network_has_no_median():
    study = synthetic.study()
    alone = study["layers"].model == "network0"
    for table in ("layers", "geometry"):
        study[table].loc[study[table].model == "network0", "kind"] = "supervised"
    study["layers"].loc[alone, "effective_dimensionality@naturalistic"] = [1, 2, 3, 900]
    [dimensionality] = [text for text in geometry_sentences(study) if text.startswith("Effective dimensionality over")]
    assert "network0 (supervised): 1.0 (features.0) to 900.0 (features.3); 7 untrained networks: " in dimensionality
    assert dimensionality.count("900") == 1
    for text in geometry_sentences(study):
        assert "network0 (supervised): " in text and "7 untrained networks: " in text
        assert " to " not in text.split("network0 (supervised): ")[1].split(";")[0] or text == dimensionality


def test_claims_say_where_their_numbers_are():
    for claims in findings(synthetic.study(2, 2, 1, augmentations=True)).values():
        for claim in claims:
            assert claim.text[0].isupper() and claim.text.endswith(".")
            assert re.match(r"(geometry|predictivity|relations|layers|equivariance)\.csv: \w+ = .+", claim.rows)


def test_augmentations_have_their_sentences_tables_and_methods():
    study = synthetic.study(2, 2, 1, augmentations=True)
    [same, content, places, decoded] = texts(findings(study)["Equivariance"])
    assert "same augmentations of two images" in same and "2 untrained networks: 0.30 (0.30 to 0.30)." in same
    assert "all clean images" in content and "place and of color" in places
    assert "2 untrained networks: crop x best (r = 0.70), hue worst (0.10)." in decoded
    found = {table.id: table for table in layer_tables(study)}
    assert list(found) == ["classes-naturalistic", "equivariance-augmented", "decoding-augmented"]
    assert found["equivariance-augmented"].rows[0][3].text == "0.30 [0.20, 0.40]"
    assert [heading for heading, _ in found["decoding-augmented"].columns] == [
        "model",
        "training",
        "layer",
        "crop x",
        "hue",
    ]
    assert "Equivariance" in {method.heading for method in methods(study)}


def test_a_study_without_baselines_is_told_that_it_has_no_controls():
    config = {"models": synthetic.NETWORKS | synthetic.BASELINES}
    said = {n: caveats(synthetic.study(baselines=n), config) for n in (0, 2)}
    assert any("baseline" in note for note in said[0]) and not any("baseline" in note for note in said[2])
    none_recorded = synthetic.study(baselines=0, recorded=())
    assert not any("baseline" in note for note in caveats(none_recorded, config))

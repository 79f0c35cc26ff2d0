"""The table of a sweep over λ has the answer that was put in, and figure, caption and report say no more than it."""

import numpy as np
import pandas as pd
import pytest
import synthetic
from scipy.stats import t

from ventral.core.table_files import write_table
from ventral.figures.drawing import caption, draw
from ventral.report.findings import findings
from ventral.report.methods import methods
from ventral.report.training_section import sweep_table, training_notes
from ventral.summary.sweep import COLUMNS, gather_logs, sweep

SHARED = "augmentation_augmentation_cosine"


def known(seeds=(0, 1, 2), weights=(0.0, 0.2, 0.5), slope=0.4):
    """A study whose shared variability is 0.1 × (seed + 1) + slope × λ, and a little of the seed at λ = 0.5."""
    tables = synthetic.trained(seeds=seeds, weights=weights)
    about = tables["training"].drop_duplicates("network").set_index("network")
    geometry = tables["geometry"].copy()
    chosen = geometry.metric == SHARED
    seed, weight = (geometry.model.map(about[key]) for key in ("seed", "lambda"))
    geometry.loc[chosen, "value"] = (0.1 * (seed + 1) + slope * weight + 0.01 * seed * (weight == 0.5))[chosen]
    tables["geometry"] = geometry
    return tables | {"equivariance": sweep(tables, tables["training"])}


def rows(tables, metric, parameter="", layer="layer1"):
    table = tables["equivariance"]
    chosen = (table.metric == metric) & (table.parameter == parameter) & (table.layer == layer)
    return table[chosen].set_index("lambda")


def test_means_and_differences_are_those_that_were_put_in():
    found = rows(known(), SHARED)
    assert list(known()["equivariance"].columns) == COLUMNS
    np.testing.assert_allclose(found.value, [0.2, 0.28, 0.41])
    np.testing.assert_allclose(found.difference, [np.nan, 0.08, 0.21])
    assert list(found.n) == [3, 3, 3] and list(found.difference_n) == [0, 3, 3]


def test_intervals_are_those_of_student_and_differences_are_paired_by_seed():
    found = rows(known(), SHARED)
    half = t.ppf(0.975, 2) * np.std([0.1, 0.2, 0.3], ddof=1) / np.sqrt(3)
    np.testing.assert_allclose(found.high - found.value, [half, half, half * 1.1])
    # What seeds have in common with their baselines is gone: at λ = 0.2 nothing is left.
    np.testing.assert_allclose(found.difference_high - found.difference_low, [np.nan, 0, 0.2 * half], atol=1e-12)


def test_one_seed_has_no_interval_and_the_words_say_so():
    tables = known(seeds=(4,))
    found = tables["equivariance"]
    assert found[["low", "high", "difference_low", "difference_high"]].isna().all(axis=None)
    assert found.value.notna().any() and (found.n <= 1).all()
    assert "one seed" in caption("equivariance", tables)
    [sentence] = [claim.text for claim in findings(tables)["Equivariant training"]]
    assert "+0.240 (rising at every step)" in sentence and "none of this is established" in sentence
    assert "one seed only" in training_notes(tables, [])[0]


def test_without_a_baseline_there_are_no_differences():
    tables = known(weights=(0.2, 0.5))
    assert tables["equivariance"].difference.isna().all() and tables["equivariance"].value.notna().any()
    assert not draw("equivariance", tables).axes and "Equivariant training" not in findings(tables)
    assert "trained without λ = 0" in training_notes(tables, ["sweep"])[-1]


def test_a_seed_without_its_own_baseline_counts_for_the_value_only():
    tables = known()
    lost = ~((tables["geometry"].model == "sweep_lambda0_seed2") & (tables["geometry"].metric == SHARED))
    tables["geometry"] = tables["geometry"][lost]
    found = rows({"equivariance": sweep(tables, tables["training"])}, SHARED)
    assert list(found.n) == [2, 3, 3] and list(found.difference_n) == [0, 2, 2]
    np.testing.assert_allclose(found.difference[0.5], 0.205)


def test_decoding_has_the_mean_over_parameters_known_in_every_network():
    tables = known()
    found = rows(tables, "decoding_r", "mean")
    np.testing.assert_allclose(found.value, 0.4)  # of 0.7 and 0.1
    geometry = tables["geometry"].copy()
    unknown = (geometry.model == "sweep_lambda0.2_seed1") & (geometry.parameter == "hue")
    geometry.loc[unknown & (geometry.metric == "decoding_r"), "value"] = np.nan
    table = sweep(tables | {"geometry": geometry}, tables["training"])
    np.testing.assert_allclose(rows({"equivariance": table}, "decoding_r", "mean").value, 0.7)


def test_other_models_and_controls_are_left_out():
    table = known()["equivariance"]
    assert set(table.layer) == {"layer0", "layer1"} and set(table.entry) == {"sweep"}
    assert "ridge_r" in set(table.metric) and not {"ridge_r_shuffled", "ceiling"} & set(table.metric)
    assert set(table.recording) == {"", "simulated"} and table.simulated[table.recording == "simulated"].all()


def test_the_figure_shows_the_deepest_layer_and_more_is_up():
    tables = known()
    panels = {ax.get_title(loc="left"): ax for ax in draw("equivariance", tables).axes}
    assert len(panels) == 6 and "Predictivity (simulated)" in panels
    mean = panels["Shared augmentation variability"].lines[0]
    np.testing.assert_allclose(mean.get_xydata(), [[0, 0], [0.2, 0.08], [0.5, 0.21]])
    geometry = tables["geometry"].assign(metric=tables["geometry"].metric.str.replace(SHARED, "lost"))
    geometry["metric"] = geometry.metric.str.replace("augmentation_content_cosine", SHARED)
    geometry["metric"] = geometry.metric.str.replace("lost", "augmentation_content_cosine")
    swapped = tables | {"geometry": geometry}
    swapped["equivariance"] = sweep(swapped, tables["training"])
    panels = {ax.get_title(loc="left"): ax for ax in draw("equivariance", swapped).axes}
    np.testing.assert_allclose(panels["Augmentation–content factorization"].lines[0].get_ydata(), [0, -0.08, -0.21])


def test_the_report_tells_established_from_not():
    tables = known()
    [sentence] = [claim.text for claim in findings(tables)["Equivariant training"]]
    assert "shared augmentation variability changes by +0.210 [" in sentence
    assert "spatial–photometric factorization changes by" in sentence and "over 3 seeds excludes 0" in sentence
    table = sweep_table(tables)
    assert len(table.rows) == 3 * (3 + 5)  # three areas and five analyses
    assert "Equivariant training" in [method.heading for method in methods(tables)]
    assert "Equivariant training" not in [method.heading for method in methods(synthetic.study(2, 2, 0))]


def test_choices_of_observers_have_their_panel_and_their_rows():
    tables = synthetic.trained(recorded=("choices",))
    titles = [ax.get_title(loc="left") for ax in draw("equivariance", tables).axes]
    assert titles[0] == "Predictivity of choices" and "Predictivity" not in titles
    assert "predictivity of choices: i2n" in {row[1].text for row in sweep_table(tables).rows}
    assert "predictivity of choices in" in findings(tables)["Equivariant training"][0].text.lower()


def test_an_absent_figure_does_not_deny_the_networks():
    text = caption("equivariance", {"equivariance": None})
    assert "λ = 0" in text and "no networks" not in text


def test_entries_with_one_seed_are_named():
    training = synthetic.trained(entries=("first", "second"), seeds=(0, 1))["training"]
    assert training_notes({"training": training}, []) == []
    fewer = training[(training.entry == "first") | (training.seed == 0)]
    [note] = training_notes({"training": fewer}, [])
    assert note.startswith("Networks of second ")


def test_a_loss_with_a_factorization_term_says_so_and_shows_it():
    training = synthetic.trained()["training"].assign(factorization=0.0)
    assert "factorization" not in caption("curve", {"training": training})
    training.loc[training["lambda"] > 0, "factorization"] = 0.3
    assert "+ w × factorization term" in caption("curve", {"training": training})
    assert "factorization term" in [ax.get_title(loc="left") for ax in draw("curve", {"training": training}).axes]


def test_an_entry_has_panels_of_its_own_terms_only():
    training = synthetic.trained()["training"]
    asked = training[training["lambda"] == 0].assign(entry="turned", objective="rotation", accuracy=0.5)
    asked = asked.assign(network="turned_seed" + asked.seed.astype(str), invariant=np.nan, equivariant=np.nan)
    table = pd.concat([training[training.entry != asked.entry.iloc[0]], asked], ignore_index=True)
    panels = {(entry, title): 0 for entry in table.entry.unique() for title in ("invariant term", "right answers")}
    figure = draw("curve", {"training": table})
    rows = np.reshape(figure.axes, (table.entry.nunique(), -1))
    for entry, row in zip(table.entry.unique(), rows, strict=True):
        panels |= {(entry, ax.get_title(loc="left")): ax.get_visible() for ax in row}
    for entry in table.entry.unique():
        assert panels[entry, "invariant term"] == (entry != "turned")
        assert panels[entry, "right answers"] == (entry == "turned")
    assert "share of views" in caption("curve", {"training": table})


def test_logs_are_stacked_under_the_names_of_their_networks(tmp_path):
    networks = {}
    for name, weight in (("a_lambda0_seed0", 0), ("a_lambda0.2_seed0", 0.2)):
        networks[name] = {"entry": "a", "objective": "mmcr", "lambda": weight, "seed": 0, "batch": 4}
        log = pd.DataFrame({"epoch": [1, 2], "loss": [2.0, 1.0], "equivariant": [weight or np.nan] * 2})
        write_table(log, tmp_path / name / "log.csv")
    table = gather_logs([tmp_path / name / "log.csv" for name in networks], networks)
    assert list(table.columns) == ["network", "entry", "objective", "lambda", "seed", "epoch", "loss", "equivariant"]
    assert list(table.network) == [name for name in networks for _ in range(2)]
    text = caption("curve", {"training": table})
    assert "Training of 2 networks (mmcr) over 2 epochs" in text


@pytest.mark.parametrize("epochs", [1, 10])
def test_the_curve_of_one_network_has_its_name_and_its_panels(epochs):
    training = synthetic.trained()["training"]
    one = training[(training.network == "sweep_lambda0_seed0") & (training.epoch <= epochs)]
    figure = draw("curve", {"training": one})
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles == ["loss", "invariant term", "dimensionality", "probe"]  # λ = 0 has no equivariant term
    assert figure.get_suptitle() == "Training of sweep_lambda0_seed0"

"""Relations of a study: which columns are related, which count as separate questions, and what is held fixed."""

import numpy as np
import pandas as pd
import pytest
import synthetic

from ventral.catalog import METRICS
from ventral.core.hdf5 import create_hdf5
from ventral.metrics import Role
from ventral.predictivity.area_scores import CEILED
from ventral.summary import gather_sizes
from ventral.summary.recording_averages import recording_averages
from ventral.summary.study_relations import distinct, rivals, study_relations


def layers():
    """Eight networks whose scores follow from x."""
    rng = np.random.default_rng(0)
    table = synthetic.models(8, 3, 1)
    x = np.exp(rng.standard_normal(len(table)))
    table["effective_dimensionality@scenes"] = x
    table["components_80@scenes"] = x**2
    return table.assign(**{"ridge_r@simulated/IT": np.tanh(np.log(x) + 0.3 * rng.standard_normal(len(table)))})


def test_one_metric_of_each_quantity_and_one_score_of_an_area_are_separate_questions():
    names = ["components_80@a", "effective_dimensionality@a", "alpha@a", "components_80@b", "pls_r@r/V4"]
    names += ["ridge_r@r/V4", "i1@choices/all", "i2n@choices/all", "invariance[pose]@a", "invariance[lighting]@a"]
    names += ["few_shot_snr[20-shot]@a", "few_shot_snr[5-shot]@a", "logistic_top_1[5-shot]@a"]
    names += ["prototype_top_1[20-shot]@a", "prototype_top_1[5-shot]@a", "head_top_5@photos"]
    assert {*names} - distinct(names) == {
        *("components_80@a", "pls_r@r/V4", "i1@choices/all"),
        *("few_shot_snr[5-shot]@a", "logistic_top_1[5-shot]@a", "prototype_top_1[5-shot]@a"),
    }


def test_different_quantities_are_separate_questions_whatever_measures_them():
    names = ["intrinsic_dimension", "projection_distance", "augmentation_content_cosine", "spatial_photometric_cosine"]
    names += ["few_shot_snr", "manifold_dimension", "whitened_effective_dimensionality", "alpha", "two_way_cka"]
    together = [f"{name}@a" for name in METRICS if METRICS[name].related and METRICS[name].role is Role.GEOMETRY]
    assert {f"{name}@a" for name in names} < distinct(together)


def test_scale_origin_and_what_is_held_fixed_follow_from_the_columns():
    table = layers().assign(**{"head_top_1@photos": lambda t: t.model.str[-1].map(ord) % 5 / 10})
    table["kind"] = np.where(table.baseline, "baseline", np.where(table.model < "network4", "untrained", "supervised"))
    found = study_relations(table, synthetic.recordings("simulated"))["relations"]
    assert (found.recording == "simulated").all() and (found.area == "IT").all() and found.simulated.all()
    assert set(found.scale[found.geometry == "effective_dimensionality@scenes"]) == {"log"}
    assert {"depth", "log n_features", "accuracy", "kind", "trained"} <= {*found.given}
    assert "depth + log n_features + accuracy + kind" in {*found.given}
    assert {*found.within} == {"", "untrained", "supervised"} and found.models.max() == 8
    once = found[found.geometry == "components_80@scenes"]
    assert {*once.across} == {"layers"} and {*once.given} == {*once.within} == {""}
    assert once.q.isna().all() and once.value.notna().any()


def test_dimensionality_is_compared_with_factorization_on_all_images():
    names = ["effective_dimensionality@a", "alpha@a", "factorization[pose]@b", "factorization[light]@b", "invariance@b"]
    dimensionality, _, *factorization = names[:-1]
    assert rivals(names) == [(dimensionality, one) for one in factorization]
    table = layers().assign(**{factorization[0]: lambda t: t["ridge_r@simulated/IT"] ** 2})
    shared = study_relations(table, synthetic.recordings("simulated"))["commonality"]
    assert {*shared.other} == {"factorization[pose]@b"} and {*shared.score} == {"ridge_r@simulated/IT"}


def test_scores_that_relations_leave_out_have_the_relations_of_another():
    table = layers()
    r = table["ridge_r@simulated/IT"]
    scores = {name.format("ridge"): formula(r, 0.7) for name, formula in CEILED.items()}
    table = table.assign(**{f"{name}@simulated/IT": values for name, values in scores.items()})
    related = {*study_relations(table, synthetic.recordings("simulated"))["relations"].metric}
    assert related == {"ridge_r", "ridge_r^2/c"}
    for name in scores:
        if METRICS[name].same_as:
            of, other = (table[f"{metric}@simulated/IT"] for metric in (name, METRICS[name].same_as))
            assert of.corr(other, method="spearman") == pytest.approx(1)


def test_sizes_are_the_most_over_stimulus_sets(tmp_path):
    for stimuli, size in (("a", 64), ("b", 4096)):
        path = tmp_path / stimuli / "network" / "1.10.h5"
        path.parent.mkdir(parents=True)
        with create_hdf5(path) as file:
            file.attrs["n_features"] = size
    found = gather_sizes(tmp_path.rglob("*.h5"))
    expected = pd.DataFrame({"model": ["network"], "layer": ["1.10"], "n_features": [4096]})
    pd.testing.assert_frame_equal(found, expected)


def test_recordings_are_averaged_by_species_and_simulated_ones_apart():
    recordings = pd.DataFrame(
        [("a", False, "macaque"), ("b", False, "human"), ("c", False, ""), ("s", True, "")],
        columns=["recording", "simulated", "species"],
    )
    names = ["ridge_r@a/V4", "ridge_r@a/IT", "ridge_r@b/V1", "ridge_r@c/V1", "ridge_r@s/V1", "ridge_r@s/IT", "rsa@a/V4"]
    a, b, c, s = names[:2], names[2:3], names[3:4], names[4:6]
    found = recording_averages(["alpha@scenes", *names], recordings)
    assert found == {
        "ridge_r@average/simulated areas": s,
        "ridge_r@average/all areas": a + b + c,
        "ridge_r@average/macaque areas": a,
    }
    assert recording_averages(a, recordings) == {"ridge_r@average/macaque areas": a}
    assert recording_averages(c + b, recordings) == {"ridge_r@average/all areas": c + b}
    observed = ["observed_rsa@b/V1", "observed_rsa@b/V4"]
    assert recording_averages([*observed, *b], recordings) == {"observed_rsa@average/human areas": observed}
    assert recording_averages(b + s[:1], recordings) == recording_averages([], recordings) == {}


def test_a_study_relates_averages_and_says_whether_they_are_simulated():
    rng = np.random.default_rng(1)
    table = layers()
    named = {"ridge_r@macaque/V4": "ridge_r@simulated/IT", "ridge_r@human/V4": "ridge_r@simulated/IT"}
    for column, of in {"ridge_r@simulated/V1": "ridge_r@simulated/IT", **named}.items():
        table[column] = table[of] + rng.standard_normal(len(table))
    recordings = pd.DataFrame({"recording": ["simulated", "macaque", "human"], "simulated": [True, False, False]})
    found = study_relations(table, recordings.assign(species=["", "macaque", "human"]))
    averages = {"ridge_r@average/simulated areas", "ridge_r@average/all areas"}
    assert averages == {*found["layers"]} - {*table}
    marked = found["relations"].groupby("score").simulated.unique().str[0]
    assert marked["ridge_r@average/simulated areas"] and not marked["ridge_r@average/all areas"]
    assert found["layers"].loc[table.baseline, [*averages]].isna().all(axis=None)
    again = study_relations(found["layers"], recordings.assign(species=["", "macaque", "human"]))
    pd.testing.assert_frame_equal(found["layers"], again["layers"])

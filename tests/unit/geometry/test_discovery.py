"""Kinds of change that are known by construction are found without labels, with their subspaces."""

import numpy as np
import pandas as pd
import pytest
from exact_gram import exact
from hidden_changes import planted
from sklearn.metrics import adjusted_rand_score

from ventral.core.random import generator
from ventral.core.unit_rows import unit_rows
from ventral.geometry.balanced_kinds import memberships, most_probable
from ventral.geometry.changes import Groups, changes, groups_of, varying
from ventral.geometry.discovery import FAMILY, adjusted_rand_index, discovery_rows, of_content, rounds, shuffled
from ventral.geometry.family import Layer
from ventral.geometry.hidden_kinds import hidden_kinds, mixture, relative
from ventral.geometry.joint_subspaces import joint_subspaces, overlap
from ventral.geometry.recording_geometry import measure_recording
from ventral.geometry.spectrum import spectrum
from ventral.recordings import Recording

ALONE = np.arange(40)


def rows_of(X, table):
    G = exact(X)
    rows = pd.DataFrame(discovery_rows(Layer(G, spectrum(G), table, (0.9,), 0)))
    return rows if "against" in rows else rows.assign(parameter=np.nan, against=np.nan)


def value(rows, metric, against=""):
    return rows[(rows.metric == f"discovered_{metric}") & (rows.against.fillna("") == against)].value.mean()


def simulated(seed=0, **case):
    X, table, _ = planted(np.random.default_rng(seed), **case)
    return rows_of(X, table)


def test_orthogonal_kinds_are_found_with_their_subspaces():
    rows = simulated()
    assert value(rows, "kinds") == 3 and value(rows, "agreement") == 1
    assert value(rows, "overlap", "change") > 0.97 > 0.8 > value(rows, "overlap_shuffled", "change")
    assert value(rows, "factorization", "content") > 0.9 and value(rows, "factorization", "other change") > 0.85
    known = rows[rows.metric.isin(["discovered_overlap", "discovered_factorization"])]
    assert (known.low <= known.high).all() and (known.low <= known.value + 1e-9).all()
    pd.testing.assert_frame_equal(rows, simulated())


@pytest.mark.parametrize(("angle", "factorization"), [(60, 0.68), (30, 0.23)])
def test_overlapping_kinds_are_found_and_not_called_separate(angle, factorization):
    rows = simulated(angle=angle)
    assert value(rows, "kinds") == 3 and value(rows, "agreement") > 0.9
    assert value(rows, "factorization", "other change") == pytest.approx(factorization, abs=0.05)


def test_kinds_that_share_axes_with_content_are_not_called_factorized():
    assert value(simulated(onto_content=45), "factorization", "content") == pytest.approx(0.49, abs=0.08)


@pytest.mark.parametrize("n_parameters", [1, 4])
def test_several_groups_of_a_scene_do_not_bias_factorization_against_content(n_parameters):
    scene, found = np.repeat(np.arange(24), n_parameters), []
    images, sizes = np.arange(24 * n_parameters * 6), np.full(len(scene), 6)
    groups = Groups(images, sizes, np.repeat("one kind", len(scene)), scene)
    for seed in range(12):
        rng = np.random.default_rng(seed)
        X = np.pad(rng.standard_normal((24, 30)), ((0, 0), (0, 15)))[np.repeat(scene, 6)]
        X[:, 15:] += 0.7 * rng.standard_normal((len(X), 30))  # half of the change is inside content
        layer = Layer(exact(X), None, None, (0.9,), seed)
        every = np.ones(len(scene), dtype=bool)
        found.append(of_content(layer, groups, every, every[None], False)[0])
    assert np.mean(found) == pytest.approx(0.5, abs=0.04)


def test_rounds_hold_every_chosen_group_once_and_no_scene_twice():
    scene, chosen = np.array([0, 0, 1, 2, 1, 0, 3]), np.array([1, 1, 1, 1, 1, 0, 1], dtype=bool)
    sizes = np.array([6, 6, 6, 6, 6, 6, 6])
    parts = rounds(scene, sizes, chosen, 0)
    assert sorted(np.concatenate(parts)) == [*np.flatnonzero(chosen)] and len(parts) == 2
    assert all(len({*scene[part]}) == len(part) for part in parts)
    sizes[2] = 4
    assert [2] in [part.tolist() for part in rounds(scene, sizes, chosen, 0)]


@pytest.mark.parametrize("case", [{"angle": 0}, {"turned": True}, {"noise": 2.0}, {"kinds": 1}], ids=str)
def test_one_kind_is_found_if_there_are_no_kinds(case):
    rows = simulated(**case)
    assert value(rows, "kinds") == 1
    if "kinds" in case:  # one parameter, as in clips, has nothing to agree with
        assert {*rows.metric} == {"discovered_kinds", "discovered_factorization"}
    else:
        assert value(rows, "agreement") == 0
        assert value(rows, "overlap", "change") == pytest.approx(value(rows, "overlap_shuffled", "change"))


def test_what_is_found_does_not_depend_on_names_rotation_or_scale():
    rng = np.random.default_rng(1)
    X, table, _ = planted(rng, noise=0.5)
    rotated = 7 * X @ np.linalg.qr(rng.standard_normal((40, 40)))[0] + 3
    rows, again = rows_of(X, table), rows_of(rotated, table.replace({"parameter0": "zoom"}))
    both = rows.replace({"parameter0": "zoom"}).merge(again, on=["metric", "parameter", "against"])
    assert len(both) == len(rows)
    np.testing.assert_allclose(both.value_x, both.value_y, atol=1e-6)


def test_coordinates_are_those_of_the_responses():
    X, table, _ = planted(np.random.default_rng(2), scenes=6)
    groups = groups_of(table, generator("draw"))
    C = changes(exact(X), groups)
    responses = X[groups.images].reshape(len(groups.sizes), -1, X.shape[1])
    Y = responses - responses.mean(axis=1, keepdims=True)
    S = np.einsum("gli,glj->gij", Y, Y)
    np.testing.assert_allclose(C.products, np.einsum("gij,hij->gh", S, S) / 25)
    Y = Y / np.sqrt(np.einsum("gii->g", S))[:, None, None]
    axes = np.linalg.eigh(np.einsum("gli,glj->ij", Y, Y))[1][:, ::-1][:, : groups.n_axes]
    np.testing.assert_allclose(np.trace(C.scatter, axis1=1, axis2=2), np.sum((Y @ axes) ** 2, axis=(1, 2)))
    means = np.array([responses[groups.scene == scene].mean(axis=(0, 1)) for scene in range(6)])
    means = means - means.mean(axis=0)
    np.testing.assert_allclose(C.content @ C.content.T, means @ axes @ axes.T @ means.T / np.sum(means**2), atol=1e-10)


def test_orthogonal_covariances_have_their_axes_as_subspaces():
    rng = np.random.default_rng(3)
    basis = np.linalg.qr(rng.standard_normal((9, 9)))[0].reshape(9, 3, 3)
    M = np.einsum("iak,jak->aij", np.swapaxes(basis, 1, 1), basis) * np.array([1, 2, 0.5])[:, None, None]
    U, owner = joint_subspaces(M)
    np.testing.assert_allclose(U.T @ U, np.eye(9), atol=1e-10)
    for k in range(3):
        assert overlap(basis[:, k], U, owner == k) == pytest.approx(1, abs=1e-6)
        assert overlap(basis[:, k], U, owner != k) == pytest.approx(0, abs=1e-6)


def test_agreement_is_that_of_scikit_learn():
    rng = np.random.default_rng(4)
    for _ in range(5):
        first, second = rng.integers(0, 3, 40), rng.integers(5, 9, 40)
        assert adjusted_rand_index(first, second, ALONE) == pytest.approx(adjusted_rand_score(first, second))
        assert adjusted_rand_index(first, first * 2, ALONE) == 1
    assert adjusted_rand_index(np.zeros(40), ALONE % 2, ALONE) == 0


@pytest.mark.parametrize("shape", [(5, 2), (24, 4)])
def test_balanced_kinds_at_random_agree_by_zero_on_average(shape):
    rng, scene = np.random.default_rng(12), np.repeat(np.arange(shape[0]), shape[1])
    parameter = np.tile(np.arange(shape[1]), shape[0])
    found = [adjusted_rand_index(shuffled(parameter, scene, rng), parameter, scene) for _ in range(300)]
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(300)


def test_shuffled_kinds_keep_the_kinds_of_scenes_together():
    rng = np.random.default_rng(13)
    scene = rng.permutation(np.repeat(np.arange(40), np.repeat([1, 2, 3], [20, 10, 10])))
    kinds = most_probable(rng.standard_normal((len(scene), 4)), scene)
    again = shuffled(kinds, scene, rng)
    for groups in (1, 2, 3):
        before, after = (
            sorted(sorted(each[scene == one]) for one in np.flatnonzero(np.bincount(scene) == groups))
            for each in (kinds, again)
        )
        np.testing.assert_array_equal(before, after)
    assert (again != kinds).mean() > 0.5


def designed(design):
    """Responses to 24 scenes that show some of four parameters, and their table."""
    X, table, _ = planted(np.random.default_rng(14), kinds=4)
    scene, parameter = table.scene.str[-3:].astype(int), table.parameter.str[-1].astype(int)
    shown = {
        "two of four": (parameter - scene) % 4 < 2,
        "two pairs": parameter // 2 == scene % 2,
        "one, but two once": (parameter == scene % 4) | ((scene == 0) & (parameter == 1)),
        "all but once": (scene > 0) | (parameter > 0),
    }[design].to_numpy()
    return X[shown], table[shown].reset_index(drop=True)


@pytest.mark.parametrize("design", ["two of four", "two pairs", "one, but two once", "all but once"])
def test_all_kinds_are_found_though_scenes_do_not_show_all_of_them(design):
    rows = rows_of(*designed(design))
    assert value(rows, "kinds") == 4 and value(rows, "agreement") == pytest.approx(1)


@pytest.mark.parametrize("seed", range(6))
def test_sparse_layers_with_changes_that_no_other_scene_shares_are_measured(seed):
    rng = np.random.default_rng(seed)
    scenes = int(rng.integers(6, 16))
    scene, changed = np.repeat(np.arange(scenes), 2), np.tile([0, 1], scenes)
    changed = np.where(rng.random(len(scene)) < 0.3, 2 + scene, changed)
    X = (np.eye(2 + scenes)[changed][:, None] * np.tile([2, -2], 3)[:, None]).reshape(-1, 2 + scenes)
    X = X + np.repeat(rng.standard_normal((scenes, 2 + scenes)), 12, axis=0)
    key = {"scene": np.repeat(scene, 6), "parameter": np.repeat(np.tile(["one", "other"], scenes), 6)}
    table = pd.DataFrame(key).assign(level=np.tile(np.arange(6), len(scene)), label="")
    table["stimulus_id"] = table.index.astype(str)
    assert np.isfinite(rows_of(X, table).value).all()


def test_expectation_maximization_never_lowers_the_likelihood_it_maximizes(monkeypatch):
    X, table, _ = planted(np.random.default_rng(5), noise=0.5)
    groups = groups_of(table, generator("draw"))
    S = relative(changes(exact(X), groups).scatter, groups.scene)
    start = np.arange(len(groups.scene)) % 3
    monkeypatch.setattr("ventral.geometry.hidden_kinds.SHRINKAGE", 1e-6)  # without which it is the maximum
    logs = []
    for steps in (1, 3, 9):
        monkeypatch.setattr("ventral.geometry.hidden_kinds.ITERATIONS", steps)
        found = mixture(S, groups.freedom, groups.scene, start)
        logs.append(found.log_likelihood(S, groups.freedom, groups.scene).sum())
    assert logs == sorted(logs)


def test_groups_that_do_not_change_few_scenes_and_mixed_augmentations_are_left_out():
    X, table, _ = planted(np.random.default_rng(6), scenes=6)
    first = (table.parameter == "parameter0").to_numpy()
    X[first] = X[first][0]
    groups = varying(exact(X), groups_of(table, generator("draw")))
    assert {*groups.parameter} == {"parameter1", "parameter2"}
    few = table.scene < "scene004"
    assert rows_of(X[few], table[few].reset_index(drop=True)).empty
    mixed = groups_of(table.replace({"parameter1": "augmentation"}), generator("draw"))
    assert {*mixed.parameter} == {"parameter0", "parameter2"}
    assert {*groups_of(table.assign(parameter="augmentation"), generator("draw")).parameter} == {"augmentation"}


@pytest.mark.parametrize(
    ("units", "given"), [(1, []), (3, ["agreement", "kinds"]), (4, ["agreement", "kinds", "overlap"])]
)
def test_layers_with_few_axes_have_no_overlap_and_with_one_no_kinds(units, given):
    X, table, _ = planted(np.random.default_rng(9), scenes=10)
    rows = rows_of(X[:, :units], table)
    metrics = {*rows.get("metric", [])} - {"discovered_factorization", "discovered_overlap_shuffled"}
    assert sorted(metrics) == [f"discovered_{name}" for name in given]


def test_at_most_a_thousand_images_of_whole_scenes_are_used():
    table = planted(np.random.default_rng(7), scenes=80, units=30)[1]
    groups = groups_of(table, generator("draw"))
    assert len(groups.images) == 990 and (np.bincount(groups.scene) == 3).all()


def test_groups_of_unequal_size_are_all_used():
    X, table, _ = planted(np.random.default_rng(9), scenes=16, levels=8)
    kept = (table.parameter != "parameter1") | (table.level > 2)
    groups = groups_of(table[kept].reset_index(drop=True), generator("draw"))
    assert sorted({*groups.sizes}) == [5, 8] and len(groups.images) == kept.sum()
    rows = rows_of(X[kept], table[kept].reset_index(drop=True))
    assert value(rows, "kinds") == 3 and value(rows, "agreement") == 1
    assert value(rows, "overlap", "change") > 0.95 and value(rows, "factorization", "content") > 0.9
    assert value(rows, "factorization", "other change") == pytest.approx(0.91, abs=0.04)


def test_sets_without_scenes_have_no_kinds_of_change():
    table = planted(np.random.default_rng(8), scenes=5)[1]
    assert FAMILY.applies(table)
    assert not FAMILY.applies(table.assign(parameter=""))


def test_rows_of_zeros_have_no_direction():
    np.testing.assert_allclose(unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]])), [[0.6, 0.8], [0, 0]])


def test_the_number_of_kinds_needs_scenes_to_leave_out():
    with pytest.raises(Exception, match="5 scenes"):
        hidden_kinds(np.tile(np.eye(2), (8, 1, 1)), np.full(8, 3), np.arange(8) // 2, generator("folds"), 2)


def test_kinds_are_found_in_a_simulated_area_and_not_compared_where_one_parameter_varies():
    rng = np.random.default_rng(10)
    X, table, _ = planted(rng, kinds=2, scenes=10, levels=5, units=20)
    trials = (X.T[:, :, None] + 0.5 * rng.standard_normal((20, len(X), 4))).astype(np.float32)
    units = pd.DataFrame({"unit": range(20), "area": "V4", "animal": "A"})

    def found(kept):
        ids, shown = table.stimulus_id[kept].to_numpy(), trials[:, kept]
        recording = Recording("one", shown.mean(axis=2, dtype=float), shown, units, ids, False, "CC0", "Who", "there")
        return measure_recording(recording, table[kept].reset_index(drop=True), (0.9,))

    rows = found(np.ones(len(table), dtype=bool))
    assert value(rows, "kinds") == 2 and value(rows, "agreement") == 1
    rows = found((table.parameter == "parameter0").to_numpy())
    assert value(rows, "kinds") >= 1 and not rows.metric.isin(["discovered_agreement", "discovered_overlap"]).any()


def test_scenes_never_have_more_groups_of_a_kind_than_an_even_division_gives():
    rng = np.random.default_rng(11)
    scene = rng.permutation(np.repeat(np.arange(5), [1, 2, 4, 6, 8]))
    for n_kinds in (1, 2, 3, 4):
        logs = 3 * rng.standard_normal((len(scene), n_kinds))
        probabilities, _ = memberships(logs, scene)
        np.testing.assert_allclose(probabilities.sum(axis=1), 1)
        kinds = most_probable(logs, scene)
        for each in range(4):
            counts = np.bincount(kinds[scene == each], minlength=n_kinds)
            assert counts.max() <= -(-counts.sum() // n_kinds)
    equal = np.zeros((len(scene), 3))
    np.testing.assert_allclose(memberships(equal, scene)[0], 1 / 3)
    np.testing.assert_allclose(memberships(equal, scene)[1], 0, atol=1e-12)

"""The user's own arrays of responses: what keeps the contract is read, what breaks it is a sentence."""

import numpy as np
import pandas as pd
import pytest
from own_recordings import IDS, UNITS, made, photos, save

from ventral.core.errors import Fault
from ventral.predictivity.target import prepare
from ventral.recordings.kinds import recording_entry
from ventral.stimuli import read_table


@pytest.mark.parametrize("suffix", [".npz", ".h5", ".nc"])
def test_responses_are_read(suffix, tmp_path, stimuli):
    responses = np.random.default_rng(0).standard_normal((3, 6))
    path = save(tmp_path / f"mine{suffix}", {"responses": responses, "stimulus_id": IDS[::-1]} | UNITS)
    found = made(path, stimuli, licence="CC0", citation="Me (2026)")
    np.testing.assert_array_equal(found.responses, responses)
    assert found.trials is None and list(found.stimulus_id) == IDS[::-1]
    assert found.units.to_dict("list") == UNITS
    assert (found.licence, found.citation, found.source) == ("CC0", "Me (2026)", str(path)) and not found.simulated


@pytest.mark.parametrize("suffix", [".npz", ".h5", ".nc"])
def test_parts_are_kept_for_every_image(suffix, tmp_path, stimuli):
    part, shown = ["train", "test", "train", "train", "test", "train"], [*IDS, IDS[1]]
    arrays = {
        "responses": np.random.default_rng(0).standard_normal((3, 7)),
        "stimulus_id": shown,
        "split": [*part, "test"],
    }
    found = made(save(tmp_path / f"mine{suffix}", arrays | UNITS), stimuli)
    assert list(found.part) == part and list(found.stimulus_id) == IDS
    crossed = save(tmp_path / f"crossed{suffix}", arrays | UNITS | {"split": [*part, "train"]})
    with pytest.raises(Fault, match="presentations of 1 images have several values of 'split': image1"):
        made(crossed, stimuli)
    unknown = save(tmp_path / f"unknown{suffix}", arrays | UNITS | {"split": ["valid"] * 7})
    with pytest.raises(Fault, match="'valid', not 'train' or 'test'"):
        made(unknown, stimuli)


@pytest.mark.parametrize("kind", ["npz", "h5", "netcdf", "trials"])
def test_pickles_are_refused_before_they_are_opened(kind):
    (problem,) = recording_entry({"kind": kind, "file": "mine.pkl", "stimuli": "set"}).problems()
    assert problem.startswith("file: ") and "pickle" in problem and (".csv" if kind == "trials" else ".") in problem


@pytest.mark.parametrize("suffix", [".npz", ".h5", ".nc"])
def test_images_of_a_group_are_on_one_side_of_every_split(suffix, tmp_path, stimuli):
    """Groups 1 and 2 share an image under two ids with equal pixels, so they are one."""
    arrays = {"responses": np.random.default_rng(0).standard_normal((3, 6)), "stimulus_id": IDS}
    groups = [1, 1, 2, 2, 3, 4]
    found = made(save(tmp_path / f"mine{suffix}", arrays | UNITS | {"group": groups}), stimuli)
    assert list(found.group) == [str(group) for group in groups]
    table = read_table(stimuli).assign(content=["a", "b", "b", "c", "d", "e"])
    for kind in ({"kind": "kfold", "folds": 3, "seed": 1}, {"kind": "brainscore", "seed": 1}):
        target = prepare(found, table, kind, 0)
        for sides in target.parts[0].splits:
            assert all({0, 1, 2, 3} <= {*side} or not {0, 1, 2, 3} & {*side} for side in sides)
        np.testing.assert_array_equal(target.images, [0, 0, 0, 0, 1, 2])
        assert len(target.once.stimulus_id) == len(target.once.group) == 5  # RSA compares images, not groups
        assert (target.drawn[:, :4] == target.drawn[:, :1]).all()
    parts = ["train", "test", "train", "train", "test", "test"]
    crossed = made(save(tmp_path / f"crossed{suffix}", arrays | UNITS | {"group": groups, "split": parts}), stimuli)
    with pytest.raises(Fault, match="groups"):
        prepare(crossed, table, {"kind": "fixed"}, 0)


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_trials_are_read_and_averaged(suffix, tmp_path, stimuli, trials):
    found = made(save(tmp_path / f"mine{suffix}", {"trials": trials, "stimulus_id": IDS}), stimuli)
    np.testing.assert_array_equal(found.trials, trials.astype(np.float32))
    np.testing.assert_allclose(found.responses, np.nanmean(trials, axis=2))
    assert list(found.units.unit) == [0, 1, 2] and set(found.units.area) == {"mine"}
    assert found.licence == found.citation == "not stated" and found.units.noise_ceiling.notna().all()


@pytest.mark.parametrize("suffix", [".npz", ".h5", ".nc"])
def test_images_that_stand_there_again_are_repeats(suffix, tmp_path, stimuli, trials):
    shown_again = trials.transpose(0, 2, 1).reshape(3, -1)
    path = save(tmp_path / f"mine{suffix}", {"responses": shown_again, "stimulus_id": IDS * 4} | UNITS)
    found = made(path, stimuli)
    np.testing.assert_array_equal(found.trials, trials.astype(np.float32))
    assert list(found.stimulus_id) == IDS


def test_ids_that_do_not_match_are_named(tmp_path, stimuli, trials):
    wrong = [f"{i}.png" for i in range(6)]
    with pytest.raises(Fault, match=r"6 images of the recording mine are unknown to .*: 0\.png, 1\.png, .*4\.png, …"):
        made(save(tmp_path / "mine.npz", {"trials": trials, "stimulus_id": wrong}), stimuli)
    with pytest.raises(Fault, match=r"1 images of its stimulus set .* are unknown to the recording mine: image5"):
        made(save(tmp_path / "mine.npz", {"trials": trials[:, :5], "stimulus_id": IDS[:5]}), stimuli)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"trials": None}, "has no array 'responses' or 'trials'; it has stimulus_id, unit, area, animal"),
        ({"stimulus_id": None}, "has no array 'stimulus_id'"),
        ({"stimulus_id": IDS[:-1]}, r"5 stimulus ids; it is float64 \(3, 6, 4\)"),
        ({"trials": np.ones((3, 6))}, r"shape \(units, presentations, repeats\)"),
        ({"split": ["train"] * 5}, "'split' has 5 entries for 6 presentations"),
        ({"group": [1] * 5}, "'group' has 5 entries for 6 presentations"),
        ({"trials": 1.0}, r"it is float64 \(\)"),
        ({"area": ["V1", "V2"]}, "'area' has 2 entries for 3 units"),
        ({"trials": np.full((3, 6, 2), np.inf)}, "responses are infinite in the units a, b, c"),
        ({"area": np.array(["V4", "V4", "x" * 300])}, "a name of 300 characters"),
        ({"trials": np.full((3, 6, 2), 1.0)}, "no unit "),
    ],
)
@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_what_breaks_the_contract_is_a_sentence(suffix, changed, sentence, tmp_path, stimuli, trials):
    arrays = {"trials": trials, "stimulus_id": IDS} | UNITS | changed
    path = save(tmp_path / f"mine{suffix}", {key: value for key, value in arrays.items() if value is not None})
    with pytest.raises(Fault, match=sentence):
        made(path, stimuli)


@pytest.mark.parametrize("suffix", [".npz", ".h5", ".nc"])
def test_files_that_cannot_be_read_are_named(suffix, tmp_path, stimuli, trials):
    path = save(tmp_path / f"mine{suffix}", {"responses": trials[..., 0], "stimulus_id": IDS} | UNITS)
    path.write_bytes(path.read_bytes()[:-700])
    with pytest.raises(Fault, match=f"mine{suffix}"):
        made(path, stimuli)


def test_arrays_as_pandas_makes_them_are_read(tmp_path, stimuli):
    frame = pd.DataFrame(np.random.default_rng(0).standard_normal((6, 3)), index=IDS, columns=UNITS["unit"])
    units = pd.DataFrame(UNITS)
    arrays = {"responses": frame.T.to_numpy().astype(object), "stimulus_id": frame.index.to_numpy()}
    np.savez(tmp_path / "mine.npz", **arrays, **{key: units[key].to_numpy() for key in units})
    assert all(array.dtype == object for array in arrays.values())
    found = made(tmp_path / "mine.npz", stimuli)
    np.testing.assert_array_equal(found.responses, frame.T)
    assert list(found.stimulus_id) == IDS and found.units.to_dict("list") == UNITS


@pytest.mark.parametrize(
    "changed",
    [
        {"stimulus_id": np.array([*IDS[:5], None], dtype=object)},
        {"area": np.array(["V1", np.nan, "V4"], dtype=object)},
        {"responses": np.array([["high"] * 6] * 3, dtype=object)},
        {"responses": np.ones((3, 6), dtype=complex)},
        {"stimulus_id": np.ones((3, 2))},
    ],
)
def test_what_is_missing_or_no_number_is_named(changed, tmp_path, stimuli):
    arrays = {"responses": np.random.default_rng(0).standard_normal((3, 6)), "stimulus_id": IDS} | UNITS | changed
    with pytest.raises(Fault, match=next(iter(changed))):
        made(save(tmp_path / "mine.npz", arrays), stimuli)


@pytest.mark.parametrize("suffix", [".npz", ".h5", ".nc"])
def test_ids_that_differ_in_their_unicode_form_match(suffix, tmp_path):
    names = [f"é{i}.png" for i in range(6)]
    stimuli = photos(tmp_path / "photos.h5", names)
    values, decomposed = np.random.default_rng(0).standard_normal((3, 7)), [f"e\u0301{i}.png" for i in range(6)]
    arrays = {"responses": values, "stimulus_id": [*decomposed, names[5]]}
    found = made(save(tmp_path / f"mine{suffix}", arrays | UNITS), stimuli)
    assert list(found.stimulus_id) == names and found.trials.shape == (3, 6, 2)
    np.testing.assert_allclose(found.responses[:, 5], values[:, 5:].mean(axis=1))


@pytest.mark.parametrize(
    "ids", [np.arange(6), np.arange(6.0), [f"{i} " for i in range(6)], [b"%d" % i for i in range(6)]]
)
@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_ids_that_are_numbers_match(suffix, ids, tmp_path):
    stimuli = photos(tmp_path / "photos.h5", [str(i) for i in range(6)])
    values = np.random.default_rng(0).standard_normal((3, 6))
    found = made(save(tmp_path / f"mine{suffix}", {"responses": values, "stimulus_id": ids}), stimuli)
    assert list(found.stimulus_id) == [str(i) for i in range(6)]


def test_wrong_ids_are_answered_with_the_nearest_and_with_how_ids_are_made(tmp_path, stimuli):
    arrays = {
        "responses": np.random.default_rng(0).standard_normal((3, 6)),
        "stimulus_id": [f"{i}.png" for i in range(6)],
    }
    with pytest.raises(Fault) as fault:
        made(save(tmp_path / "mine.npz", arrays), stimuli)
    assert "'image0' for '0.png'" in str(fault.value) and "stimulus_id" in str(fault.value)
    assert "path below the folder" in str(fault.value)


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_responses_that_are_the_means_of_trials_are_the_same_as_trials_alone(suffix, tmp_path, stimuli, trials):
    arrays = {"trials": trials, "responses": np.nanmean(trials, axis=2).astype(np.float32), "stimulus_id": IDS}
    both = made(save(tmp_path / f"mine{suffix}", arrays), stimuli)
    np.testing.assert_array_equal(both.responses, np.nanmean(trials, axis=2))
    np.testing.assert_array_equal(both.trials, trials.astype(np.float32))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda means: means[::-1], "in 2 of 3 units"),
        (lambda means: means + 0.1, "in 3 of 3 units and 6 of 6 images"),
        (lambda means: np.where(np.arange(6) == 4, 0, means), "1 of 6 images, first in unit a for the image image4"),
        (lambda means: np.where(np.arange(6) == 4, np.inf, means + 0.1), "in 3 of 3 units and 6 of 6 images"),
        (lambda means: means[:, :5], "(3, 5)"),
        (lambda means: means[:2], "entries for"),
    ],
)
def test_trials_that_disagree_with_the_responses_are_named(change, named, tmp_path, stimuli, trials):
    arrays = {"trials": trials, "responses": change(np.nanmean(trials, axis=2)), "stimulus_id": IDS}
    with pytest.raises(Fault) as fault:
        made(save(tmp_path / "mine.npz", arrays | UNITS), stimuli)
    assert named in str(fault.value) and "mine.npz" in str(fault.value)


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
@pytest.mark.parametrize("key", ["responses", "trials"])
def test_transposed_arrays_are_named(key, suffix, tmp_path, stimuli, trials):
    values = trials if key == "trials" else trials[..., 0]
    path = save(tmp_path / f"mine{suffix}", {key: np.moveaxis(values, 1, 0), "stimulus_id": IDS})
    with pytest.raises(Fault, match=rf"'{key}' must be .*\(6, 3.*may be transposed"):
        made(path, stimuli)


def test_infinite_trials_that_cancel_are_named(tmp_path, stimuli, trials):
    trials[1, 2, :2] = np.inf, -np.inf
    with pytest.raises(Fault, match="infinite in the units b"):
        made(save(tmp_path / "mine.npz", {"trials": trials, "stimulus_id": IDS} | UNITS), stimuli)


@pytest.mark.parametrize("shape", [(0, 6), (3, 0)])
@pytest.mark.parametrize("suffix", [".npz", ".h5", ".nc"])
def test_arrays_without_units_or_presentations_are_named(suffix, shape, tmp_path, stimuli):
    ids = np.array(IDS[: shape[1]], dtype="S6")
    path = save(tmp_path / f"mine{suffix}", {"responses": np.ones(shape), "stimulus_id": ids})
    with pytest.raises(Fault, match=rf"mine{suffix}.*\({shape[0]}, {shape[1]}\)|mine.nc.*\({shape[1]}, {shape[0]}\)"):
        made(path, stimuli)


def test_without_a_stimulus_set_ids_only_tell_images_apart(tmp_path, trials):
    file = save(tmp_path / "mine.npz", {"trials": trials, "stimulus_id": [f" {one}" for one in IDS]})
    assert list(made(file, None).stimulus_id) == IDS

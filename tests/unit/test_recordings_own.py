"""The user's own recordings: what keeps the contract is read, what breaks it is a sentence."""

import copy
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import xarray
import yaml

from ventral.config import SCHEMA, complete
from ventral.recordings import read_recording
from ventral.recordings.behaviour import read_behaviour
from ventral.recordings.make import KINDS, make
from ventral.stimuli import write_stimuli
from ventral.store import Fault

IDS = [f"image{i}" for i in range(6)]
UNITS = {"unit": ["a", "b", "c"], "area": ["V1", "V1", "hV4"], "animal": ["S1"] * 3}


@pytest.fixture
def stimuli(tmp_path):
    table = pd.DataFrame({"stimulus_id": IDS, "scene": "", "parameter": "", "level": -1, "label": ""})
    path = tmp_path / "photos.h5"
    write_stimuli(path, np.zeros((6, 8, 8, 3), dtype=np.uint8), table, "images", "photos")
    return path


@pytest.fixture
def trials():
    trials = np.random.default_rng(0).standard_normal((3, 6, 4))
    trials[1, 2, 3] = np.nan
    return trials


def save(path: Path, arrays: dict) -> Path:
    """Write arrays in the format that the file's name tells."""
    if path.suffix == ".npz":
        np.savez(path, **{key: np.asarray(value) for key, value in arrays.items()})
    elif path.suffix == ".h5":
        with h5py.File(path, "w") as file:
            for key, value in arrays.items():
                value = np.asarray(value)
                file[key] = value.astype(object) if value.dtype.kind == "U" else value
    else:
        along = {"stimulus_id": "presentation", "split": "presentation"}
        names = {"unit": "neuroid_id", "area": "region", "animal": "animal"} | {key: key for key in along}
        coordinates = {name: (along.get(key, "neuroid"), arrays[key]) for key, name in names.items() if key in arrays}
        values = xarray.DataArray(arrays["responses"], dims=("neuroid", "presentation"), coords=coordinates)
        values.T.to_netcdf(path, engine="h5netcdf")
    return path


def made(path, stimuli, **spec):
    kind = {".npz": "npz", ".h5": "h5", ".nc": "netcdf"}[path.suffix]
    out = path.parent / "made" / "mine.h5"
    make("mine", {"kind": kind, "file": str(path), "stimuli": "photos"} | spec, out, stimuli)
    return read_recording(out)


@pytest.mark.parametrize("suffix", [".npz", ".h5", ".nc"])
def test_responses_are_read(suffix, tmp_path, stimuli):
    responses = np.random.default_rng(0).standard_normal((3, 6))
    path = save(tmp_path / f"mine{suffix}", {"responses": responses, "stimulus_id": IDS[::-1]} | UNITS)
    found = made(path, stimuli, licence="CC0", citation="Me (2026)")
    np.testing.assert_array_equal(found.responses, responses)
    assert found.trials is None and list(found.stimulus_id) == IDS[::-1]
    assert found.units.to_dict("list") == UNITS
    assert (found.licence, found.citation, found.source) == ("CC0", "Me (2026)", path.name) and not found.simulated


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
    with pytest.raises(Fault, match="presentations of 1 images are in both parts of 'split': image1"):
        made(crossed, stimuli)
    unknown = save(tmp_path / f"unknown{suffix}", arrays | UNITS | {"split": ["valid"] * 7})
    with pytest.raises(Fault, match="a part of its images is 'valid', not 'train' or 'test'"):
        made(unknown, stimuli)


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
        ({"stimulus_id": IDS[:-1]}, r"one presentation for each of the 5 stimulus ids; it is float64 \(3, 6, 4\)"),
        ({"trials": np.ones((3, 6))}, r"shape \(units, presentations, repeats\)"),
        ({"split": ["train"] * 5}, "'split' has 5 entries for 6 presentations"),
        ({"trials": 1.0}, r"it is float64 \(\)"),
        ({"area": ["V1", "V2"]}, "'area' has 2 entries for 3 units"),
        ({"trials": np.full((3, 6, 2), np.inf)}, "responses are infinite in the units a, b, c"),
        ({"area": np.array(["V4", "V4", "x" * 300])}, "a name of 300 characters"),
        ({"trials": np.full((3, 6, 2), 1.0)}, "no unit's response varies"),
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


def own_choices(tmp_path, stimuli, **changed):
    objects = ["dog", "bear"] * 3
    trials = {"stimulus_id": IDS, "sample": objects, "distractor": objects[::-1], "choice": ["dog"] * 6} | changed
    pd.DataFrame(trials).to_csv(tmp_path / "choices.csv", index=False)
    spec = {"kind": "trials", "file": str(tmp_path / "choices.csv"), "stimuli": "photos", "citation": "Me (2026)"}
    make("mine", spec, tmp_path / "mine.h5", stimuli)
    return read_behaviour(tmp_path / "mine.h5")


def test_choices_are_read(tmp_path, stimuli):
    found = own_choices(tmp_path, stimuli)
    assert list(found.trials.stimulus_id) == IDS and set(found.trials.choice) == {"dog"}
    assert (found.licence, found.citation, found.source) == ("not stated", "Me (2026)", "choices.csv")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"choice": ["cat"] * 6}, "in 6 of 6 trials the choice was not offered, first 'cat'"),
        (
            {"stimulus_id": [*IDS[:5], "image9"]},
            "1 images of the recording mine are unknown to its stimulus set .*: image9",
        ),
    ],
)
def test_choices_that_break_the_contract_are_a_sentence(changed, sentence, tmp_path, stimuli):
    with pytest.raises(Fault, match=sentence):
        own_choices(tmp_path, stimuli, **changed)


def test_a_table_without_the_columns_is_named(tmp_path, stimuli):
    (tmp_path / "choices.csv").write_text("stimulus_id,sample\nimage0,dog\n")
    with pytest.raises(Fault, match="lacks the columns distractor, choice; it has stimulus_id, sample"):
        make("mine", {"kind": "trials", "file": str(tmp_path / "choices.csv")}, tmp_path / "mine.h5", stimuli)


STUDY = {
    "stimuli": {"scenes": {"kind": "scenes", "base_scenes": 4}},
    "models": {"alexnet": {"source": "torchvision"}},
}


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ({"kind": "npz", "stimuli": "scenes"}, "recordings.mine: needs the key 'file'."),
        ({"kind": "npz", "file": "no.npz"}, "recordings.mine: needs the key 'stimuli'."),
        ({"kind": "npz", "file": "no.npz", "stimuli": "scenes"}, "recordings.mine.file: there is no file 'no.npz'."),
        (
            {"kind": "h5", "file": "no.npz", "stimuli": "scenes"},
            "recordings.mine.file: 'no.npz' must be a .h5 or .hdf5",
        ),
        (
            {"kind": "trials", "file": "no.npz", "stimuli": "scenes"},
            "recordings.mine.file: 'no.npz' must be a .csv file",
        ),
        ({"kind": "npz", "file": "no.npz", "stimuli": "scnes"}, "there is no stimulus set 'scnes' (did you mean"),
        ({"kind": "majajhong2015"}, "(did you mean 'majajhong2015_public'?)"),
        ({"kind": "majajhong2015_public", "sise": 3}, "recordings.mine.sise: unknown key (did you mean 'size'?)."),
    ],
)
def test_faults_of_the_configuration_are_named(spec, sentence):
    with pytest.raises(Fault) as fault:
        complete(copy.deepcopy(STUDY) | {"recordings": {"mine": spec}})
    assert sentence in str(fault.value)


def test_fixed_splits_need_recordings_that_have_one(tmp_path):
    (tmp_path / "mine.npz").touch()
    mine = {"kind": "npz", "file": str(tmp_path / "mine.npz"), "stimuli": "scenes"}
    study = copy.deepcopy(STUDY) | {"predictivity": {"splits": {"kind": "fixed"}}}
    assert complete(study | {"recordings": {"mine": mine, "humans": {"kind": "rajalingham2018_public"}}})
    with pytest.raises(Fault, match=r"predictivity\.splits\.kind: fixed .* and the recording made has none"):
        complete(study | {"recordings": {"mine": mine, "made": {"kind": "simulated", "stimuli": "scenes"}}})


def test_sound_configurations_of_every_kind_pass(tmp_path):
    (tmp_path / "mine.nc").touch()
    (tmp_path / "choices.csv").touch()
    recordings = {
        "choices": {"kind": "trials", "file": str(tmp_path / "choices.csv"), "stimuli": "scenes"},
        "humans": {"kind": "rajalingham2018_public"},
        "mine": {"kind": "netcdf", "file": str(tmp_path / "mine.nc"), "stimuli": "scenes"},
        "it": {"kind": "majajhong2015_public"},
        "v1": {"kind": "freemanziemba2013_public", "size": 224},
    }
    found = complete(copy.deepcopy(STUDY) | {"recordings": recordings})["recordings"]
    assert found["it"]["pooling"] == found["v1"]["pooling"] == "none" and "size" not in found["it"]


def test_the_schema_knows_every_kind():
    schema = yaml.safe_load(SCHEMA.read_text())["$defs"]["recording"]
    assert set(schema["properties"]["kind"]["enum"]) == set(KINDS)
    assert {choice["if"]["properties"]["kind"]["const"] for choice in schema["allOf"]} == set(KINDS)


def photos(path, ids):
    """A stimulus set of kind images with these ids."""
    table = pd.DataFrame({"stimulus_id": ids, "scene": "", "parameter": "", "level": -1, "label": ""})
    write_stimuli(path, np.zeros((len(ids), 8, 8, 3), dtype=np.uint8), table, "images", "photos")
    return path


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


def netcdf3(path, values, version="NETCDF3_CLASSIC"):
    coordinates = {"stimulus_id": ("presentation", IDS), "region": ("neuroid", UNITS["area"])}
    array = xarray.DataArray(values, dims=("neuroid", "presentation"), coords=coordinates, name="responses")
    array.to_netcdf(path, engine="scipy", format=version)
    return path


@pytest.mark.parametrize("version", ["NETCDF3_CLASSIC", "NETCDF3_64BIT"])
def test_netcdf_3_is_read(version, tmp_path, stimuli):
    values = np.random.default_rng(0).standard_normal((3, 6))
    found = made(netcdf3(tmp_path / "mine.nc", values, version), stimuli)
    np.testing.assert_array_equal(found.responses, values)
    assert list(found.stimulus_id) == IDS and list(found.units.area) == UNITS["area"]


@pytest.mark.parametrize("kept", [4, 20, 200, 500, -8])
def test_netcdf_3_that_is_cut_is_named(kept, tmp_path, stimuli):
    path = netcdf3(tmp_path / "mine.nc", np.random.default_rng(0).standard_normal((3, 6)))
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(Fault, match=r"mine\.nc"):
        made(path, stimuli)


def test_other_versions_and_several_arrays_are_named(tmp_path, stimuli):
    path = netcdf3(tmp_path / "mine.nc", np.ones((3, 6)))
    path.write_bytes(b"CDF\x05" + path.read_bytes()[4:])
    with pytest.raises(Fault, match=r"CDF-5.*nccopy"):
        made(path, stimuli)
    xarray.Dataset({"a": ("x", [1]), "b": ("x", [2])}).to_netcdf(tmp_path / "two.nc", engine="h5netcdf")
    with pytest.raises(Fault, match=r"two\.nc holds 2 arrays \(a, b\)"):
        made(tmp_path / "two.nc", stimuli)
    xarray.Dataset().to_netcdf(tmp_path / "none.nc", engine="h5netcdf")
    with pytest.raises(Fault, match=r"none\.nc holds no array"):
        made(tmp_path / "none.nc", stimuli)


def test_times_are_numbers(tmp_path, stimuli):
    """Latencies in seconds stay seconds; xarray would make nanoseconds of them."""
    values = np.random.default_rng(0).uniform(0.05, 0.2, (3, 6))
    coordinates = {"stimulus_id": ("presentation", IDS)}
    array = xarray.DataArray(values, dims=("neuroid", "presentation"), coords=coordinates, attrs={"units": "seconds"})
    array.to_netcdf(tmp_path / "mine.nc", engine="h5netcdf")
    np.testing.assert_array_equal(made(tmp_path / "mine.nc", stimuli).responses, values)


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


@pytest.mark.parametrize(
    ("kind", "name", "content", "named"),
    [
        ("npz", "mine.npz", b"<html></html>", "web page"),
        ("h5", "mine.h5", b"version https://git-lfs.github.com/spec/v1", "Git LFS"),
        ("netcdf", "mine.nc", b"CDF\x05", "CDF-5"),
        ("trials", "mine.csv", b"PK\x03\x04", "zip"),
    ],
)
def test_files_of_another_format_are_named_before_any_job(kind, name, content, named, tmp_path):
    (tmp_path / name).write_bytes(content)
    spec = {"kind": kind, "file": str(tmp_path / name), "stimuli": "scenes"}
    with pytest.raises(Fault, match=rf"recordings\.mine\.file: .*{name}.*{named}"):
        complete(copy.deepcopy(STUDY) | {"recordings": {"mine": spec}})


def test_arrays_that_are_missing_or_transposed_are_named_before_any_job(tmp_path, trials):
    spec = {"kind": "npz", "file": str(tmp_path / "mine.npz"), "stimuli": "scenes"}
    for arrays, named in [
        ({"trials": trials}, "stimulus_id"),
        ({"trials": np.moveaxis(trials, 1, 0), "stimulus_id": IDS}, "transposed"),
    ]:
        save(tmp_path / "mine.npz", arrays)
        with pytest.raises(Fault, match=rf"recordings\.mine\.file: .*{named}"):
            complete(copy.deepcopy(STUDY) | {"recordings": {"mine": spec}})


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("stimulus_id;sample;distractor;choice\nimage0;dog;bear;dog\n", "commas"),
        ("stimulus_id,sample,distractor,choice\nimage0,dog,bear\n", "row 2"),
        ("", "empty"),
        ("stimulus_id,sample,distractor,choice\nimage0,h\xfcnd,bear,bear\n", "UTF-8"),
    ],
)
def test_tables_of_choices_that_are_no_tables_are_named(content, named, tmp_path, stimuli):
    (tmp_path / "choices.csv").write_bytes(content.encode("latin1"))
    with pytest.raises(Fault, match=rf"choices\.csv.*{named}"):
        make("mine", {"kind": "trials", "file": str(tmp_path / "choices.csv")}, tmp_path / "mine.h5", stimuli)


def test_choices_of_another_unicode_form_match(tmp_path, stimuli):
    found = own_choices(
        tmp_path, stimuli, sample=["é", "b"] * 3, distractor=["b ", "e\u0301"] * 3, choice=["e\u0301"] * 6
    )
    assert set(found.trials.choice) == {"é"}


@pytest.mark.parametrize("shape", [(0, 6), (3, 0)])
@pytest.mark.parametrize("suffix", [".npz", ".h5", ".nc"])
def test_arrays_without_units_or_presentations_are_named(suffix, shape, tmp_path, stimuli):
    ids = np.array(IDS[: shape[1]], dtype="S6")
    path = save(tmp_path / f"mine{suffix}", {"responses": np.ones(shape), "stimulus_id": ids})
    with pytest.raises(Fault, match=rf"mine{suffix}.*\({shape[0]}, {shape[1]}\)|mine.nc.*\({shape[1]}, {shape[0]}\)"):
        made(path, stimuli)


def test_an_assembly_of_texts_is_named(tmp_path, stimuli):
    values = np.random.default_rng(0).standard_normal((3, 6)).astype(str)
    with pytest.raises(Fault, match=r"mine\.nc must hold numbers"):
        made(save(tmp_path / "mine.nc", {"responses": values, "stimulus_id": IDS}), stimuli)

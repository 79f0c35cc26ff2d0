"""Brain-Score's public files, in their true formats, from a server on this machine."""

import io
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray
from hvm_files import hvm_table
from PIL import Image
from publisher import checksum, published

from ventral.core.errors import Fault
from ventral.gram import gram
from ventral.predictivity import noise_ceiling
from ventral.predictivity.behavior import measure_behavior
from ventral.recordings import read_recording
from ventral.recordings.choices import read_behavior
from ventral.recordings.kinds import recording_entry
from ventral.recordings.kinds.brainscore import PUBLISHED
from ventral.recordings.prepare import make
from ventral.recordings.registry import FILES, Source
from ventral.stimuli import open_images, read_contents, read_table
from ventral.stimuli.write_set import make as make_stimuli

MAJAJ, FREEMAN, RAJALINGHAM = "majajhong2015_public", "freemanziemba2013_public", "rajalingham2018_public"
IMAGES, REPEATS, UNITS = 12, 4, 5


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("VENTRAL_DATA", str(tmp_path / "data"))
    with published() as publisher:
        yield publisher


def publish(server, monkeypatch, name, content):
    """Put a file where the registry says, with its checksum."""
    server.files[name] = content
    monkeypatch.setitem(FILES, name, Source(f"{server.address}/{name}", checksum(content, "sha1")))


def publish_images(server, monkeypatch, kind, ids, id_column="image_id"):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for i, one in enumerate(ids):
            picture = io.BytesIO()
            Image.fromarray(np.full((20, 20), 10 * i, dtype=np.uint8)).save(picture, "png")
            file.writestr(f"{one}.png", picture.getvalue())
    table = pd.DataFrame({id_column: ids, "filename": [f"{one}.png" for one in ids]})
    labels = pd.DataFrame({PUBLISHED[kind].label: [f"object{i % 3}" for i in range(len(ids))]})
    table = table.join(hvm_table(len(ids)) if kind == MAJAJ else labels)
    publish(server, monkeypatch, f"{PUBLISHED[kind].stimuli}.zip", archive.getvalue())
    publish(server, monkeypatch, f"{PUBLISHED[kind].stimuli}.csv", table.to_csv(index=False).encode())
    return table


def publish_assembly(server, monkeypatch, tmp_path, kind, values, ids, bins, id_coordinate="image_id"):
    """An array of shape (neuroids, presentations, bins) with the coordinates that Brain-Score's packaging leaves."""
    n = len(values)
    areas = ["V4", "IT"] if kind == MAJAJ else ["V1", "V2"]
    assembly = xarray.DataArray(
        values,
        dims=("neuroid", "presentation", "time_bin"),
        coords={
            "neuroid_id": ("neuroid", [f"Chabo_L_M_{i}_3" for i in range(n)]),
            "region": ("neuroid", [areas[i % 2] for i in range(n)]),
            "animal": ("neuroid", ["Chabo"] * n),
            id_coordinate: ("presentation", ids),
            "repetition": ("presentation", np.arange(len(ids)) // IMAGES),
            "time_bin_start": ("time_bin", [start for start, _ in bins]),
            "time_bin_end": ("time_bin", [end for _, end in bins]),
        },
        attrs={"stimulus_set_identifier": "hvm-public"},
    )
    path = tmp_path / "assembly.nc"
    compressed = {"zlib": True, "complevel": 1}
    whole = assembly.to_dataset(name="data")
    whole.to_netcdf(path, engine="h5netcdf", encoding={"data": compressed})
    publish(server, monkeypatch, PUBLISHED[kind].assembly, path.read_bytes())


@pytest.mark.parametrize(
    ("kind", "bins", "inside", "id_name"),
    [
        (MAJAJ, [(70, 170)], slice(None), "image_id"),
        (FREEMAN, [(start, start + 25) for start in range(0, 300, 25)], slice(2, 8), "stimulus_id"),
    ],
)
def test_a_recording_is_fetched_read_and_averaged(kind, bins, inside, id_name, server, monkeypatch, tmp_path):
    rng = np.random.default_rng(0)
    ids = [f"{i:040x}" for i in range(IMAGES)]
    shown = list(rng.permutation(ids * REPEATS))[:-1]  # one trial is missing
    values = rng.standard_normal((UNITS, len(shown), len(bins)))
    values[0, 3], values[4] = np.nan, np.nan  # one trial of a unit, and a unit that was never recorded
    table = publish_images(server, monkeypatch, kind, ids, id_name)
    publish_assembly(server, monkeypatch, tmp_path, kind, values, shown, bins, id_name)

    make(kind, {"kind": kind}, tmp_path / f"{kind}.h5", tmp_path / "unused.h5")
    found = read_recording(tmp_path / f"{kind}.h5")
    assert found.responses.shape == (4, IMAGES) and found.trials.shape == (4, IMAGES, REPEATS)
    assert found.dropped_units == 1 and not found.simulated
    assert list(found.units.area) == (["V4", "IT"] if kind == MAJAJ else ["V1", "V2"]) * 2
    assert found.units.unit[1] == "Chabo_L_M_1_3" and (found.units.animal == "Chabo").all()
    for image in ids:
        columns = [i for i, one in enumerate(shown) if one == image]
        expected = np.nanmean(values[:4, columns][:, :, inside].mean(axis=2), axis=1)
        np.testing.assert_allclose(found.responses[:, list(found.stimulus_id).index(image)], expected)
    assert np.isnan(found.trials).sum() == 4 + 1  # the missing trial of four units, and that of one
    np.testing.assert_allclose(found.units.noise_ceiling, noise_ceiling(found.trials))
    assert "doi:" in found.citation and "none stated" in found.licence

    images, listed = recording_entry({"kind": kind}).images(kind)
    assert list(listed.stimulus_id) == ids and list(listed.label) == list(table[PUBLISHED[kind].label])
    assert list(listed.columns)[:5] == ["stimulus_id", "scene", "parameter", "level", "label"]
    pictures = list(images)
    assert all((picture == 10 * i).all() and picture.shape == (20, 20, 3) for i, picture in enumerate(pictures))
    assert next(recording_entry({"kind": kind, "size": 8}).images(kind)[0]).shape == (8, 8, 3)
    assert recording_entry({"kind": kind}).varied() == [one for one in listed.parameter.unique() if one]
    assert len(server.asked) == 3


def test_images_that_do_not_match_are_named(server, monkeypatch, tmp_path):
    publish_images(server, monkeypatch, MAJAJ, ["a", "b", "c"])
    publish_assembly(server, monkeypatch, tmp_path, MAJAJ, np.ones((2, 3, 1)), ["a", "b", "x"], [(70, 170)])
    with pytest.raises(Fault, match=r"1 images of the recording majaj are unknown to stimulus_hvm-public\.csv: x"):
        make("majaj", {"kind": MAJAJ}, tmp_path / "majaj.h5", tmp_path / "unused.h5")


def test_an_assembly_without_its_window_is_refused(server, monkeypatch, tmp_path):
    publish_images(server, monkeypatch, MAJAJ, ["a"])
    publish_assembly(server, monkeypatch, tmp_path, MAJAJ, np.ones((2, 1, 1)), ["a"], [(0, 100)])
    with pytest.raises(Fault, match="has no time bin between 70 and 170 ms"):
        make("majaj", {"kind": MAJAJ}, tmp_path / "majaj.h5", tmp_path / "unused.h5")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"no netCDF", "cannot be read as a netCDF-4 file"), (None, "no dimension presentation and no neuroid")],
)
def test_files_of_another_format_are_sentences(content, sentence, server, monkeypatch, tmp_path):
    if content is None:
        xarray.DataArray(np.ones(3), dims="event").to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
        content = (tmp_path / "other.nc").read_bytes()
    publish(server, monkeypatch, PUBLISHED[MAJAJ].assembly, content)
    with pytest.raises(Fault, match=sentence):
        make("majaj", {"kind": MAJAJ}, tmp_path / "majaj.h5", tmp_path / "unused.h5")


def test_archives_and_tables_of_another_format_are_sentences(server, monkeypatch):
    table = publish_images(server, monkeypatch, MAJAJ, ["a", "b"])
    publish(server, monkeypatch, "stimulus_hvm-public.zip", b"no archive")
    with pytest.raises(Fault, match=r"hvm-public\.zip cannot be read as a zip archive"):
        next(recording_entry({"kind": MAJAJ}).images("majaj")[0])
    publish(server, monkeypatch, "stimulus_hvm-public.csv", table.drop(columns="filename").to_csv().encode())
    with pytest.raises(Fault, match="lacks the columns filename"):
        recording_entry({"kind": MAJAJ}).images("majaj")


def publish_choices(server, monkeypatch, tmp_path, **changed):
    trials = {
        "image_id": ["a", "a", "b", "c"],
        "sample_obj": ["dog", "dog", "bear", "plane"],
        "dist_obj": ["bear", "plane", "dog", "dog"],
        "truth": ["dog", "dog", "bear", "plane"],
        "choice": ["dog", "plane", "bear", "plane"],
    } | changed
    coordinates = {name: ("presentation", values) for name, values in trials.items()}
    array = xarray.DataArray(trials["choice"], dims="presentation", coords=coordinates, name="Rajalingham2018.public")
    array.to_netcdf(tmp_path / "choices.nc", engine="h5netcdf")
    publish(server, monkeypatch, PUBLISHED[RAJALINGHAM].assembly, (tmp_path / "choices.nc").read_bytes())
    publish_images(server, monkeypatch, RAJALINGHAM, ["a", "b", "c"])


def test_choices_are_fetched_and_read(server, monkeypatch, tmp_path):
    publish_choices(server, monkeypatch, tmp_path)
    make(RAJALINGHAM, {"kind": RAJALINGHAM}, tmp_path / "humans.h5", tmp_path / "unused.h5")
    found = read_behavior(tmp_path / "humans.h5")
    assert found.trials.to_numpy().tolist() == [
        ["a", "dog", "bear", "dog"],
        ["a", "dog", "plane", "plane"],
        ["b", "bear", "dog", "bear"],
        ["c", "plane", "dog", "plane"],
    ]
    assert found.objects.to_dict() == {"a": "dog", "b": "bear", "c": "plane"}
    assert found.name == "humans" and not found.simulated
    assert "doi:" in found.citation and "none stated" in found.licence
    images, table = recording_entry({"kind": RAJALINGHAM}).images(RAJALINGHAM)
    assert list(table.stimulus_id) == ["a", "b", "c"] and len(list(images)) == 3
    with pytest.raises(Fault, match="is not a recording"):
        read_recording(tmp_path / "humans.h5")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"choice": ["dog", "cat", "bear", "plane"]},
            "in 1 of 4 trials .* 'cat', where 'do",
        ),
        ({"dist_obj": ["bear", "plane", "bear", "dog"]}, "for the image b"),
        (
            {"sample_obj": ["dog", "plane", "bear", "plane"], "dist_obj": ["bear", "dog", "dog", "dog"]},
            "two objects: a",
        ),
        ({"dist_obj": ["bear", "plane", "cat", "dog"]}, "the distractors cat "),
        ({"image_id": ["a", "a", "b", "d"]}, r"unknown to stimulus_objectome_public\.csv: d"),
    ],
)
def test_trials_that_cannot_be_are_named(changed, sentence, server, monkeypatch, tmp_path):
    publish_choices(server, monkeypatch, tmp_path, **changed)
    with pytest.raises(Fault, match=sentence):
        make(RAJALINGHAM, {"kind": RAJALINGHAM}, tmp_path / "humans.h5", tmp_path / "unused.h5")


def test_choices_are_scored_on_the_images_that_come_with_them(server, monkeypatch, tmp_path):
    ids, objects = [f"image{i}" for i in range(12)], np.resize(["dog", "bear", "plane"], 12)
    trials = [(i, o, d) for i, o in zip(ids, objects, strict=True) for d in {*objects} - {o} for _ in range(6)]
    image, sample, distractor = (list(column) for column in zip(*sorted(trials), strict=True))
    choice = np.where(np.random.default_rng(0).random(len(trials)) < 0.8, sample, distractor)
    names = {"image_id": image, "sample_obj": sample, "dist_obj": distractor, "truth": sample, "choice": choice}
    publish_choices(server, monkeypatch, tmp_path, **names)
    publish_images(server, monkeypatch, RAJALINGHAM, ids)
    make(RAJALINGHAM, {"kind": RAJALINGHAM}, tmp_path / "humans.h5", tmp_path / "unused.h5")
    make_stimuli("humans", {"recording": "humans", "kind": RAJALINGHAM}, tmp_path / "set.h5", tmp_path / "set.png")

    table = read_table(tmp_path / "set.h5").assign(content=read_contents(tmp_path / "set.h5"))
    with open_images(tmp_path / "set.h5") as pictures:
        pixels = gram(pictures[:].reshape(12, -1).astype(float), device="cpu")
    G, behavior = replace(pixels, stimulus_id=table.stimulus_id.to_numpy()), read_behavior(tmp_path / "humans.h5")
    scores, signatures = measure_behavior(G, behavior, table, {"folds": 3, "seed": 1}, 0)
    n = scores.set_index("metric").n
    assert (n["i1"], n["i2n"]) == (12, 24) and set(signatures.object) == {"dog", "bear", "plane"}
    rate = signatures.set_index(["stimulus_id", "distractor"]).observed_rate["image0", "bear"]
    shown = (np.array(image) == "image0") & (np.array(distractor) == "bear")
    assert rate == np.mean(choice[shown] == "bear") and scores.value.notna().sum() >= 5

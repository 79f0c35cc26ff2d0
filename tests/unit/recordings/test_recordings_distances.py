"""The user's own distances between images, from every format, and what is refused."""

import tracemalloc

import h5py
import numpy as np
import pandas as pd
import pytest
from own_recordings import IDS, photos, save

from ventral.core.errors import Fault
from ventral.recordings.distances import read_distances, subset
from ventral.recordings.kinds import recording_entry
from ventral.recordings.kinds.distance_files import SMALL
from ventral.recordings.prepare import make

N = len(IDS)
UPPER = np.triu_indices(N, 1)


def problems_of(spec):
    """Faults that are found before any job."""
    entry = recording_entry(spec)
    return entry.problems() or entry.content_problems("mine")


@pytest.fixture
def square():
    """Distances between the images, one of which is negative, as unbiased distances can be."""
    points = np.random.default_rng(0).normal(size=(N, 3))
    distances = np.sum((points[:, None] - points) ** 2, axis=2)
    distances[0, 1] = distances[1, 0] = -0.1
    return distances


@pytest.fixture
def read(tmp_path):
    """What the workflow makes of a file."""

    def made(name, content, known=IDS):
        path = tmp_path / name
        content.to_csv(path) if isinstance(content, pd.DataFrame) else save(path, content)
        spec = {"kind": "rdm", "file": str(path), "stimuli": "photos", "measure": "crossnobis"}
        for problem in problems_of(spec):
            raise Fault(problem)
        make("mine", spec, tmp_path / "made" / "mine.h5", photos(tmp_path / "photos.h5", known))
        return read_distances(tmp_path / "made" / "mine.h5")

    return made


@pytest.mark.parametrize("suffix", ["npz", "h5"])
@pytest.mark.parametrize("condensed", [False, True])
def test_matrices_of_observers_are_read_square_or_condensed(read, square, suffix, condensed):
    values = np.stack([square, 2 * square])
    values = values[:, *UPPER] if condensed else values
    found = read(f"mine.{suffix}", {"distances": values, "stimulus_id": IDS, "observer": [7, 8], "area": ["V4", "V4"]})
    assert np.array_equal(found.values, np.stack([square[UPPER], 2 * square[UPPER]]))
    assert found.matrices.to_dict("list") == {"observer": ["7", "8"], "area": ["V4", "V4"]}
    assert found.measure == "crossnobis" and list(found.stimulus_id) == IDS


def test_images_take_the_order_of_their_stimulus_set(read, square):
    order = np.random.default_rng(1).permutation(N)
    shuffled = square[np.ix_(order, order)]
    table = pd.DataFrame(shuffled, [IDS[i] for i in order], [IDS[i] for i in order])
    found = read("mine.csv", table)
    assert np.allclose(found.values[0], square[UPPER])
    assert np.array_equal(subset(square[UPPER], order), shuffled[UPPER])
    assert found.matrices.area.tolist() == ["mine"]


def test_missing_distances_are_kept_and_one_side_is_enough(read, square):
    square[2, 0] = np.nan
    square[3, 4] = square[4, 3] = np.nan
    np.fill_diagonal(square, np.nan)
    found = read("mine.npz", {"distances": square, "stimulus_id": IDS})
    assert np.isnan(found.values).sum() == 1 and found.values[0, 1] == square[0, 2]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda d: d.__setitem__((0, 2), 9), "not symmetric: rows 1 and 3"),
        (lambda d: np.fill_diagonal(d, 1), "1 on its diagonal, in row 1"),
        (lambda d: d.__setitem__(slice(None), 1 - np.eye(N)), "all equal"),
        (lambda d: (d.__setitem__((0, 2), np.inf), d.__setitem__((2, 0), np.inf)), "infinite for 1 pairs"),
    ],
)
def test_faulty_distances_are_refused(read, square, change, named):
    change(square)
    with pytest.raises(Fault, match=named):
        read("mine.npz", {"distances": square, "stimulus_id": IDS})


def test_arrays_that_do_not_fit_are_named_before_any_job(tmp_path, square):
    spec = {"kind": "rdm", "file": str(tmp_path / "mine.npz"), "stimuli": "photos", "measure": "judged"}
    for arrays, named in [
        ({"distances": square}, "no array 'stimulus_id'"),
        ({"distances": square[:-1], "stimulus_id": IDS}, r"of shape \(6, 6\) or \(15,\)"),
        ({"distances": square, "stimulus_id": IDS, "observer": ["a", "b"]}, "2 entries for 1 matrices"),
    ]:
        save(tmp_path / "mine.npz", arrays)
        (problem,) = problems_of(spec)
        with pytest.raises(Fault, match=named):
            raise Fault(problem)


@pytest.mark.parametrize("limit", [SMALL, 10])
def test_faulty_distances_are_named_before_any_job_or_by_a_closer_look(tmp_path, square, monkeypatch, limit):
    monkeypatch.setattr("ventral.recordings.kinds.distance_files.SMALL", limit)
    path = tmp_path / "mine.csv"
    spec = {"kind": "rdm", "file": str(path), "stimuli": "photos", "measure": "judged"}
    uneven, names = square + np.triu(np.ones((N, N)), 1), [list(IDS), list(IDS)]
    for values, named in ((square, ""), (uneven, "not symmetric"), (1 - np.eye(N), "all equal")):
        pd.DataFrame(values, *names).to_csv(path)
        faults = [*recording_entry(spec).inspect("mine")]
        assert len(faults) == bool(named) and named in "".join(faults)
        assert len(problems_of(spec)) == (len(faults) if limit == SMALL else 0)
    pd.DataFrame(square[:, :-1], names[0], names[1][:-1]).to_csv(path)
    (fault,) = recording_entry(spec).inspect("mine")
    assert fault.startswith("file: ") and "ids of the first row" in fault


def test_unknown_and_repeated_images_are_refused(read, square):
    with pytest.raises(Fault, match="unknown to its stimulus set"):
        read("mine.npz", {"distances": square, "stimulus_id": [*IDS[:-1], "other"]})
    with pytest.raises(Fault, match="two rows"):
        read("mine.npz", {"distances": square, "stimulus_id": [*IDS[:-1], IDS[0]]}, IDS[:-1])


@pytest.fixture
def several(tmp_path, square, monkeypatch):
    """Reads files of distances, given by name with a factor, from a pattern or a list."""
    monkeypatch.chdir(tmp_path)

    def made(file, factors, **arrays):
        for name, factor in factors.items():
            order = np.random.default_rng(factor).permutation(N)
            path, ids = tmp_path / name, [IDS[i] for i in order]
            path.parent.mkdir(parents=True, exist_ok=True)
            values = factor * square[np.ix_(order, order)]
            if path.suffix == ".csv":
                pd.DataFrame(values, ids, ids).to_csv(path)
            else:
                save(path, {"distances": values, "stimulus_id": ids} | arrays)
        spec = {"kind": "rdm", "file": file, "stimuli": "photos", "measure": "crossnobis"}
        for problem in problems_of(spec):
            raise Fault(problem)
        make("mine", spec, tmp_path / "made" / "mine.h5", photos(tmp_path / "photos.h5", IDS))
        return read_distances(tmp_path / "made" / "mine.h5")

    return made


@pytest.mark.parametrize(
    ("file", "observers", "areas"),
    [
        ("r/{area}/{observer}.*", ["a", "a", "b"], ["IT", "V4", "V4"]),
        ("r/{area}/*", ["1", "a", "b"], ["IT", "V4", "V4"]),
        (["r/V4/a.csv", "r/V4/b.npz", "r/IT/a.csv"], ["a", "b", "a"], ["mine"] * 3),
    ],
)
def test_several_files_are_observers_and_areas(several, square, file, observers, areas):
    factors = {"r/V4/a.csv": 1, "r/V4/b.npz": 2, "r/IT/a.csv": 3, "elsewhere/c.csv": 5}
    if isinstance(file, list):
        with pytest.raises(Fault, match="two matrices of the area"):
            several(file, factors)
        file, observers, areas = file[:2], observers[:2], areas[:2]
    found = several(file, factors)
    assert found.matrices.to_dict("list") == {"observer": observers, "area": areas}
    expected = [1, 2] if isinstance(file, list) else [3, 1, 2]
    assert np.allclose(found.values, np.outer(expected, square[UPPER]))
    first = "r/V4/a.csv" if isinstance(file, list) else "r/IT/a.csv"
    assert found.source == f"{len(expected)} files, {first} to r/V4/b.npz"


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ("r/{session}.csv", "field {session}"),
        ("r/*.h5", "no file matches"),
        (["r/a.csv", "r/*.csv"], "named twice"),
        (["r/a.csv", "r/none.csv"], "no file 'r/none.csv'"),
        ("r/{observer}.npz", "has an array 'observer', and its pattern"),
        (["r/a.csv", "r/others.csv"], "r/others.csv"),
    ],
)
def test_faults_of_several_files_are_named_before_any_job(several, square, tmp_path, file, named):
    others = [f"other{i}" for i in range(N)]
    (tmp_path / "r").mkdir()
    pd.DataFrame(square, others, others).to_csv(tmp_path / "r/others.csv")
    with pytest.raises(Fault, match=named):
        several(file, {"r/a.csv": 1, "r/b.npz": 2}, observer=["b"])


def test_files_of_one_name_in_folders_of_observers_need_a_pattern_with_their_names(several):
    files = {"r/ann/s1.npz": 1, "r/bob/s1.npz": 2}
    with pytest.raises(Fault, match=r"mine: the observer s1 has two matrices of the area mine; .*\{observer\}"):
        several("r/*/s1.npz", files)
    assert several("r/{observer}/s1.npz", files).matrices.observer.tolist() == ["ann", "bob"]


def test_several_files_are_held_once(tmp_path):
    values, ids = np.random.default_rng(0).random((2, 300 * 299 // 2)), [f"image{i}" for i in range(300)]
    for i in range(12):
        np.savez(tmp_path / f"{i}.npz", distances=values, stimulus_id=ids)
    entry = recording_entry({"kind": "rdm", "file": str(tmp_path / "*.npz"), "measure": "judged"})
    tracemalloc.start()
    found = entry.joined("mine")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.values.shape == (24, 300 * 299 // 2) and peak < 1.5 * found.values.nbytes


def test_recordings_of_an_earlier_version_are_read(read, square, tmp_path):
    read("mine.npz", {"distances": square, "stimulus_id": IDS})
    with h5py.File(tmp_path / "made" / "mine.h5") as file, h5py.File(tmp_path / "mine.h5", "w") as earlier:
        for name in file:
            file.copy(name, earlier)
        earlier.attrs.update({name: value for name, value in file.attrs.items() if name != "squared_euclidean"})
    found = read_distances(tmp_path / "mine.h5")
    assert found.squared_euclidean is False and found.measure == "crossnobis"

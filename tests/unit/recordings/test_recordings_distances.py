"""The user's own distances between images, from every format, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from own_recordings import IDS, photos, save

from ventral.core.errors import Fault
from ventral.recordings.distances import read_distances, subset
from ventral.recordings.kinds import recording_entry
from ventral.recordings.prepare import make

N = len(IDS)
UPPER = np.triu_indices(N, 1)


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
        assert recording_entry(spec).problems() == []
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
        (problem,) = recording_entry(spec).problems()
        with pytest.raises(Fault, match=named):
            raise Fault(problem)


def test_faulty_distances_are_named_by_a_closer_look(tmp_path, square):
    path = tmp_path / "mine.csv"
    spec = {"kind": "rdm", "file": str(path), "stimuli": "photos", "measure": "judged"}
    uneven, names = square + np.triu(np.ones((N, N)), 1), [list(IDS), list(IDS)]
    for values, named in ((square, ""), (uneven, "not symmetric"), (1 - np.eye(N), "all equal")):
        pd.DataFrame(values, *names).to_csv(path)
        faults = [*recording_entry(spec).inspect("mine")]
        assert len(faults) == bool(named) and named in "".join(faults)
    pd.DataFrame(square[:, :-1], names[0], names[1][:-1]).to_csv(path)
    (fault,) = recording_entry(spec).inspect("mine")
    assert fault.startswith("file: ") and "ids of the first row" in fault


def test_unknown_and_repeated_images_are_refused(read, square):
    with pytest.raises(Fault, match="unknown to its stimulus set"):
        read("mine.npz", {"distances": square, "stimulus_id": [*IDS[:-1], "other"]})
    with pytest.raises(Fault, match="two rows"):
        read("mine.npz", {"distances": square, "stimulus_id": [*IDS[:-1], IDS[0]]}, IDS[:-1])

"""Sessions of macaque V4 whose checksums are not known here: never fetched unchecked, and checked when asked to."""

import hashlib
import io
import zipfile

import numpy as np
import pytest
from PIL import Image
from publisher import published

from ventral.core.errors import Fault
from ventral.recordings import read_recording
from ventral.recordings.kinds import macaque_v4, recording_entry
from ventral.recordings.prepare import make

SPEC = {"kind": "macaque_v4", "session": 210224}


@pytest.fixture
def files():
    """What the repository has of a session: name here, name there, and content."""
    rng = np.random.default_rng(0)
    trials = rng.poisson(3, (3, 4, 5)).astype(float)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("session/", "")
        for i in (3, 1, 4, 2):
            picture = io.BytesIO()
            Image.fromarray(np.full((12, 12, 3), 20 * i, dtype=np.uint8)).save(picture, "jpeg")
            zipped.writestr(f"session/image{i:04d}.jpg", picture.getvalue())
        zipped.writestr("__MACOSX/._image0001.jpg", b"junk")

    def saved(array):
        content = io.BytesIO()
        np.save(content, array)
        return content.getvalue()

    return {
        "images_210224.zip": ("images/images_210224.zip", archive.getvalue()),
        "responses_mean_210224.npy": ("responses_repeat_averaged/responses_210224.npy", saved(trials.mean(axis=2))),
        "responses_trials_210224.npy": ("responses_raw/responses_210224.npy", saved(trials)),
    }


def test_known_sessions_are_sound_and_unknown_ones_named_with_the_nearest():
    assert recording_entry({"kind": "macaque_v4", "session": 210325}).problems() == []
    assert recording_entry({"kind": "simulated", "stimuli": "scenes"}).problems() == []
    (problem,) = recording_entry({"kind": "macaque_v4", "session": 21025}).problems()
    assert problem.startswith("session: 21025 ") and "did you mean '210325'" in problem
    known = {*macaque_v4.SESSIONS, *macaque_v4.WITHOUT_IMAGES}
    assert len(known) == len(macaque_v4.SESSIONS) + len(macaque_v4.WITHOUT_IMAGES) == 50


def test_a_session_without_checksums_is_a_sentence_and_never_fetched(folder, tmp_path):
    (problem,) = recording_entry(SPEC).problems()
    for told in ("images_210224.zip", "responses_mean_210224.npy", "https://", str(folder), "under sha256"):
        assert told in problem
    assert "responses_trials_210224.npy" in problem
    with pytest.raises(Fault, match="checksum"):
        make("macaque", SPEC, tmp_path / "macaque.h5", tmp_path / "unused.h5")
    (problem,) = recording_entry(SPEC | {"sha256": {"image_210224.zip": "0" * 64}}).problems()
    assert problem.startswith("sha256.image_210224.zip: ")


def test_files_that_lie_there_are_used(folder, tmp_path, files):
    for name, (_, content) in files.items():
        if "trials" not in name:
            (folder / name).write_bytes(content)
    assert recording_entry(SPEC).problems() == [] and recording_entry(SPEC).varied() == []
    make("macaque", SPEC, tmp_path / "macaque.h5", tmp_path / "unused.h5")
    assert read_recording(tmp_path / "macaque.h5").trials is None
    (folder / "responses_trials_210224.npy").write_bytes(files["responses_trials_210224.npy"][1])
    make("macaque", SPEC, tmp_path / "macaque.h5", tmp_path / "unused.h5")
    found = read_recording(tmp_path / "macaque.h5")
    assert found.trials.shape == (3, 4, 5) and (found.units.animal == "PE").all()
    images, table = recording_entry(SPEC).images("macaque")
    assert list(table.stimulus_id) == [f"210224/image{i:04d}" for i in (1, 2, 3, 4)]
    assert [int(image.mean().round()) for image in images] == [20, 40, 60, 80]


def test_files_with_checksums_are_fetched_and_checked(folder, tmp_path, files, monkeypatch):
    digits = {name: hashlib.sha256(content).hexdigest() for name, (_, content) in files.items()}
    spec = SPEC | {"sha256": digits}
    assert recording_entry(spec).problems() == []
    with published() as server:
        server.files.update({there: content for there, content in files.values()})
        monkeypatch.setattr(macaque_v4, "V4_RESPONSES", server.address)
        make("macaque", spec, tmp_path / "macaque.h5", tmp_path / "unused.h5")
        assert read_recording(tmp_path / "macaque.h5").trials.shape == (3, 4, 5)
        assert sorted(path.name for path in folder.iterdir()) == sorted(files)
        (folder / "images_210224.zip").unlink()
        wrong = SPEC | {"sha256": digits | {"images_210224.zip": "0" * 64}}
        with pytest.raises(Fault, match=r"images_210224\.zip .* checksum"):
            make("macaque", wrong, tmp_path / "macaque.h5", tmp_path / "unused.h5")


def test_files_that_do_not_fit_are_a_sentence(folder, tmp_path, files):
    for name, (_, content) in files.items():
        (folder / name).write_bytes(content)
    np.save(folder / "responses_mean_210224.npy", np.ones((3, 5)))
    with pytest.raises(Fault, match=r"shape \(3, 5\) do not fit the session's 4 images"):
        make("macaque", SPEC, tmp_path / "macaque.h5", tmp_path / "unused.h5")
    (folder / "responses_mean_210224.npy").write_bytes(b"no array")
    with pytest.raises(Fault, match=r"responses_mean_210224\.npy cannot be read as an array"):
        make("macaque", SPEC, tmp_path / "macaque.h5", tmp_path / "unused.h5")


def test_sessions_whose_images_are_not_published_are_offered_to_nobody(folder, files, tmp_path):
    spec = {"kind": "macaque_v4", "session": 211025}
    (problem,) = recording_entry(spec).problems()
    assert "images_211025.zip" in problem and all(str(one) in problem for one in macaque_v4.SESSIONS)
    assert recording_entry(spec | {"sha256": {"images_211025.zip": "0" * 64}}).problems() == [problem]
    for name, (_, content) in files.items():
        (folder / name.replace("210224", "211025")).write_bytes(content)
    assert recording_entry(spec).problems() == []  # whoever has the images can use the session
    make("macaque", spec, tmp_path / "macaque.h5", tmp_path / "unused.h5")
    assert read_recording(tmp_path / "macaque.h5").responses.shape == (3, 4)


MEANS, TRIALS = "responses_mean_210224.npy", "responses_trials_210224.npy"


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({TRIALS: lambda trials: trials.mean(axis=2)}, (TRIALS, "(3, 4)", "responses_repeat_averaged")),
        ({MEANS: lambda trials: trials}, (MEANS, "(3, 4, 5)", "responses_raw")),
        ({TRIALS: lambda trials: trials[:, :3]}, (TRIALS, "(3, 3, 5)", MEANS, "210224")),
        ({TRIALS: lambda trials: trials[:2]}, (TRIALS, "(2, 4, 5)", MEANS)),
        ({TRIALS: lambda trials: trials[::-1]}, (TRIALS, MEANS, "unit 0", "210224/image0001")),
        ({TRIALS: lambda trials: trials[:, ::-1]}, (TRIALS, MEANS)),
        ({TRIALS: lambda trials: trials + 0.1}, (TRIALS, MEANS, "3 of 3 units", "4 of 4 images")),
        ({TRIALS: lambda trials: trials.astype(str)}, (TRIALS, "<U")),
    ],
)
def test_the_wrong_file_of_responses_is_named(changes, named, folder, files, tmp_path):
    trials = np.load(io.BytesIO(files[TRIALS][1]))
    for name, (_, content) in files.items():
        (folder / name).write_bytes(content)
    for name, change in changes.items():
        np.save(folder / name, change(trials))
    with pytest.raises(Fault) as fault:
        make("macaque", SPEC, tmp_path / "macaque.h5", tmp_path / "unused.h5")
    assert all(one in str(fault.value) for one in named), fault.value
    assert not (tmp_path / "macaque.h5").exists()


def test_trials_of_half_precision_with_missing_repeats_agree_with_their_means(folder, files, tmp_path):
    trials = np.load(io.BytesIO(files[TRIALS][1])) + 1000 * np.arange(3)[:, None, None]
    trials[1, 2, 3:] = np.nan
    means = np.nanmean(trials, axis=2)
    trials[2, 0] = np.nan  # a mean whose trials are lost
    for name, (_, content) in files.items():
        (folder / name).write_bytes(content)
    np.save(folder / TRIALS, trials)
    np.save(folder / MEANS, means.astype(np.float16))
    make("macaque", SPEC, tmp_path / "macaque.h5", tmp_path / "unused.h5")
    found = read_recording(tmp_path / "macaque.h5")
    np.testing.assert_array_equal(found.responses, means.astype(np.float16))
    np.testing.assert_array_equal(found.trials, trials.astype(np.float32))

"""A killed extraction continues at the image where it was killed, and its file is that of an undisturbed one."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import pytest
from checkout import HELPERS
from small_models import images, model_of, small

from ventral.core import unfinished
from ventral.core.errors import Fault
from ventral.core.files import mark_of, remove_partial
from ventral.models import extract

N, BATCH, LAYERS = 640, 16, ["1", "4"]
SETTINGS = {"batch": BATCH, "content": "images"}


class Counted:
    """Images that count those that are read."""

    def __init__(self):
        self.array, self.read = images(N, 16), 0
        self.shape, self.dtype = self.array.shape, self.array.dtype

    def __len__(self):
        return N

    def __getitem__(self, index):
        self.read += len(self.array[index])
        return self.array[index]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    path = tmp_path_factory.mktemp("undisturbed") / "small.h5"
    extract(model_of(small), images(N, 16), LAYERS, path, **SETTINGS)
    return path


@pytest.fixture(scope="module")
def left(tmp_path_factory):
    """The path of a file whose writer was killed after some of its images were complete."""
    path = tmp_path_factory.mktemp("killed") / "small.h5"
    writer = subprocess.Popen([sys.executable, HELPERS / "slow_extraction.py", path, str(N), str(BATCH)])
    end = time.monotonic() + 120
    while not (mark_of(path).exists() and marked(path) >= N // 4) and time.monotonic() < end:
        assert writer.poll() is None
        time.sleep(0.01)
    os.kill(writer.pid, signal.SIGKILL)
    writer.wait()
    assert not path.exists() and marked(path) < N
    return path


@pytest.fixture
def killed(left, tmp_path):
    """A copy of what is left, which a test may use up."""
    shutil.copytree(left.parent, tmp_path / "copy")
    return tmp_path / "copy" / left.name


def marked(path):
    return json.loads(mark_of(path).read_text())["images"]


def test_a_killed_extraction_goes_on_at_its_mark(killed, undisturbed):
    done, shown = marked(killed), Counted()
    remove_partial(killed.parent)  # as the next run does
    extract(model_of(small), shown, LAYERS, killed, **SETTINGS)
    assert shown.read <= N - done + 2 * BATCH  # the first images are shown once more, to compare their responses
    assert killed.read_bytes() == undisturbed.read_bytes()
    assert [file.name for file in killed.parent.iterdir()] == ["small.h5"]


@pytest.mark.parametrize("change", ["weights", "images", "pooling", "damage"])
def test_what_belongs_to_another_extraction_is_not_used(killed, undisturbed, change, tmp_path):
    settings, model, expected = dict(SETTINGS), model_of(small), undisturbed
    if change == "damage":
        partial = unfinished.unfinished(killed)
        content = bytearray(partial.read_bytes())
        content[8000:8100] = bytes(100)
        partial.write_bytes(content)
    else:
        settings |= {"images": {"content": "others"}, "pooling": {"pooling": "avg"}}.get(change, {})
        model = model_of(small, seed=1) if change == "weights" else model
        expected = tmp_path / "again" / "small.h5"
        extract(model, images(N, 16), LAYERS, expected, **{**settings, "content": None})
    shown = Counted()
    extract(model, shown, LAYERS, killed, **settings)
    assert shown.read >= N and killed.read_bytes() == expected.read_bytes()


def test_an_error_leaves_what_is_complete_and_nothing_else(tmp_path, monkeypatch):
    class Failing(Counted):
        def __getitem__(self, index):
            if self.read > N // 2:
                raise OSError("the disk was removed")
            return super().__getitem__(index)

    path = tmp_path / "small.h5"
    for every, left in ((3600, []), (0, [".small.unfinished.h5", ".small.unfinished.json"])):
        monkeypatch.setattr(unfinished, "EVERY", every)
        with pytest.raises(OSError, match="removed"):
            extract(model_of(small), Failing(), LAYERS, path, **SETTINGS)
        assert sorted(file.name for file in tmp_path.iterdir()) == left


def test_unfinished_files_without_a_mark_are_removed_by_the_next_run(tmp_path):
    for name in (".a.unfinished.h5", ".b.unfinished.h5", ".b.unfinished.json", "c.unfinished.h5"):
        (tmp_path / name).touch()
    remove_partial(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        ".b.unfinished.h5",
        ".b.unfinished.json",
        "c.unfinished.h5",
    ]


def test_two_extractions_do_not_write_one_file(tmp_path):
    path = tmp_path / "small.h5"
    with (
        unfinished.continued_hdf5(path, "one"),
        pytest.raises(Fault, match=r"Another process is writing .*small\.h5"),
        unfinished.continued_hdf5(path, "two"),
    ):
        pass
    assert path.exists()


# float16


def loud(scale, offset=0.0):
    """A layer whose responses are those of a small network, scaled and shifted."""
    from torch import nn

    class Loud(nn.Module):
        def __init__(self):
            super().__init__()
            self.inner, self.last = small(), nn.Identity()

        def forward(self, x):
            return self.last(offset + scale * self.inner(x))

    return Loud


@pytest.mark.parametrize("scale, offset", [(1e-7, 0), (0.1, 1000)], ids=["too small", "too little difference"])
def test_float16_is_refused_where_it_loses_the_differences(scale, offset, tmp_path):
    model = model_of(loud(scale, offset), "loud")
    with pytest.raises(Fault, match=r"last of model loud .*largest value .*cache: float32"):
        extract(model, images(40), ["last"], tmp_path / "a.h5", precision="float16")
    assert not list(tmp_path.iterdir())
    extract(model, images(40), ["last"], tmp_path / "a.h5")


def test_a_layer_that_is_constant_is_not_taken_for_one_that_float16_cannot_hold(tmp_path, caplog):
    extract(model_of(loud(0, 0.1), "dead"), images(40), ["last"], tmp_path / "a.h5", precision="float16")
    assert "last of model dead " in caplog.text


def test_a_killed_extraction_in_float16_is_the_same_too(tmp_path, monkeypatch):
    monkeypatch.setattr(unfinished, "EVERY", 0)
    settings = SETTINGS | {"precision": "float16"}
    extract(model_of(small), images(N, 16), LAYERS, tmp_path / "whole.h5", **settings)

    class Cut(Counted):
        def __getitem__(self, index):
            if self.read > N // 2:
                raise KeyboardInterrupt
            return super().__getitem__(index)

    with pytest.raises(KeyboardInterrupt):
        extract(model_of(small), Cut(), LAYERS, tmp_path / "cut.h5", **settings)
    assert marked(tmp_path / "cut.h5") >= N // 4
    extract(model_of(small), Counted(), LAYERS, tmp_path / "cut.h5", **settings)
    assert (tmp_path / "cut.h5").read_bytes() == (tmp_path / "whole.h5").read_bytes()

"""Tar shards: pictures are found once and read by index, and what is wrong with a shard is named."""

import io
import json
import tarfile
from contextlib import contextmanager

import h5py
import numpy as np
import pytest
from PIL import Image

from ventral.config.complete import complete
from ventral.core.errors import Fault
from ventral.stimuli import open_images, read_table
from ventral.stimuli.images import load_pictures
from ventral.stimuli.kinds import stimulus_entry
from ventral.stimuli.shards import index_shards, list_shards
from ventral.stimuli.write_set import make


def picture(level, form="png"):
    content = io.BytesIO()
    Image.fromarray(np.full((20, 24, 3), level, np.uint8)).save(content, form)
    return content.getvalue()


@contextmanager
def shard(path):
    """A function that adds a member to a new shard."""
    with tarfile.open(path, "w") as archive:

        def add(name, content=b"", **attributes):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            for key, value in attributes.items():
                setattr(member, key, value)
            archive.addfile(member, io.BytesIO(content))

        yield add


@pytest.fixture
def shards(tmp_path):
    """Two shards of three and two pictures, with labels and members that are not read."""
    folder = tmp_path / "shards"
    folder.mkdir()
    with shard(folder / "b-000001.tar") as add:
        add("d.png", picture(40))
        add("d.json", json.dumps({"label": 3, "width": 24}).encode())
        add("e.PNG", picture(50))
    with shard(folder / "a-000000.tar") as add:
        add("cat", type=tarfile.DIRTYPE)
        add("cat/a.cls", b"cat\n")
        add("cat/a.png", picture(10))
        add("cat/a.txt", b"a caption")
        add("._junk", b"made by an operating system")
        add("./cat/b.png", picture(20))
        add("c.v1.seg.png", b"not a picture of a single suffix, so not read")
        add("c.png", picture(30))
    return folder


def spec_of(folder):
    return {"kind": "shards", "folder": str(folder), "size": 16}


def test_pictures_of_shards_come_in_order_with_their_labels(shards, tmp_path):
    make("packed", spec_of(shards), tmp_path / "packed.h5", tmp_path / "packed.png")
    table = read_table(tmp_path / "packed.h5")
    assert table.stimulus_id.tolist() == ["cat/a", "cat/b", "c", "d", "e"]
    assert table.label.tolist() == ["cat", "", "", "3", ""]
    with open_images(tmp_path / "packed.h5") as images:
        assert images.shape == (5, 16, 16, 3)
        assert images[:, 8, 8, 0].tolist() == [10, 20, 30, 40, 50]
    entry = stimulus_entry(spec_of(shards))
    assert entry.labeled() and not [*entry.problems("packed", None)] and not [*entry.inspect()]
    assert entry.files() == list_shards(shards)


FAULTS = {
    "no picture": (lambda add: add("x.txt", b"a"), r"sample x of .*new\.tar has no picture"),
    "two pictures": (lambda add: (add("x.png", picture(1)), add("x.jpg", picture(1, "jpeg"))), "x of .* several"),
    "repeated": (lambda add: add("c.png", picture(1)), r"key c of .*new\.tar was used before, in .*a-000000\.tar"),
    "apart": (lambda add: [add(f"{name}.png", picture(1)) for name in "xyx"], r"key x of .*new\.tar .* follow"),
    "no suffix": (lambda add: add("README", b"a"), r"README in .*new\.tar has no suffix"),
    "link": (lambda add: add("x.png", type=tarfile.SYMTYPE, linkname="c.png"), r"x\.png in .* not a plain file"),
    "label": (lambda add: (add("x.png", picture(1)), add("x.json", b"{")), r"x\.json in .*new\.tar cannot be read"),
    "kind of label": (lambda add: (add("x.png", picture(1)), add("x.json", b'{"label": [1]}')), "type list"),
    "two labels": (lambda add: (add("x.cls", b"1"), add("x.json", b'{"label": 2}')), "two labels, '1' and '2'"),
}


@pytest.mark.parametrize("fault", list(FAULTS))
def test_members_at_fault_are_named_before_any_job(fault, shards):
    fill, sentence = FAULTS[fault]
    with shard(shards / "new.tar") as add:
        fill(add)
    model = {"source": "python", "factory": "ventral.models.baselines:pixels", "layers": ["pixels"]}
    with pytest.raises(Fault, match=rf"stimuli\.packed\.folder: .*{sentence}"):
        complete({"stimuli": {"packed": spec_of(shards)}, "models": {"pixels": model}})


@pytest.mark.parametrize("kept", [3000, 1024, 100, 0], ids=str)
def test_truncated_shards_are_named(kept, shards):
    path = shards / "a-000000.tar"
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(Fault, match=r"a-000000\.tar is truncated"):
        list_shards(shards)


def test_shards_that_are_damaged_inside_or_joined_are_named(shards):
    path = shards / "a-000000.tar"
    content = path.read_bytes()
    path.write_bytes(content + content)
    with pytest.raises(Fault, match=r"a-000000\.tar is truncated, damaged, or joined"):
        index_shards(shards)
    damaged = bytearray(content)
    damaged[3 * 512 : 3 * 512 + 200] = bytes(range(200))
    path.write_bytes(damaged)
    with pytest.raises(Fault, match=r"a-000000\.tar is truncated, damaged"):
        index_shards(shards)


def test_pictures_that_cannot_be_shown_are_found_by_a_close_check(shards, tmp_path):
    with shard(shards / "new.tar") as add:
        add("x.png", b"no picture")
    spec = spec_of(shards)
    (fault,) = stimulus_entry(spec).inspect()
    assert "folder: The image x in " in fault and "new.tar cannot be read" in fault
    with pytest.raises(Fault, match=r"image x in .*new\.tar cannot be read"):
        make("packed", spec, tmp_path / "packed.h5", tmp_path / "packed.png")


def test_folders_without_shards_are_named(tmp_path):
    (tmp_path / "packed.tar.gz").touch()
    with pytest.raises(Fault, match=r"holds no shards .* decompress"):
        list_shards(tmp_path)
    with pytest.raises(Fault, match="nowhere does not exist"):
        list_shards(tmp_path / "nowhere")
    with shard(tmp_path / "empty.tar"):
        pass
    with pytest.raises(Fault, match="hold no picture"):
        index_shards(tmp_path)


def test_images_of_hdf5_files_are_read_one_by_one(tmp_path):
    n = 100_000
    with h5py.File(tmp_path / "large.h5", "w") as file:  # 19.7 GB, of which almost nothing is written
        images = file.create_dataset("images", (n, 256, 256, 3), np.uint8, chunks=(1, 256, 256, 3))
        images[n - 1] = 7
    pictures, table = load_pictures(tmp_path / "large.h5")
    assert len(pictures) == len(table) == n
    assert np.asarray(pictures[n - 1]()).max() == 7 and not np.asarray(pictures[0]()).any()

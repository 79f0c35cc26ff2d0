"""The user's own images and meshes: folders, lists and arrays give the same set, or a sentence."""

import h5py
import numpy as np
import pandas as pd
import pytest
import trimesh
from PIL import Image
from small_scenes import HEAD_ON, SMALL

from ventral.core.errors import Fault
from ventral.stimuli import open_images, read_table
from ventral.stimuli.image_lists import list_images, list_meshes
from ventral.stimuli.images import load_images
from ventral.stimuli.meshfiles import load_mesh
from ventral.stimuli.render import render
from ventral.stimuli.write_set import make


def test_meshes_of_a_folder_keep_their_colours(tmp_path):
    (tmp_path / "balls").mkdir()
    ball = trimesh.creation.icosphere(subdivisions=3)
    ball.export(tmp_path / "balls" / "plain.obj")
    ball.visual.vertex_colors = [255, 0, 0, 255]
    ball.export(tmp_path / "balls" / "red.ply")
    picture = Image.fromarray(np.full((4, 4, 3), (0, 255, 0), np.uint8))
    textured = trimesh.creation.box()
    textured.visual = trimesh.visual.TextureVisuals(
        uv=np.random.default_rng(0).uniform(size=(len(textured.vertices), 2)), image=picture
    )
    textured.export(tmp_path / "cube.glb")

    found = list_meshes(tmp_path)
    assert {category: len(paths) for category, paths in found.items()} == {"balls": 2, "cube": 1}
    plain, red = (load_mesh(path) for path in found["balls"])
    green = load_mesh(found["cube"][0])
    settings = HEAD_ON | {"light": np.array([0.3, -0.9, 0.3]), "size": 40}
    colors = [
        image[image[..., 3] == 1][:, :3].mean(axis=0) for image in (render(m, **settings) for m in (plain, red, green))
    ]
    assert np.ptp(colors[0]) < 0.01
    assert colors[1][0] > 3 * colors[1][1] and colors[2][1] > 3 * colors[2][0]

    spec = SMALL | {"meshes": str(tmp_path), "base_scenes": 4}
    make("own", spec, tmp_path / "own.h5", tmp_path / "own.png")
    assert set(read_table(tmp_path / "own.h5")["label"]) == {"balls", "cube"}


def test_mesh_folders_without_meshes_and_broken_meshes_are_named(tmp_path):
    with pytest.raises(Fault, match="holds no meshes"):
        list_meshes(tmp_path)
    (tmp_path / "broken.glb").write_bytes(b"glTF broken")
    with pytest.raises(Fault, match=r"broken\.glb cannot be read"):
        load_mesh(list_meshes(tmp_path)["broken"][0])
    (tmp_path / "absent.obj").write_text("v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 9\n")
    with pytest.raises(Fault, match=r"absent\.obj cannot be read \(damaged\)"):
        load_mesh(tmp_path / "absent.obj")
    (tmp_path / "empty.obj").write_text("v 0 0 0\n")
    with pytest.raises(Fault, match=r"empty\.obj"):
        load_mesh(tmp_path / "empty.obj")


@pytest.fixture
def photographs(tmp_path):
    folder = tmp_path / "photographs"
    for label, value in (("bright", 200), ("dark", 40)):
        (folder / label).mkdir(parents=True)
        for i in range(2):
            image = np.full((20, 30, 3), value, np.uint8)
            image[:, 15:] += np.uint8(i * 20)
            Image.fromarray(image).save(folder / label / f"{i}.png")
    return folder


def test_folders_lists_and_arrays_of_images_give_the_same_set(tmp_path, photographs):
    names = [path.relative_to(tmp_path).as_posix() for path in list_images(photographs)]
    (tmp_path / "list.txt").write_text("# my images\n" + "\n".join(names))
    pd.DataFrame({"path": names, "label": list("aabb")}).to_csv(tmp_path / "list.csv", index=False)
    stack = np.stack([np.asarray(Image.open(tmp_path / name)) for name in names])
    np.savez(tmp_path / "array.npz", images=stack, label=list("aabb"))
    sources = [photographs, *(tmp_path / name for name in ("list.txt", "list.csv", "array.npz"))]
    sets = {source.suffix: load_images({"folder": source, "size": 16}) for source in sources}
    contents = {suffix: (np.stack(list(images)), table) for suffix, (images, table) in sets.items()}
    for images, table in contents.values():
        assert images.shape == (4, 16, 16, 3) and table["stimulus_id"].is_unique
        np.testing.assert_array_equal(images, contents[""][0])
    assert list(contents[""][1]["label"]) == ["bright", "bright", "dark", "dark"]
    assert list(contents[".csv"][1]["label"]) == list(contents[".npz"][1]["label"]) == list("aabb")
    assert list(contents[".txt"][1]["label"]) == [""] * 4


def test_folders_and_files_at_fault_are_named(tmp_path, photographs):
    (tmp_path / "empty").mkdir()
    with pytest.raises(Fault, match="empty holds no images"):
        load_images({"folder": tmp_path / "empty", "size": 16})
    with pytest.raises(Fault, match="nowhere does not exist"):
        load_images({"folder": tmp_path / "nowhere", "size": 16})
    (tmp_path / "list.txt").write_text("absent.png")
    with pytest.raises(Fault, match=r"1 images of the list .*absent\.png"):
        list_images(tmp_path / "list.txt")
    (tmp_path / "array.npz").write_bytes(b"PK")
    with pytest.raises(Fault, match=r"array\.npz cannot be read"):
        load_images({"folder": tmp_path / "array.npz", "size": 16})
    Image.effect_noise((64, 64), 50).save(photographs / "dark" / "cut.png")
    whole = (photographs / "dark" / "cut.png").read_bytes()
    (photographs / "dark" / "cut.png").write_bytes(whole[: len(whole) // 2])
    spec = {"kind": "images", "folder": photographs, "size": 16}
    with pytest.raises(Fault, match=r"dark/cut\.png cannot be read"):
        make("photos", spec, tmp_path / "photos.h5", tmp_path / "photos.png")
    assert not (tmp_path / "photos.h5").exists()
    (photographs / "dark" / "cut.png").unlink()
    make("photos", spec, tmp_path / "photos.h5", tmp_path / "photos.png")
    assert list(read_table(tmp_path / "photos.h5")["label"]) == ["bright", "bright", "dark", "dark"]


def test_photographs_can_be_backgrounds(tmp_path, photographs):
    spec = SMALL | {"backgrounds": str(photographs), "parameters": [], "base_scenes": 2}
    make("on_photographs", spec, tmp_path / "some.h5", tmp_path / "some.png")
    assert len(read_table(tmp_path / "some.h5")) == 2


def test_images_and_scenes_can_be_without_colour(tmp_path, photographs):
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (20, 20, 3), dtype=np.uint8)).save(photographs / "dark" / "colourful.png")
    scenes = SMALL | {"parameters": [], "base_scenes": 2}
    for spec in ({"kind": "images", "folder": str(photographs), "size": 20}, scenes):
        make("some", spec, tmp_path / "colour.h5", tmp_path / "colour.png")
        grey_spec = spec | {"grayscale": True} | ({"like": "some"} if spec is scenes else {})
        make("grey", grey_spec, tmp_path / "grey.h5", tmp_path / "grey.png")
        with open_images(tmp_path / "colour.h5") as colour, open_images(tmp_path / "grey.h5") as grey:
            assert np.ptp(colour[:], axis=3).max() > 50
            luma = np.repeat((colour[:] @ [0.299, 0.587, 0.114])[..., None], 3, axis=3)
            np.testing.assert_allclose(grey[:], luma, atol=0.51)
            assert grey.file.attrs["description"] == colour.file.attrs["description"][:-1] + "; without color."
        pd.testing.assert_frame_equal(read_table(tmp_path / "grey.h5"), read_table(tmp_path / "colour.h5"))


@pytest.mark.parametrize("suffix", [".npz", ".h5"])
def test_ids_and_labels_of_arrays_are_texts_whatever_they_were_stored_as(suffix, tmp_path):
    images = np.zeros((3, 8, 8, 3), dtype=np.uint8)
    for stored, expected in [
        (np.array([b"a", b"b", b"c"]), ["a", "b", "c"]),
        (np.array(["a", "b", "é"], dtype=object), ["a", "b", "é"]),
        (np.array([1.0, 2, 3]), ["1", "2", "3"]),
    ]:
        path = tmp_path / f"images{suffix}"
        if suffix == ".npz":
            np.savez(path, images=images, stimulus_id=stored, label=stored)
        else:
            with h5py.File(path, "w") as file:
                file.update({"images": images, "stimulus_id": stored, "label": stored})
        _, table = load_images({"folder": path, "size": 8})
        assert table.stimulus_id.tolist() == table.label.tolist() == expected


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"label": ["a", "b"]}, "'label' has 2 entries for 3 images"),
        ({"stimulus_id": list("abcd")}, "'stimulus_id' has 4 entries for 3 images"),
        ({"stimulus_id": ["a", "", "c"]}, "without a name, number 1"),
        ({"stimulus_id": np.array(["a", None, "c"], dtype=object)}, "'stimulus_id' has no value at place 1"),
    ],
)
def test_ids_and_labels_that_are_missing_are_named(changed, named, tmp_path):
    np.savez(tmp_path / "images.npz", images=np.zeros((3, 8, 8, 3), dtype=np.uint8), **changed)
    with pytest.raises(Fault, match=f"images.npz.*{named}"):
        load_images({"folder": tmp_path / "images.npz", "size": 8})


@pytest.mark.parametrize(
    ("content", "labels"),
    [
        ("path,label\n0.png,a\n1.png,b\n", ["a", "b"]),
        ("path, label\n0.png, a\n1.png, b\n", ["a", "b"]),
        ("Path,LABEL \n0.png,a\n\n1.png,b\n", ["a", "b"]),
        ("label,name,path\n01,x,0.png\n1,y,1.png\n", ["01", "1"]),
        ("\ufeffpath,label\r\n0.png,NA\r\n1.png\r\n", ["NA", ""]),
        ('path,stimulus_id\n"0.png",a\n1.png,b\n', ["", ""]),
    ],
)
def test_columns_of_a_list_are_known_by_their_names(content, labels, tmp_path, caplog):
    for name in ("0.png", "1.png"):
        Image.new("RGB", (8, 8)).save(tmp_path / name)
    (tmp_path / "list.csv").write_bytes(content.encode())
    with caplog.at_level("INFO"):
        table = load_images({"folder": tmp_path / "list.csv", "size": 8})[1]
    assert table.stimulus_id.tolist() == ["0.png", "1.png"] and table.label.tolist() == labels
    left_out = {"name", "stimulus_id"} & set(content.splitlines()[0].split(","))
    assert [name for name in ("name", "stimulus_id") if f"left out: {name}" in caplog.text] == [*left_out]


@pytest.mark.parametrize(
    "content",
    [
        b"path,label\na.png,x\na.png,x,y,z\n",
        b"path,label\na.png,x,y\n",
        b"path,label,Label\na.png,x,y\n",
        bytes(range(1, 128)),
    ],
)
def test_a_list_that_is_no_table_is_one_line(content, tmp_path):
    (tmp_path / "list.csv").write_bytes(content)
    with pytest.raises(Fault, match=r"list\.csv") as fault:
        list_images(tmp_path / "list.csv")
    assert len(str(fault.value).splitlines()) == 1


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_one_image_is_not_taken_for_a_stack_of_gray_ones(channels, tmp_path):
    one = np.random.default_rng(0).integers(0, 256, (8, 9, channels), np.uint8)
    np.savez(tmp_path / "one.npz", images=one)
    with pytest.raises(Fault, match=rf"one\.npz.*\(1, 8, 9, {channels}\)"):
        list_images(tmp_path / "one.npz")
    np.savez(tmp_path / "one.npz", images=one[None])
    assert len(load_images({"folder": tmp_path / "one.npz", "size": 8})[1]) == 1

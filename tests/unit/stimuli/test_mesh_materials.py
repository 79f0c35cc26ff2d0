"""Materials and textures of meshes are drawn, or named."""

import json
import struct

import numpy as np
import pytest
import trimesh
from PIL import Image

from ventral.core.errors import Fault
from ventral.stimuli.image_lists import list_meshes
from ventral.stimuli.kinds import stimulus_entry
from ventral.stimuli.meshfiles import load_mesh
from ventral.stimuli.stimulus_entry import Surroundings


@pytest.fixture
def box(tmp_path):
    """A box with a texture."""
    mesh = trimesh.creation.box()
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 255, (32, 32, 3), np.uint8))
    mesh.visual = trimesh.visual.TextureVisuals(uv=np.full((len(mesh.vertices), 2), 0.5), image=picture)
    (tmp_path / "meshes").mkdir()
    return mesh


def faults(folder):
    entry = stimulus_entry({"kind": "scenes", "base_scenes": 2, "meshes": str(folder)})
    return list(entry.problems("own", Surroundings({})))


def test_textures_beside_a_mesh_are_drawn(box, tmp_path):
    for name in ("meshes/box.obj", "meshes/box.glb"):
        box.export(tmp_path / name)
        assert len(load_mesh(tmp_path / name).textures) == 1
    assert faults(tmp_path / "meshes") == []


@pytest.mark.parametrize("named", ["absent.png", "../../textures/a.png", "/elsewhere/a.png", "-s 1 1 1 material_0.png"])
def test_a_texture_that_is_not_beside_its_mesh_is_named(box, tmp_path, named):
    folder = tmp_path / "meshes"
    box.export(folder / "box.obj")
    materials = folder / "material.mtl"
    materials.write_text(materials.read_text().replace("map_Kd material_0.png", f"map_Kd {named}"))
    with pytest.raises(Fault, match=r"box\.obj") as raised:
        load_mesh(folder / "box.obj")
    assert named in str(raised.value) and "material.mtl" in str(raised.value)
    assert faults(folder) == [f"meshes: {raised.value}"]


def test_an_absent_material_file_and_a_second_one_are_named(box, tmp_path):
    folder = tmp_path / "meshes"
    box.export(folder / "box.obj")
    text = (folder / "box.obj").read_text()
    (folder / "box.obj").write_text(text.replace("mtllib material.mtl", "mtllib material.mtl\nmtllib more.mtl"))
    with pytest.raises(Fault, match=r"box\.obj .*more\.mtl"):
        load_mesh(folder / "box.obj")
    (folder / "box.obj").write_text(text)
    (folder / "material.mtl").unlink()
    with pytest.raises(Fault, match=r"box\.obj .*material\.mtl"):
        load_mesh(folder / "box.obj")


@pytest.mark.parametrize("kept", [0, 20, 200])
def test_damaged_textures_are_named(box, tmp_path, kept):
    folder = tmp_path / "meshes"
    box.export(folder / "box.obj")
    picture = (folder / "material_0.png").read_bytes()
    (folder / "material_0.png").write_bytes(picture[:kept])
    with pytest.raises(Fault, match=r"box\.obj has a texture, material_0\.png"):
        load_mesh(folder / "box.obj")


def test_textures_beside_and_in_a_glb_file_are_checked(box, tmp_path):
    folder = tmp_path / "meshes"
    box.export(folder / "box.glb")
    content = (folder / "box.glb").read_bytes()
    start = content.index(b"\x89PNG")
    (folder / "box.glb").write_bytes(content[:start] + b"damaged!" + content[start + 8 :])
    with pytest.raises(Fault, match=r"box\.glb has a texture"):
        load_mesh(*list_meshes(folder)["box"])
    (length,) = struct.unpack_from("<I", content, 12)
    header = json.loads(content[20 : 20 + length])
    header["images"] = [{"uri": "skin.png"}]
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 4)
    rest = content[20 + length :]
    sizes = struct.pack("<III", 2, 20 + len(text) + len(rest), len(text))
    (folder / "box.glb").write_bytes(b"glTF" + sizes + b"JSON" + text + rest)
    with pytest.raises(Fault, match=r"box\.glb names skin\.png"):
        load_mesh(folder / "box.glb")
    box.visual.material.image.save(folder / "skin.png")
    assert len(load_mesh(folder / "box.glb").textures) == 1


def test_the_texture_of_a_ply_file_is_named(box, tmp_path):
    content = box.export(file_type="ply")
    header = content.replace(b"end_header", b"comment TextureFile skin.png\nend_header", 1)
    (tmp_path / "box.ply").write_bytes(header)
    with pytest.raises(Fault, match=r"box\.ply names skin\.png"):
        load_mesh(tmp_path / "box.ply")
    box.visual.material.image.save(tmp_path / "skin.png")
    load_mesh(tmp_path / "box.ply")

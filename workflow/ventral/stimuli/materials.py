"""Checks that the material files and textures that a mesh names exist and can be read.

trimesh draws a mesh without the materials and textures that it cannot read, and does not say so. Light to import,
because every job checks the configuration with it.
"""

import io
import json
import re
import struct
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from PIL import Image

from ventral.core.errors import Fault


def check_materials(mesh: Path, decode: bool = False) -> None:
    """Require that the material files of a mesh exist and that its textures are pictures.

    Names are looked up as trimesh does, in the folder of the mesh and in its sub-folders. Damaged mesh files pass,
    because `ventral.stimuli.meshfiles.load_mesh` reports them.

    Parameters
    ----------
    mesh : path
        An OBJ, GLB or PLY file; other files have no textures.
    decode : bool
        Whether to read the textures completely, and not only their headers.

    Raises
    ------
    Fault
        A material file or a texture is missing, is outside the folder of the mesh, or is damaged.
    """
    try:
        textures = list(TEXTURES_OF.get(mesh.suffix.lower(), lambda _: ())(mesh))
    except OSError as error:
        raise Fault(f"The mesh {mesh} or its material cannot be read: {error.strerror or error}.") from error
    for name, content in textures:
        try:
            with Image.open(io.BytesIO(content)) as picture:
                if decode:
                    picture.load()
        except Exception as error:  # Pillow's readers raise exceptions of any type
            raise Fault(
                f"The mesh {mesh} has a texture, {name}, that cannot be read as a picture; replace the texture, or "
                "remove it from the mesh's material."
            ) from error


def of_obj(mesh: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the textures in the material file of an OBJ file."""
    text = decoded(mesh.read_bytes()).replace("\\\n", "")
    libraries = [line.strip() for line in re.findall(r"^[ \t]*mtllib[ \t]+(.+)$", text, re.MULTILINE)]
    if len(set(libraries)) > 1:
        raise Fault(f"The mesh {mesh} names several material files ({', '.join(libraries)}); join them in one file.")
    for library in libraries[:1]:
        materials = decoded(beside(mesh, library, "its line `mtllib`"))
        for line in re.findall(r"^[ \t]*map_kd[ \t]+(.+)$", materials, re.MULTILINE | re.IGNORECASE):
            yield line.strip(), beside(mesh, line.strip(), f"the line `map_Kd` of {library}")


def of_glb(mesh: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the base-color textures of a GLB file, whether inside it or beside it."""
    try:
        content = mesh.read_bytes()
        (length,) = struct.unpack_from("<I", content, 12)
        header, binary = json.loads(content[20 : 20 + length]), content[28 + length :]
        pictures = [header["images"][index] for index in color_sources(header)]
        views = [header["bufferViews"][picture["bufferView"]] for picture in pictures if "bufferView" in picture]
    except (ValueError, LookupError, TypeError, AttributeError, struct.error):
        return
    for picture in pictures:
        uri = picture.get("uri", "")
        if "bufferView" not in picture and "base64," not in uri:
            yield uri, beside(mesh, uri, "its material")
    for view in views:
        start = view.get("byteOffset", 0)
        yield "in the file itself", binary[start : start + view["byteLength"]]


def of_ply(mesh: Path) -> Iterator[tuple[str, bytes]]:
    """Name and content of the texture that the header of a PLY file names."""
    header = decoded(mesh.read_bytes().partition(b"end_header")[0])
    for name in re.findall(r"^comment[ \t]+texturefile[ \t]+(.+)$", header, re.MULTILINE | re.IGNORECASE)[-1:]:
        yield name.strip(), beside(mesh, name.strip(), "its comment `TextureFile`")


def color_sources(header: dict) -> set[int]:
    """Indices of the images that materials in a glTF header use as their base color."""
    found = set()
    for material in header.get("materials", ()):
        chosen = material.get("pbrMetallicRoughness", {}).get("baseColorTexture")
        if chosen is not None:
            texture = header["textures"][chosen["index"]]
            others = [extension["source"] for extension in texture.get("extensions", {}).values()]
            found.add([*others, texture.get("source")][0])
    return found - {None}


def decoded(content: bytes) -> str:
    """Text in UTF-8, or in Latin-1 if it is not valid UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def beside(mesh: Path, name: str, line: str) -> bytes:
    """Content of a file in the folder of a mesh that the mesh names in a line of this description.

    Raises
    ------
    Fault
        The folder does not hold the file.
    """
    folder = mesh.parent.resolve()
    for candidate in (name, name.lstrip("/"), PurePosixPath(name).name):
        file = (folder / candidate).resolve()
        if candidate and file.is_relative_to(folder) and file.is_file():
            return file.read_bytes()
    raise Fault(
        f"The mesh {mesh} names {name} in {line}, and its folder holds no such file; put the file beside the mesh and "
        "name it by its path from there, or remove the line."
    )


TEXTURES_OF = {".obj": of_obj, ".glb": of_glb, ".ply": of_ply}

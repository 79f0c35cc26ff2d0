"""Bad pictures, lists, arrays of images, videos and meshes, from each of which a stimulus set is made."""

import io
import pickle
import struct
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import av
import h5py
import numpy as np
from bad_contents import PAGE, POINTER
from PIL import Image

NOISE = np.random.default_rng(0).integers(0, 256, (48, 48, 3), dtype=np.uint8)
IMAGES = np.random.default_rng(1).integers(0, 256, (4, 16, 16, 3), dtype=np.uint8)
TRIANGLE = "v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"


def made(kind: str, **spec) -> Callable:
    """A call that makes a stimulus set in ./out from these keys."""
    from ventral.stimuli.write_set import make

    return lambda: make("bad", {"kind": kind, "size": 32, "seed": 0} | spec, "out/bad.h5", "out/bad.png")


def encoded(format: str) -> bytes:
    content = io.BytesIO()
    Image.fromarray(NOISE).save(content, format)
    return content.getvalue()


def huge_png() -> bytes:
    """A PNG file that consists of a header of 100,000 × 100,000 pixels."""
    header = b"IHDR" + struct.pack(">IIBBBBB", 100_000, 100_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + header + struct.pack(">I", zlib.crc32(header))


def flipped(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes(255 - one for one in content[middle : middle + 40]) + content[middle + 40 :]


def picture(folder: Path, name: str, content: bytes) -> Callable:
    (folder / "photos").mkdir()
    (folder / "photos" / name).write_bytes(content)
    Image.fromarray(NOISE).save(folder / "photos/sound.png")
    return made("images", folder="photos")


def listing(folder: Path, name: str, content: bytes, kind: str = "images") -> Callable:
    Image.fromarray(NOISE).save(folder / "a.png")
    (folder / "text.png").write_text("no picture")
    (folder / "inner").mkdir()
    (folder / name).write_bytes(content)
    return made(kind, folder=name)


def npz(folder: Path, **arrays) -> Callable:
    np.savez(folder / "images.npz", **arrays)
    return made("images", folder="images.npz")


def h5(folder: Path, **arrays) -> Callable:
    with h5py.File(folder / "images.h5", "w") as file:
        for name, value in arrays.items():
            if value is None:
                file.create_group(name)
            else:
                file[name] = value
    return made("images", folder="images.h5")


def raw(folder: Path, name: str, content: bytes) -> Callable:
    (folder / name).write_bytes(content)
    return made("images", folder=name)


def cut(folder: Path, name: str, share: float) -> Callable:
    run = npz(folder, images=IMAGES) if name.endswith(".npz") else h5(folder, images=IMAGES)
    path = folder / name
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    return run


def video(path: Path, frames: int = 20) -> bytes:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 48
        for i in range(frames):
            image = np.roll(NOISE, i, axis=0)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(stream.encode())
    return path.read_bytes()


def clip(folder: Path, name: str, content: bytes | None, **spec) -> Callable:
    (folder / "clips").mkdir()
    path = folder / "clips" / name
    sound = video(path.with_suffix(".mp4"), spec.pop("length", 20))
    if content is not None:
        path.with_suffix(".mp4").unlink()
        path.write_bytes(sound[: len(sound) // 2] if content == b"half" else content)
    return made("movies", folder="clips", **{"frames": 3, "step": 1, "clips": 4} | spec)


def mesh(folder: Path, name: str, content: bytes | str) -> Callable:
    (folder / "meshes").mkdir()
    (folder / "meshes" / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return made("scenes", base_scenes=2, meshes="meshes", parameters=[], levels=2)


def backgrounds(folder: Path, name: str, content: bytes) -> Callable:
    (folder / "photos").mkdir()
    (folder / "photos" / name).write_bytes(content)
    return made("scenes", base_scenes=2, backgrounds="photos", parameters=[], levels=2)


def augmented(folder: Path, content: bytes) -> Callable:
    picture(folder, "bad.png", content)
    return made("augmentations", folder="photos", images=4, levels=5)


FORMATS = {"PNG": "png", "JPEG": "jpg", "GIF": "gif", "TIFF": "tif", "WEBP": "webp", "BMP": "bmp", "PPM": "ppm"}


Cases = dict[str, tuple[Callable, str]]


def bad_pictures() -> Cases:
    """For each case, a function that prepares it in a folder and returns the call that must fail, and what is named."""
    parts = (of_pictures, of_lists, of_arrays, of_damaged_arrays, of_videos, of_meshes, of_scenes_and_augmentations)
    return {what: case for part in parts for what, case in part().items()}


def of_pictures() -> Cases:
    cases = {}
    for format, suffix in FORMATS.items():
        content = encoded(format)
        for what, bad in (("cut", content[: len(content) // 2]), ("only a start", content[:10])):
            cases[f"{format}, {what}"] = (partial(picture, name=f"bad.{suffix}", content=bad), f"bad.{suffix}")
    others = {
        "empty": b"",
        "text": b"no picture",
        "a web page": PAGE,
        "a Git LFS pointer": POINTER,
        "a pickle": pickle.dumps([1]),
        "a header of 10 gigapixels": huge_png(),
        "flipped bytes": flipped(encoded("PNG")),
    }
    for what, bad in others.items():
        cases[f"picture: {what}"] = (partial(picture, name="bad.png", content=bad), "bad.png")
    return cases


def of_lists() -> Cases:
    lists = {
        "empty": ("list.csv", b""),
        "no column path": ("list.csv", b"file\na.png\n"),
        "no rows": ("list.csv", b"path\n"),
        "an absent image": ("list.csv", b"path\na.png\nb.png\n"),
        "an image twice": ("list.csv", b"path\na.png\na.png\n"),
        "an empty line": ("list.csv", b'path,label\na.png,x\n"",y\n'),
        "a folder": ("list.csv", b"path\ninner\n"),
        "no picture behind a name": ("list.csv", b"path\na.png\ntext.png\n"),
        "Latin-1": ("list.csv", "path\nä.png\n".encode("latin1")),
        "UTF-16": ("list.csv", "path\na.png\n".encode("utf-16")),
        "ragged": ("list.csv", b"path,label\na.png,x\na.png,x,y,z\n"),
        "semicolons": ("list.csv", b"path;label\na.png;x\n"),
        "zero bytes": ("list.csv", b"path\na\0.png\n"),
        "a binary file": ("list.csv", bytes(range(256))),
        "a web page": ("list.csv", PAGE),
        "an empty text": ("list.txt", b""),
        "comments alone": ("list.txt", b"# a.png\n"),
        "an absent image in a text": ("list.txt", b"a.png\nb.png\n"),
        "a picture as a list": ("list.txt", encoded("PNG")),
    }
    cases = {}
    for what, (name, content) in lists.items():
        named = "text.png" if what.startswith("no picture") else name
        cases[f"list: {what}"] = (partial(listing, name=name, content=content), named)
    return cases


def of_arrays() -> Cases:
    arrays = {
        "no images": dict(pictures=IMAGES),
        "levels above 1": dict(images=IMAGES / 128),
        "six channels": dict(images=np.concatenate([IMAGES, IMAGES], axis=3)),
        "whole numbers of 64 bits": dict(images=IMAGES.astype(np.int64)),
        "one image without its axis": dict(images=IMAGES[0, 0]),
        "missing levels": dict(images=np.where(IMAGES > 250, np.nan, IMAGES / 255)),
        "channels first": dict(images=IMAGES.transpose(0, 3, 1, 2)),
        "no image": dict(images=IMAGES[:0]),
        "images without pixels": dict(images=IMAGES[:, :0]),
        "too few labels": dict(images=IMAGES, label=["a", "b"]),
        "too many ids": dict(images=IMAGES, stimulus_id=list("abcde")),
        "an id twice": dict(images=IMAGES, stimulus_id=list("abca")),
        "labels of two axes": dict(images=IMAGES, label=np.zeros((4, 2))),
        "an empty id": dict(images=IMAGES, stimulus_id=["a", "b", "", "d"]),
    }
    cases = {}
    for what, content in arrays.items():
        cases[f".npz: {what}"] = (partial(npz, **content), "images.npz")
        texts = {
            key: np.asarray(value).astype("S") if key in ("label", "stimulus_id") and np.ndim(value) == 1 else value
            for key, value in content.items()
        }
        cases[f".h5: {what}"] = (partial(h5, **texts), "images.h5")
    ragged = np.empty(2, dtype=object)
    ragged[:] = [IMAGES[0], IMAGES[1, :8]]
    missing = np.array(["a", None, "c", "d"], dtype=object)
    cases[".npz: images of different sizes"] = (partial(npz, images=ragged), "images.npz")
    cases[".npz: a missing id"] = (partial(npz, images=IMAGES, stimulus_id=missing), "images.npz")
    cases[".h5: a group"] = (partial(h5, images=None), "images.h5")
    return cases


def of_damaged_arrays() -> Cases:
    cases = {}
    for name in ("images.npz", "images.h5"):
        for share in (0.1, 0.5, 0.98):
            cases[f"{name}: {share:.0%} of it"] = (partial(cut, name=name, share=share), name)
        for what, content in {
            "empty": b"",
            "text": b"images",
            "a web page": PAGE,
            "a pickle": pickle.dumps([1]),
        }.items():
            cases[f"{name}: {what}"] = (partial(raw, name=name, content=content), name)
    return cases


def of_videos() -> Cases:
    videos = {
        "empty": b"",
        "text": b"no video",
        "a web page": PAGE,
        "a picture": encoded("PNG"),
        "cut": b"half",
    }
    cases = {}
    for what, content in videos.items():
        cases[f"video: {what}"] = (partial(clip, name="bad.mp4", content=content), "bad.mp4")
    cases["video: a picture"] = (cases["video: a picture"][0], "clips")  # it is a video of one frame
    cases["video: shorter than a clip"] = (partial(clip, name="bad.mp4", content=None, frames=50), "clips")
    cases["video: one clip"] = (partial(clip, name="bad.mp4", content=None, frames=15), "clips")
    cases["video: one frame"] = (partial(clip, name="bad.mp4", content=None, length=1), "clips")
    return cases


def of_meshes() -> Cases:
    meshes = {
        "empty": ("bad.obj", ""),
        "text": ("bad.obj", "no mesh"),
        "no faces": ("bad.obj", "v 0 0 0\nv 1 0 0\nv 0 1 0\n"),
        "no area": ("bad.obj", "v 0 0 0\nv 1 0 0\nv 2 0 0\nf 1 2 3\n"),
        "corners that are no numbers": ("bad.obj", TRIANGLE.replace("0 1 0", "nan nan nan")),
        "corners that are infinite": ("bad.obj", TRIANGLE.replace("0 1 0", "inf 0 0")),
        "a face of absent corners": ("bad.obj", TRIANGLE.replace("1 2 3", "1 2 9")),
        "a web page": ("bad.glb", PAGE),
        "a cut GLB": ("bad.glb", b"glTF\x02\x00\x00\x00\xff\xff\x00\x00"),
        "a cut PLY": ("bad.ply", "ply\nformat ascii 1.0\nelement vertex 3\nproperty float x\nend_header\n0\n"),
        "a cut STL": ("bad.stl", b"\0" * 80 + struct.pack("<I", 10)),
    }
    return {f"mesh: {what}": (partial(mesh, name=name, content=bad), name) for what, (name, bad) in meshes.items()}


def of_scenes_and_augmentations() -> Cases:
    cases = {}
    for what, content in {"empty": b"", "cut": encoded("JPEG")[:400], "text": b"no picture"}.items():
        cases[f"background: {what}"] = (partial(backgrounds, name="bad.jpg", content=content), "bad.jpg")
        cases[f"augmentations: {what}"] = (partial(augmented, content=content), "bad.png")
    return cases

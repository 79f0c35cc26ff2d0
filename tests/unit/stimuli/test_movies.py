"""Movies: clips of contiguous frames, from videos that tell their frames' numbers by their brightness."""

import struct
from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ventral.core.errors import Fault
from ventral.stimuli import open_images, read_table
from ventral.stimuli.movies import clip_starts, load_movies, shares
from ventral.stimuli.write_set import make

SPEC = {"kind": "movies", "frames": 4, "step": 1, "clips": 100, "size": 16}
STEP = 5  # in brightness, from frame to frame


def film(path, n, *, draw=None, codec="mpeg4", aspect=1, container=None, **options):
    """A video of n frames at 25 per second; frame i is grey of brightness 20 + 5 i, or what `draw(i)` gives."""
    with av.open(path, "w", container, options=options) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = 64, 48, "yuv420p", 10_000_000
        stream.codec_context.sample_aspect_ratio = Fraction(aspect)
        for i in range(n):
            picture = draw(i) if draw else np.full((48, 64, 3), 20 + STEP * i, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def noise(i):
    return np.random.default_rng(i).integers(0, 256, (48, 64, 3), dtype=np.uint8)


def cut(path, share):
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])


def made(spec, folder):
    make("clips", SPEC | spec, folder / "clips.h5", folder / "clips.png")
    with open_images(folder / "clips.h5") as images:
        return images[:], read_table(folder / "clips.h5"), images.file.attrs["description"]


@pytest.mark.parametrize(
    ("suffix", "codec"), [("mp4", "mpeg4"), ("mkv", "libx264"), ("avi", "mpeg4"), ("webm", "libvpx")]
)
@pytest.mark.parametrize("step", [1, 3])
def test_clips_hold_the_frames_that_the_table_says(tmp_path, suffix, codec, step):
    path = film(tmp_path / f"grey.{suffix}", 42, codec=codec)
    images, table, description = made({"folder": str(path), "step": step}, tmp_path)
    brightness = images.reshape(len(images), -1).mean(axis=1)
    np.testing.assert_array_equal(((brightness - 20) / STEP).round(), table["frame"])
    assert len(table) == 4 * (42 // (3 * step + 1)) and table["stimulus_id"].is_unique
    np.testing.assert_allclose(
        table["second"] - table["second"][0], (table["frame"] - table["frame"][0]) / 25, atol=2e-3
    )
    for _, clip in table.groupby("scene"):
        assert list(clip["level"]) == [0, 1, 2, 3] and (np.diff(clip["frame"]) == step).all()
    first, last = (table.loc[table["level"] == level, "frame"].to_numpy() for level in (0, 3))
    assert (first[1:] > last[:-1]).all()
    assert set(table["parameter"]) == {"time"} and set(table["label"]) == {"grey"}
    assert description.startswith(f"{table['scene'].nunique()} clips of 4 frames")
    assert Image.open(tmp_path / "clips.png").width > 400


@given(st.integers(1, 400), st.integers(2, 20), st.integers(1, 30))
def test_clips_lie_inside_and_never_overlap(n, span, clips):
    clips = min(clips, n // span)
    starts = np.array(clip_starts(n, span, clips))
    assert len(starts) == clips
    if clips:
        assert starts[0] >= 0 and starts[-1] + span <= n and (np.diff(starts) >= span).all()
        assert abs(starts[0] - (n - starts[-1] - span)) <= 1  # as much is left before the first as after the last


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(2, 60))
def test_videos_share_the_clips_as_equally_as_can_be(fits, clips):
    shared = shares(fits, clips)
    assert shared.sum() == min(clips, sum(fits)) and (shared <= fits).all()
    able = shared[shared < fits]
    assert not able.size or shared.max() <= able.min() + 1


def test_folders_give_labels_and_short_videos_are_left_out(tmp_path, caplog):
    (tmp_path / "films" / "cats").mkdir(parents=True)
    for name, n in (("cats/a.mp4", 9), ("cats/b.avi", 3), ("dog.mkv", 8)):
        film(tmp_path / "films" / name, n)
    _, table, _ = made({"folder": str(tmp_path / "films")}, tmp_path)
    assert list(dict.fromkeys(table["scene"])) == [
        f"{name}_clip00{i}" for name in ("cats/a.mp4", "dog.mkv") for i in (0, 1)
    ]
    assert list(table["label"]) == ["cats"] * 8 + ["dog"] * 8 and list(table["video"]) == [0] * 8 + [2] * 8
    assert "b.avi is left out: it has 3 frames, a clip spans 4." in caplog.text
    _, table, _ = made({"folder": str(tmp_path / "films"), "clips": 3}, tmp_path)
    assert table.groupby("video")["scene"].nunique().to_dict() == {0: 2, 2: 1}
    with pytest.raises(Fault, match=r"10 frames, 1 apart \(the longest has 9 frames\)"):
        load_movies(SPEC | {"folder": tmp_path / "films", "frames": 10})


def test_bytes_do_not_depend_on_the_run_or_on_the_number_of_threads(tmp_path):
    film(tmp_path / "noise.mp4", 30, draw=noise, codec="libx264")
    runs = [np.stack(list(load_movies(SPEC | {"folder": tmp_path}, threads)[0])) for threads in (1, 1, 2)]
    np.testing.assert_array_equal(runs[0], runs[1])
    np.testing.assert_array_equal(runs[0], runs[2])


@pytest.mark.parametrize(
    ("suffix", "options"), [("mp4", {"movflags": "faststart"}), ("mp4", {}), ("mkv", {}), ("webm", {"codec": "libvpx"})]
)
def test_truncated_videos_are_named(tmp_path, suffix, options):
    path = film(tmp_path / f"noise.{suffix}", 40, draw=noise, **options)
    load_movies(SPEC | {"folder": tmp_path})
    cut(path, 0.5)
    with pytest.raises(Fault, match=rf"noise\.{suffix} (is truncated: 0\.\d of 1\.6 seconds|cannot be decoded)"):
        load_movies(SPEC | {"folder": tmp_path})


def test_files_that_are_no_videos_are_named(tmp_path):
    with pytest.raises(Fault, match="nowhere does not exist"):
        load_movies(SPEC | {"folder": tmp_path / "nowhere"})
    with pytest.raises(Fault, match="holds no videos"):
        load_movies(SPEC | {"folder": tmp_path})
    (tmp_path / "junk.mp4").write_bytes(b"no film" * 100)
    with pytest.raises(Fault, match=r"junk\.mp4 cannot be decoded"):
        made({"folder": str(tmp_path)}, tmp_path)
    assert not (tmp_path / "clips.h5").exists()
    with av.open(tmp_path / "junk.mp4", "w") as container:
        stream = container.add_stream("aac", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        sound.sample_rate = 8000
        container.mux(stream.encode(sound))
        container.mux(stream.encode())
    with pytest.raises(Fault, match=r"junk\.mp4 holds no video"):
        load_movies(SPEC | {"folder": tmp_path})
    content = film(tmp_path / "junk.mp4", 9, movflags="faststart").read_bytes()
    (tmp_path / "junk.mp4").write_bytes(content[: content.index(b"mdat") + 4])
    with pytest.raises(Fault, match=r"junk\.mp4 has no frames"):
        load_movies(SPEC | {"folder": tmp_path})
    film(tmp_path / "junk.mp4", 9, container="h264", codec="libx264")
    with pytest.raises(Fault, match=r"junk\.mp4 .* times"):
        load_movies(SPEC | {"folder": tmp_path})


def test_frames_are_turned_upright_and_pixels_made_square(tmp_path):
    def disc(_):
        x, y = np.meshgrid(np.arange(64) - 31.5, np.arange(48) - 23.5)
        picture = np.where(((x / 1.0) ** 2 + (y * 2) ** 2 < 28**2)[..., None], np.uint8(255), np.uint8(0)).repeat(3, 2)
        picture[:, :31] //= 2  # the left half is darker
        return picture

    path = film(tmp_path / "disc.mp4", 8, draw=disc, aspect=Fraction(1, 2))  # half as wide as high: a disc of 28 pixels
    spec = SPEC | {"folder": path, "size": 32}
    image = next(load_movies(spec)[0])[..., 0].astype(int)
    shape = image > 60
    assert shape.any(axis=0).sum() == pytest.approx(shape.any(axis=1).sum(), abs=2)
    assert image[16, 12] < image[16, 20] - 80

    header = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)
    clockwise = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 48 << 16, 0, 1 << 30)
    content = path.read_bytes()
    place = content.index(header, content.index(b"tkhd"))
    path.write_bytes(content[:place] + clockwise + content[place + len(header) :])
    np.testing.assert_allclose(next(load_movies(spec)[0])[..., 0], np.rot90(image, -1), atol=6)


def test_real_clips_vary_less_within_than_between(real_clips, tmp_path):
    images, table, description = made({"folder": str(real_clips), "frames": 10}, tmp_path)
    assert description == "37 clips of 10 frames (contiguous) from 2 videos of clips."
    clips = images.reshape(37, 10, -1).astype(float)
    within, between = clips.var(axis=1).mean(), clips.mean(axis=1).var(axis=0).mean()
    assert within < 0.5 * between
    assert table.groupby("video")["scene"].nunique().to_dict() == {0: 25, 1: 12}

"""Movies: display matrices are obeyed, and files that are cut anywhere are faults, never fewer clips."""

import struct
from fractions import Fraction

import av
import numpy as np
import pytest

from ventral.core.errors import Fault
from ventral.stimuli.containers import end_of
from ventral.stimuli.movies import load_movies

H, W = 48, 64
SPEC = {"kind": "movies", "frames": 2, "step": 1, "clips": 1000, "size": 32}
ONE = 1 << 16


def film(path, n, codec, draw, matrix=None, gop=None, pixels="yuv420p", **options):
    with av.open(path, "w", options=options) as container:
        stream = container.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = W, H, pixels, 10_000_000
        stream.gop_size = gop or 12
        if matrix is not None:
            stream.set_display_matrix(matrix)
        for i in range(n):
            picture = draw(i)
            layout = "rgba" if picture.shape[2] == 4 else "rgb24"
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format=layout)))
        container.mux(stream.encode())
    return path


def corners(_):
    """A picture that tells all its turns and mirrors apart."""
    picture = np.zeros((H, W, 3), np.uint8)
    picture[: H // 2, : W // 2], picture[: H // 2, W // 2 :], picture[H // 2 :, : W // 2] = 240, 160, 80
    return picture


def noise(i):
    return np.random.default_rng(i).integers(0, 256, (H, W, 3), dtype=np.uint8)


def flat(i):
    return np.full((H, W, 3), (20 + 5 * i) % 256, np.uint8)


def first_frame(path):
    return next(load_movies(SPEC | {"folder": path})[0])[..., 0].astype(int)


def matrix_of(x, y):
    """The matrix that sends the x and y of a stored pixel to x and y on the screen, given as rows."""
    (a, c), (b, d) = x, y
    return [a * ONE, b * ONE, 0, c * ONE, d * ONE, 0, 0, 0, 1 << 30]


SHOWN = {
    "as stored": (matrix_of((1, 0), (0, 1)), lambda a: a),
    "mirrored": (matrix_of((-1, 0), (0, 1)), lambda a: a[:, ::-1]),
    "upside down": (matrix_of((1, 0), (0, -1)), lambda a: a[::-1]),
    "half a turn": (matrix_of((-1, 0), (0, -1)), lambda a: a[::-1, ::-1]),
    "clockwise": (matrix_of((0, -1), (1, 0)), lambda a: np.rot90(a, -1)),
    "counterclockwise": (matrix_of((0, 1), (-1, 0)), lambda a: np.rot90(a)),
    "transposed": (matrix_of((0, 1), (1, 0)), lambda a: a.T),
    "transposed the other way": (matrix_of((0, -1), (-1, 0)), lambda a: a[::-1, ::-1].T),
}


@pytest.mark.parametrize("turn", SHOWN)
@pytest.mark.parametrize(("suffix", "codec"), [("mp4", "mpeg4"), ("mov", "libx264"), ("mkv", "libx264")])
def test_frames_are_turned_and_mirrored_as_the_file_says(tmp_path, turn, suffix, codec):
    matrix, turned = SHOWN[turn]
    stored = first_frame(film(tmp_path / f"stored.{suffix}", 4, codec, corners))
    assert sorted({*stored[[4, 4, -4, -4], [4, -4, 4, -4]] // 60}) == [0, 1, 2, 4]
    shown = first_frame(film(tmp_path / f"shown.{suffix}", 4, codec, corners, matrix=matrix))
    np.testing.assert_allclose(shown, turned(stored), atol=6)


def test_a_matrix_that_enlarges_changes_no_turn(tmp_path):
    stored = first_frame(film(tmp_path / "stored.mp4", 4, "mpeg4", corners))
    twice = [2 * entry for entry in matrix_of((0, -1), (1, 0))[:6]] + [0, 0, 1 << 30]
    path = film(tmp_path / "twice.mp4", 4, "mpeg4", corners, matrix=twice)
    np.testing.assert_allclose(first_frame(path), np.rot90(stored, -1), atol=6)


@pytest.mark.parametrize(
    "matrix",
    [
        matrix_of((0.7071, -0.7071), (0.7071, 0.7071)),
        matrix_of((1, 0.5), (0, 1)),
        matrix_of((1, 1), (0, 0)),
        matrix_of((0.9962, -0.0872), (0.0872, 0.9962)),
    ],
)
def test_other_angles_and_shears_are_faults(tmp_path, matrix):
    path = film(tmp_path / "askew.mp4", 4, "mpeg4", corners, matrix=[round(entry) for entry in matrix])
    with pytest.raises(Fault, match=r"askew\.mp4"):
        load_movies(SPEC | {"folder": path})


def test_a_matrix_of_zeros_says_nothing(tmp_path):
    path = film(tmp_path / "stored.mp4", 4, "mpeg4", corners)
    stored, content = first_frame(path), path.read_bytes()
    identity = struct.pack(">9i", *matrix_of((1, 0), (0, 1)))
    place = content.index(identity, content.index(b"tkhd"))
    path.write_bytes(content[:place] + bytes(36) + content[place + 36 :])
    np.testing.assert_allclose(first_frame(path), stored, atol=1)


def test_transparent_frames_are_composed_over_gray(tmp_path):
    def disc(_):
        inside = np.hypot(*np.mgrid[-24:24, -32:32]) < 12
        return np.dstack([np.zeros((H, W, 3)), 255 * inside]).astype(np.uint8)

    shown = first_frame(film(tmp_path / "disc.mov", 4, "png", disc, pixels="rgba"))
    assert shown[16, 16] == 0 and shown[2, 2] == 128


FILES = {
    "mp4": ("mpeg4", {}),
    "m4v": ("libx264", {"movflags": "faststart"}),
    "mov": ("mpeg4", {"movflags": "faststart"}),
    "fragments.mp4": ("libx264", {"movflags": "frag_keyframe+empty_moov", "gop": 5}),
    "mkv": ("libx264", {}),
    "webm": ("libvpx", {}),
    "avi": ("mpeg4", {}),
    "wmv": ("wmv2", {}),
    "ogv": ("libvpx", {}),
    "mpg": ("mpeg2video", {}),
    "mpeg": ("mpeg1video", {}),
    "ts": ("libx264", {}),
}


@pytest.mark.parametrize("suffix", FILES)
@pytest.mark.parametrize("draw", [noise, flat])
def test_files_cut_anywhere_are_faults(tmp_path, suffix, draw):
    codec, options = FILES[suffix]
    path = film(tmp_path / f"film.{suffix}", 24, codec, draw, **options)
    assert len(load_movies(SPEC | {"folder": path})[1]) == 24
    content = path.read_bytes()
    for share in (0.02, 0.3, 0.5, 0.8, 0.97):
        size = int(share * len(content))
        size -= size % {"ts": 188, "mpg": 2048, "mpeg": 2048}.get(suffix, size + 1) == 0  # between packets, see below
        path.write_bytes(content[:size])
        with pytest.raises(Fault, match=rf"film\.{suffix}"):
            load_movies(SPEC | {"folder": path})


@pytest.mark.parametrize(("suffix", "packet"), [("ts", 188), ("mpg", 2048)])
def test_streams_cut_between_packets_end_with_a_damaged_frame(tmp_path, suffix, packet):
    path = film(tmp_path / f"film.{suffix}", 24, "mpeg2video", noise)
    content, faults = path.read_bytes(), []
    middle = len(content) // packet // 2
    for packets in range(middle, middle + 4):
        path.write_bytes(content[: packets * packet])
        try:
            load_movies(SPEC | {"folder": path})
        except Fault as fault:
            faults.append(str(fault))
    assert len(faults) >= 3  # one of the cuts may lie between two frames, and then nothing is known of it
    assert all("is truncated or damaged at frame" in fault for fault in faults)


def test_a_transport_stream_with_times_before_its_packets_can_be_cut(tmp_path):
    content = film(tmp_path / "film.ts", 24, "mpeg2video", noise, mpegts_m2ts_mode="1").read_bytes()
    assert end_of(content) == len(content)
    assert end_of(content[:-1]) == len(content)


def test_live_recordings_state_no_size(tmp_path):
    content = film(tmp_path / "film.mkv", 24, "libx264", noise, live="1").read_bytes()
    assert end_of(content) == len(content)
    assert end_of(content[:-1]) > len(content) - 1


@pytest.mark.parametrize("suffix", ["mp4", "avi"])
def test_what_follows_a_whole_container_does_no_harm(tmp_path, suffix):
    path = film(tmp_path / f"film.{suffix}", 6, "mpeg4", flat)
    path.write_bytes(path.read_bytes() + bytes(100))
    assert len(load_movies(SPEC | {"folder": path})[1]) == 6


def test_packets_lost_from_the_middle_of_a_transport_stream_are_a_fault(tmp_path):
    path = film(tmp_path / "film.ts", 24, "libx264", noise)
    content = path.read_bytes()
    middle = len(content) // 188 // 2 * 188
    path.write_bytes(content[:middle] + content[middle + 60 * 188 :])
    with pytest.raises(Fault, match=r"film\.ts is truncated or damaged"):
        load_movies(SPEC | {"folder": path})


def test_uneven_frames_are_told(tmp_path, caplog):
    path = tmp_path / "uneven.mkv"
    with av.open(path, "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = W, H, "yuv420p"
        for i in range(12):
            frame = av.VideoFrame.from_ndarray(flat(i), format="rgb24")
            frame.pts, frame.time_base = i + 4 * (i > 6), Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    load_movies(SPEC | {"folder": path})
    assert "uneven.mkv" in caplog.text and "frame 7 follows after 0.200 s, the others after 0.040 s" in caplog.text
    caplog.clear()
    load_movies(SPEC | {"folder": film(tmp_path / "even.mp4", 12, "mpeg4", flat)})
    assert not caplog.text


def test_titles_in_other_encodings_do_no_harm(tmp_path):
    path = film(tmp_path / "film.avi", 6, "mpeg4", flat)
    content = bytearray(path.read_bytes())
    place = content.index(b"ISFT") + 8
    content[place : place + 4] = b"caf\xe9"
    path.write_bytes(content)
    assert len(load_movies(SPEC | {"folder": path})[1]) == 6


def test_empty_files_and_unknown_ones(tmp_path):
    (tmp_path / "film.mp4").touch()
    with pytest.raises(Fault, match=r"film\.mp4"):
        load_movies(SPEC | {"folder": tmp_path})
    assert end_of(b"no film") == 7

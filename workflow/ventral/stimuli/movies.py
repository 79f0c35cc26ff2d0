"""Clips of contiguous frames from video files."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pandas as pd
from av.video.reformatter import Interpolation
from PIL import Image

from ventral.core.errors import Fault
from ventral.stimuli.containers import refuse_truncated
from ventral.stimuli.image_lists import list_videos
from ventral.stimuli.images import squared
from ventral.stimuli.rgb import BACKGROUND, composed
from ventral.stimuli.table import spread

SLACK = 0.5  # seconds by which an intact video may be shorter than its header states
UNEVEN = 1.5  # a longer step between frames, in median steps, is reported
TOLERANCE = 0.01  # by which the axes of a display matrix may differ from quarter turns
# Full-resolution color, and the same bytes on every processor.
CONVERSION = int(
    Interpolation.BICUBIC | Interpolation.FULL_CHR_H_INT | Interpolation.ACCURATE_RND | Interpolation.BITEXACT
)


@dataclass(frozen=True)
class Video:
    """A video file.

    Attributes
    ----------
    path, name, label : where it is, its name in the table, and its label
    aspect : width of a pixel by its height
    seconds : time of each of its frames, since the first
    """

    path: Path
    name: str
    label: str
    aspect: float
    seconds: np.ndarray


def load_movies(spec: dict, threads: int = 1) -> tuple[Iterator[np.ndarray], pd.DataFrame]:
    """Clips of a stimulus set of kind `movies`, each frame cut to the central square and resized.

    Nothing is random. Every video gives the same number of clips, as far as its length allows. Clips are in the middle
    of equally long parts of their video, so they never overlap.

    Parameters
    ----------
    spec : dict
        `folder`: a folder of videos (its sub-folders give labels; other videos are labeled by their name), or one
        video; `frames` per clip; `step`, the distance of a clip's frames in frames of the video; `clips`, at most
        how many; `size`, the side in pixels.
    threads : int
        Threads of the decoder; the result does not depend on them.

    Returns
    -------
    images : iterator of uint8 arrays of shape (size, size, 3)
    table : DataFrame
        `scene` is the clip, `parameter` is "time", `level` the place in the clip; then the numbers `video` (in order
        of names), `frame` (of the video, from 0) and `second` (since the video's first frame).

    Raises
    ------
    Fault
        A file is missing, truncated or not a video, or there are fewer than two clips. Videos shorter than a clip are
        left out with a warning.
    """
    source, frames, step = Path(spec["folder"]), spec["frames"], spec["step"]
    span = (frames - 1) * step + 1
    videos = [measured(path, source, threads) for path in list_videos(source)]
    for video in videos:
        if len(video.seconds) < span:
            logging.warning("%s is left out: it has %d frames, a clip spans %d.", video.path, len(video.seconds), span)
    starts = [
        clip_starts(len(video.seconds), span, clips)
        for video, clips in zip(videos, shares([len(v.seconds) // span for v in videos], spec["clips"]), strict=True)
    ]
    if sum(map(len, starts)) < 2:
        longest = max(len(video.seconds) for video in videos)
        raise Fault(
            f"The videos of {source} do not give two clips of {frames} frames, {step} apart (the longest has {longest} "
            f"frames); add videos, or lower the keys frames, step or clips."
        )
    table = clip_table(videos, starts, frames, step)
    return pictures(videos, table, spec["size"], threads), table


def clip_table(videos: list[Video], starts: list[list[int]], frames: int, step: int) -> pd.DataFrame:
    """One row for each frame of the clips that begin at these frames of each video."""
    return pd.DataFrame(
        {
            "stimulus_id": f"{video.name}_clip{clip:03d}_time{level:02d}",
            "scene": f"{video.name}_clip{clip:03d}",
            "parameter": "time",
            "level": level,
            "label": video.label,
            "video": number,
            "frame": start + level * step,
            "second": video.seconds[start + level * step],
        }
        for number, video in enumerate(videos)
        for clip, start in enumerate(starts[number])
        for level in range(frames)
    )


def measured(path: Path, source: Path, threads: int) -> Video:
    """The video with the times of its frames; it is decoded, because headers do not state the times reliably.

    Raises
    ------
    Fault
        The video is truncated or damaged, has no frames or no times, or is turned by other than quarter turns.
    """
    inside = path.relative_to(source) if source.is_dir() else Path(path.name)
    label = inside.parts[0] if len(inside.parts) > 1 else path.stem
    times, damaged = [], []
    for number, (frame, is_damaged) in enumerate(decoded(path, threads)):
        if frame.time is None:
            raise Fault(f"The video {path} is a bare stream without times; convert it to MP4.")
        if is_damaged:
            damaged.append(number)
        turns(frame, path)
        times.append((frame.time, frame.time + frame.duration * frame.time_base))
    if not times:
        raise Fault(f"The video {path} has no frames; replace it, or move it elsewhere.")
    seconds = np.array([float(start - times[0][0]) for start, _ in times])
    declared, aspect = header(path)
    require_whole(path, float(times[-1][1] - times[0][0]), declared, damaged)
    warn_if_uneven(path, np.diff(seconds))
    return Video(path, inside.as_posix(), label, aspect, seconds)


def require_whole(path: Path, there: float, declared: float, damaged: list[int]) -> None:
    """Refuse a video that is truncated or damaged.

    Parameters
    ----------
    path : path
    there, declared : float
        Duration of the frames and duration according to the header, in seconds.
    damaged : list of int
        Numbers of the frames that the decoder marks as damaged.

    Raises
    ------
    Fault
        The video is shorter than declared, its file is shorter than the container states, or a frame is damaged.
    """
    if there < declared - SLACK:
        raise Fault(
            f"The video {path} is truncated: {there:.1f} of {declared:.1f} seconds are there; replace it, or move it "
            "elsewhere."
        )
    refuse_truncated(path)
    if damaged:
        raise Fault(
            f"The video {path} is truncated or damaged at frame {damaged[0]}; replace the file, or move it elsewhere."
        )


def warn_if_uneven(path: Path, steps: np.ndarray) -> None:
    """Warn of missing or unevenly spaced frames, given the time steps between frames in seconds."""
    if len(steps) and steps.max() > UNEVEN * np.median(steps):
        logging.warning(
            "%s: frames are unevenly spaced in time, or some are missing: frame %d follows after %.3f s, the others "
            "after %.3f s.",
            path,
            steps.argmax() + 1,
            steps.max(),
            np.median(steps),
        )


def header(path: Path) -> tuple[float, float]:
    """Duration in seconds (0 if the file does not state it), and width of a pixel divided by its height."""
    with av.open(path, metadata_errors="replace") as container:
        stream = container.streams.video[0]
        aspect = float(stream.sample_aspect_ratio or 1)
        if stream.duration:
            return float(stream.duration * stream.time_base), aspect
        only = len(container.streams) == 1  # sound may be longer than the video
        return (container.duration / av.time_base if only and container.duration else 0.0), aspect


def decoded(path: Path, threads: int) -> Iterator[tuple[av.VideoFrame, bool]]:
    """Frames of a video in display order, each with whether it, or data before it, is damaged.

    Raises
    ------
    Fault
        The file cannot be decoded or holds no video.
    """
    try:
        with av.open(path, metadata_errors="replace") as container:
            if not container.streams.video:
                raise Fault(f"The file {path} holds no video; move it elsewhere.")
            stream = container.streams.video[0]
            if stream.codec_context is None:
                raise Fault(f"The video {path} is in a format that cannot be decoded; convert it to MP4.")
            stream.thread_type, stream.codec_context.thread_count = "AUTO", threads
            is_damaged = False
            for packet in container.demux(stream):
                is_damaged |= packet.is_corrupt
                for frame in packet.decode():
                    yield frame, is_damaged or frame.is_corrupt
    except av.FFmpegError as error:
        raise Fault(f"The video {path} cannot be decoded ({error.strerror}); replace or move it.") from error


def shares(fits: Sequence[int], clips: int) -> np.ndarray:
    """Number of clips of each video, from the numbers that fit: as equal as possible, and at most `clips` in all."""
    given = np.zeros(len(fits), int)
    while (left := clips - given.sum()) > 0 and (able := np.flatnonzero(given < fits)).size:
        given[spread(able, left)] += 1
    return given


def clip_starts(n: int, span: int, clips: int) -> list[int]:
    """First frames of clips, each in the middle of its part of the n frames."""
    return [((2 * clip + 1) * n - clips * span) // (2 * clips) for clip in range(clips)]


def pictures(videos: list[Video], table: pd.DataFrame, size: int, threads: int) -> Iterator[np.ndarray]:
    for number, rows in table.groupby("video"):
        wanted = set(rows["frame"])
        for place, (frame, _) in enumerate(decoded(videos[number].path, threads)):
            if place in wanted:
                yield squared(upright(frame, videos[number]), size)
            if place == max(wanted):
                break


def upright(frame: av.VideoFrame, video: Video) -> Image.Image:
    """The frame as an RGB picture with square pixels, turned and mirrored according to its display matrix."""
    width = round(frame.width * video.aspect)
    layout = "rgba" if any(component.is_alpha for component in frame.format.components) else "rgb24"
    shown = frame.to_ndarray(format=layout, width=width, interpolation=CONVERSION)
    is_transposed, x, y = turns(frame, video.path)
    shown = (shown.swapaxes(0, 1) if is_transposed else shown)[::y, ::x]
    return composed(Image.fromarray(np.ascontiguousarray(shown)), BACKGROUND)


def turns(frame: av.VideoFrame, path: Path) -> tuple[bool, int, int]:
    """Whether the display matrix of a frame exchanges x and y, and the signs that it gives x and y.

    Raises
    ------
    Fault
        The display matrix turns by other than quarter turns, or shears.
    """
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return False, 1, 1
    to_x_and_y = np.frombuffer(bytes(matrix), np.int32)[:6].reshape(2, 3)[:, :2].T.astype(float)
    if not to_x_and_y.any():  # the writer left it empty
        return False, 1, 1
    axes = to_x_and_y / np.maximum(np.hypot(*to_x_and_y), 1)  # the aspect ratio of pixels already holds the lengths
    turn = np.rint(axes).astype(int)
    if np.abs(axes - turn).max() > TOLERANCE or np.abs(turn).sum() != 2 or round(np.linalg.det(turn)) == 0:
        raise Fault(f"The video {path} has a display matrix that is not a quarter turn or a mirror; save it upright.")
    is_transposed = not turn[0, 0]
    return is_transposed, int(turn[0].sum()), int(turn[1].sum())

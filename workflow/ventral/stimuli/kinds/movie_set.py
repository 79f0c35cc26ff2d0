"""Sets of clips of the user's own videos."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from ventral.config.entry import Count, Key, PathText, Pooling, Several, Size, caught
from ventral.stimuli.image_lists import list_videos
from ventral.stimuli.stimulus_entry import Images, StimulusEntry, Surroundings

CLIPS = "Largest number of clips, which are spread evenly over the videos and over time, and never overlap."


@dataclass(frozen=True, kw_only=True)
class MovieSet(StimulusEntry):
    """Clips of your own videos. Time varies within a clip."""

    kind: Literal["movies"]
    folder: Annotated[PathText, Key("A folder of videos (class folders give labels), or one video.")]
    frames: Annotated[Several, Key("Frames of each clip.")] = 10
    step: Annotated[Count, Key("Step from one frame of a clip to the next, in frames of the video.")] = 1
    clips: Annotated[Several, Key(CLIPS)] = 100
    size: Size = 224
    pooling: Pooling = "none"

    def make(self, name: str, threads: int = 1, source: str | Path | None = None) -> Images:
        """Frames of clips of videos."""
        from ventral.stimuli.movies import load_movies

        frames, table = load_movies(vars(self), threads)
        clips, videos = table["scene"].nunique(), table["video"].nunique()
        taken = f"every {self.step}. frame" if self.step > 1 else "contiguous"
        origin = f"{videos} video{'s' if videos > 1 else ''} of {Path(self.folder).name}"
        return frames, table, f"{clips} clips of {self.frames} frames ({taken}) from {origin}."

    def problems(self, name: str, others: Surroundings) -> Iterator[str]:
        """Faults of a `folder` without videos."""
        yield from caught("folder", self.files)

    def files(self) -> list[Path]:
        """The videos."""
        return list_videos(self.folder)

    def varied(self) -> list[str]:
        """Time."""
        return ["time"]

"""An entry of `recordings`: what is known about a recording before it is made, and how it is made."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np
import pandas as pd

from ventral.config.entry import Entry, caught
from ventral.core.errors import Fault
from ventral.recordings.choices import Behavior
from ventral.recordings.distances import Distances
from ventral.recordings.recording import Recording
from ventral.recordings.registry import Source, absent, verify
from ventral.stimuli.stimulus_entry import StimulusEntry

Recorded = Recording | Behavior | Distances
Images = tuple[Iterator[np.ndarray], pd.DataFrame]


@dataclass(frozen=True, kw_only=True)
class RecordingEntry(Entry, ABC):
    """A recording; each kind is a subclass in a module of `ventral.recordings.kinds`.

    A subclass has a field `kind`. One that has no field `stimuli` brings images of its own.

    Attributes
    ----------
    holds : str
        What is recorded: "units"; or observers' "choices", or "distances" between images, which have no units.
    has_parts : bool
        Whether it may have a part for training and one for testing.
    species : str or None
        Of the observers; None if it is not known, or if they are simulated.
    needs : str
        What must be on disk before a study can use it, in one line, which `ventral recordings` prints.
    """

    holds: ClassVar[Literal["units", "choices", "distances"]] = "units"
    has_parts: ClassVar[bool] = False
    species: ClassVar[str | None] = None
    needs: ClassVar[str] = ""

    @property
    def has_pictures(self) -> bool:
        """Whether its images are there, so that they can be shown to models."""
        return True

    @abstractmethod
    def record(self, name: str, stimuli: str | Path | None) -> Recorded:
        """The responses, choices or distances.

        Parameters
        ----------
        name : str
            Name of the recording.
        stimuli : path or None
            The stimulus set that the responses belong to; None if it has no pictures.

        Raises
        ------
        Fault
            A file cannot be fetched or read, its images are not those of the stimulus set, or nothing can be simulated
            from the stimulus set.
        """

    def record_resumably(self, name: str, stimuli: str | Path | None, folder: Path | None) -> Recorded:
        """As `record`. Kinds that take long keep what they have read in a folder, and the next job reads it there.

        Parameters
        ----------
        name, stimuli
            As for `record`.
        folder : path or None
            It is made when something is kept, and is removed when the recording has been written.
        """
        return self.record(name, stimuli)

    def images(self, name: str) -> Images:
        """The images that the recording brings.

        Returns
        -------
        iterator of uint8 arrays of shape (size, size, 3)
        DataFrame
            The stimulus table.

        Raises
        ------
        Fault
            The recording brings no images, a file cannot be fetched, or an image of it cannot be read.
        """
        raise Fault(f"The recording {name} brings no images; they are those of the stimulus set that it names.")

    def problems(self) -> list[str]:
        """Faults that can be found before any job runs, as `key: sentence`; empty if nothing is wrong."""
        return []

    def problems_with(self, stimuli: StimulusEntry) -> list[str]:
        """Faults of the stimulus set that it names, as `key: sentence`; empty if nothing is wrong."""
        return []

    def content_problems(self, name: str) -> list[str]:
        """Faults of the content of files that are small enough to be read before any job, as `key: sentence`.

        They are asked for if `problems` finds none.
        """
        return []

    def inspect(self, name: str, stimuli: StimulusEntry | None = None) -> Iterator[str]:
        """Faults that are found in seconds by opening the files, as `key: sentence`.

        `ventral check` asks for them if `problems` finds none. It fetches nothing, so files that are still to be
        fetched are not looked at. By default, the table of the recording's own images is read, and the first image.

        Parameters
        ----------
        name : str
            Name of the recording.
        stimuli : StimulusEntry, optional
            The stimulus set that it names.
        """
        damaged = [fault for file, source in self.fetched().items() for fault in caught("kind", verify, file, source)]
        yield from damaged
        keys = {field.name for field in fields(self)}
        if not damaged and not absent(self.fetched()) and "stimuli" not in keys:
            yield from caught("folder" if "folder" in keys else "kind", self._read_first_image, name)

    def _read_first_image(self, name: str) -> None:
        images, _ = self.images(name)
        next(iter(images))

    def fetched(self) -> dict[str, Source]:
        """Files that are fetched from their publisher when they are first needed, by name."""
        return {}

    def files(self) -> list[Path]:
        """Files whose change makes the recording again: the user's own, and fetched ones without a known checksum."""
        return []

    def large_files(self) -> list[Path]:
        """Files of responses, and of nothing else, whose change of size or time makes the recording again."""
        return []

    def shape(self) -> tuple[int, int, int]:
        """Units, images and repeats of a recording that may be large, from its small files; zeros for all others."""
        return 0, 0, 0

    def megabytes(self) -> float:
        """Memory of the responses (8 bytes) and trials (4 bytes each) of a large recording; 0 if files are damaged."""
        try:
            units, images, repeats = self.shape()
        except (Fault, OSError):  # which the job names
            return 0
        return units * images * (8 + 4 * repeats) / 1e6

    def varied(self) -> list[str]:
        """The parameters that vary in its own images while everything else is fixed."""
        return []

    def labeled(self) -> bool:
        """Whether its own images have labels."""
        return bool(self.varied())

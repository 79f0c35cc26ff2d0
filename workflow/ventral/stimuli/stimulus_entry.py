"""An entry of `stimuli`: what is known about a stimulus set before it is made, and how it is made."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from ventral.config.entry import Entry
from ventral.stimuli.picture_faults import picture_faults

Images = tuple[Iterable[np.ndarray], pd.DataFrame, str]
FEW_IMAGES = 1000


@dataclass(frozen=True)
class Surroundings:
    """The other parts of a study that an entry of `stimuli` may name.

    Attributes
    ----------
    stimuli : mapping of dict
        The entries of all sets, by name.
    brought : collection of str
        Recordings that bring images.
    training : collection of str
        Sets that networks are trained on.
    """

    stimuli: Mapping[str, dict]
    brought: Collection[str] = ()
    training: Collection[str] = ()


@dataclass(frozen=True, kw_only=True)
class StimulusEntry(Entry, ABC):
    """A stimulus set; each kind is a subclass with a field `kind`, in a module of `ventral.stimuli.kinds`.

    Attributes
    ----------
    transparent : bool
        Whether its pictures may be transparent, so that they are composed over a background.
    key_of_pictures : str
        The key that names its pictures, for faults in them.
    """

    transparent: ClassVar[bool] = False
    key_of_pictures: ClassVar[str] = "folder"

    @abstractmethod
    def make(self, name: str, threads: int = 1, source: str | Path | None = None) -> Images:
        """The images, one by one.

        Parameters
        ----------
        name : str
            Name of the set.
        threads : int
            Worker processes; the images do not depend on it.
        source : path, optional
            HDF5 file of the set that the key `stimuli` names.

        Returns
        -------
        iterable of uint8 arrays of shape (size, size, 3)
        DataFrame
            The stimulus table.
        str
            One sentence about the set.

        Raises
        ------
        Fault
            The set cannot be made; the sentence says why.
        """

    def problems(self, name: str, others: Surroundings) -> Iterator[str]:
        """Faults that can be found before any job runs, as `key: sentence`."""
        return iter(())

    def files(self) -> list[Path]:
        """All files that the set is made from; it is made again if one of them changes.

        Raises
        ------
        Fault
            A file or a folder is missing, or a folder holds nothing to be read.
        """
        return []

    def varied(self) -> list[str]:
        """The parameters that the set varies while everything else is fixed."""
        return []

    def labeled(self) -> bool:
        """Whether its images have labels, as far as this is known before the set is made."""
        return True

    def known_labels(self) -> set[str] | None:
        """The labels of its images; None if they are not known before the set is made."""
        return None

    def known_ids(self) -> np.ndarray | None:
        """The ids of its images; None if they are not known before the set is made."""
        return None

    def inspect(self) -> Iterator[str]:
        """Faults that are found in seconds by opening the files, as `key: sentence`; `ventral check` asks for them.

        By default, the headers of pictures are read; if there are more than `LOOKED_AT`, of so many of them.
        """
        yield from (f"{self.key_of_pictures}: {fault}" for fault in picture_faults(self.files()))

    def is_small(self) -> bool:
        """Whether the set is known to have few images before it is made, from its keys alone.

        Models are shown all small sets in one job, because starting Python and building a network take longer.
        """
        return False

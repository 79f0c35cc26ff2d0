"""Brain-Score's public recordings: macaque V4 and IT, macaque V1 and V2, and choices of human observers.

Trials are kept, so that units have noise ceilings; time bins are averaged over the window of the published score.
Labels are those by which Brain-Score stratifies its splits: the object of an image, or the type of a texture. The
public part of each assembly is fetched: 3200 images of 64 objects, 135 images of textures, and 2160 images of 24
objects. The table of the 3200 images also says where and how each object is shown, so that every object is a scene
(`ventral.recordings.object_scenes`).

Sources: Majaj, Hong, Solomon & DiCarlo (2015); Freeman, Ziemba, Heeger, Simoncelli & Movshon (2013); Rajalingham, Issa,
Bashivan, Kar, Schmidt & DiCarlo (2018); Schrimpf et al., bioRxiv 407007 (2018), for the windows.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

import numpy as np
import pandas as pd

from ventral.config.entry import Key, Pooling, Size
from ventral.core.errors import Fault
from ventral.recordings.archives import from_zip
from ventral.recordings.choices import Behavior, read_trials
from ventral.recordings.ids import matched
from ventral.recordings.netcdf import IDS, read_assembly
from ventral.recordings.object_scenes import BACKGROUND, VARIATION, object_scenes
from ventral.recordings.recording import Recording, by_image
from ventral.recordings.recording_entry import Images, RecordingEntry
from ventral.recordings.registry import FILES, Source, fetch

NO_LICENCE = "none stated by its publisher; not redistributed"


@dataclass(frozen=True)
class Published:
    """One recording: its files, the window in milliseconds, the column that labels images, and whom to cite.

    A recording without a window holds choices, not responses of neurons. `varied` names the parameters that change
    between the images of an object, if the table of images tells them.
    """

    assembly: str
    stimuli: str
    window: tuple[int, int] | None
    label: str
    citation: str
    varied: tuple[str, ...] = ()


PUBLISHED = {
    "majajhong2015_public": Published(
        assembly="assy_dicarlo_MajajHong2015_public.nc",
        stimuli="stimulus_hvm-public",
        window=(70, 170),
        label="object_name",
        citation=(
            "Majaj, Hong, Solomon & DiCarlo, Simple learned weighted sums of inferior temporal neuronal firing rates "
            "accurately predict human core object recognition performance, Journal of Neuroscience 35:13402 (2015), "
            "doi:10.1523/JNEUROSCI.5181-14.2015"
        ),
        varied=(BACKGROUND, VARIATION),
    ),
    "freemanziemba2013_public": Published(
        assembly="assy_movshon_FreemanZiemba2013_public.nc",
        stimuli="stimulus_FreemanZiemba2013_aperture-public",
        window=(50, 200),
        label="texture_type",
        citation=(
            "Freeman, Ziemba, Heeger, Simoncelli & Movshon, A functional and perceptual signature of the second visual "
            "area in primates, Nature Neuroscience 16:974 (2013), doi:10.1038/nn.3402"
        ),
    ),
    "rajalingham2018_public": Published(
        assembly="assy_dicarlo_Rajalingham2018_public.nc",
        stimuli="stimulus_objectome_public",
        window=None,
        label="image_label",
        citation=(
            "Rajalingham, Issa, Bashivan, Kar, Schmidt & DiCarlo, Large-scale, high-resolution comparison of the core "
            "visual object recognition behavior of humans, monkeys, and state-of-the-art deep artificial neural "
            "networks, Journal of Neuroscience 38:7255 (2018), doi:10.1523/JNEUROSCI.0388-18.2018"
        ),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Brainscore(RecordingEntry):
    """A public recording of Brain-Score, with its images; fetched when it is first needed."""

    needs: ClassVar[str] = "nothing; its files are fetched into VENTRAL_DATA"
    species: ClassVar[str | None] = "macaque"

    kind: Literal["majajhong2015_public", "freemanziemba2013_public"]
    size: Annotated[Size | None, Key("Pixels along each side, if not those of the files.")] = None
    pooling: Pooling = "none"

    @property
    def published(self) -> Published:
        """The files of the recording, and whom to cite."""
        return PUBLISHED[self.kind]

    def fetched(self) -> dict[str, Source]:
        """The responses or choices, the table of images, and the images."""
        files = (self.published.assembly, f"{self.published.stimuli}.csv", f"{self.published.stimuli}.zip")
        return {file: FILES[file] for file in files}

    def labeled(self) -> bool:
        """Every image has a label."""
        return True

    def varied(self) -> list[str]:
        """What changes between the images of an object, if this is known."""
        return list(self.published.varied)

    def images(self, name: str) -> Images:
        """The images that were shown and their table."""
        table = shown(self.published)
        return from_zip(name, fetch(f"{self.published.stimuli}.zip"), table.pop("filename"), self.size), table

    def record(self, name: str, stimuli: str | Path) -> Recording:
        """The responses of all areas, with their trials."""
        published, path = self.published, fetch(self.published.assembly)
        start, end = published.window
        values, ids, units = read_assembly(path, published.window)
        absent = {"unit", "area"} - set(units)
        if absent:
            named = " and the ".join(sorted(absent))
            raise Fault(f"{path} does not name the {named} of its neuroids; replace the file.")
        means, trials, ids = by_image(values, ids_of_table(name, published, ids))
        return Recording(
            name=name,
            responses=means,
            trials=trials,
            units=units,
            stimulus_id=ids,
            simulated=False,
            licence=NO_LICENCE,
            citation=published.citation,
            source=f"Brain-Score's public data, {published.assembly}, {start} to {end} ms",
        )


@dataclass(frozen=True, kw_only=True)
class BrainscoreChoices(Brainscore):
    """Brain-Score's public recording of observers' choices, with its images; fetched when it is first needed."""

    holds: ClassVar = "choices"
    species: ClassVar[str | None] = "human"

    kind: Literal["rajalingham2018_public"]

    def record(self, name: str, stimuli: str | Path) -> Behavior:
        """The choices of all observers."""
        trials = read_trials(fetch(self.published.assembly))
        trials["stimulus_id"] = ids_of_table(name, self.published, trials.stimulus_id.to_numpy())
        return Behavior(
            name=name,
            trials=trials,
            simulated=False,
            licence=NO_LICENCE,
            citation=self.published.citation,
            source=f"Brain-Score's public data, {self.published.assembly}",
        )


def ids_of_table(name: str, published: Published, ids: np.ndarray) -> np.ndarray:
    """The id of each presentation's image, spelled as in the stimulus table."""
    known = shown(published).stimulus_id.to_numpy(dtype=object)
    table = f"{published.stimuli}.csv"
    return known[matched(ids, known, f"the recording {name}", table, "Fetch both files from their publisher again.")]


def shown(published: Published) -> pd.DataFrame:
    """The stimulus table, with each image's `filename` in the archive.

    Raises
    ------
    Fault
        The publisher's table cannot be read, lacks a column, or has texts where numbers should be.
    """
    path = fetch(f"{published.stimuli}.csv")
    listed = read_csv(path)
    named = next((column for column in IDS if column in listed), None)
    absent = [column for column in ("filename", published.label) if column not in listed]
    if named is None or absent:
        wanted = ", ".join([*absent, *([] if named else [" or ".join(IDS)])])
        raise Fault(f"{path} lacks the columns {wanted}; it has {', '.join(listed)}.")
    scenes = {"scene": "", "parameter": "", "level": -1, "label": listed[published.label]}
    if published.varied:
        scenes = object_scenes(listed, str(path))
    return pd.DataFrame({"stimulus_id": listed[named], **scenes, "filename": listed["filename"]})


def read_csv(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise Fault(f"{path} cannot be read as a table ({error}); replace the file.") from error

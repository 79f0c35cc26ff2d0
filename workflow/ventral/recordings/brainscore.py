"""Brain-Score's public recordings: macaque V4 and IT, macaque V1 and V2, and choices of human observers.

Trials are kept, so that units have noise ceilings; time bins are averaged over the window of the published score.
Labels are what Brain-Score stratifies its splits by: the object of an image, or the type of a texture. Of the
assemblies the public part is fetched, 3200 images of 64 objects, 135 images of textures and 2160 images of 24 objects.

Sources: Majaj, Hong, Solomon & DiCarlo (2015); Freeman, Ziemba, Heeger, Simoncelli & Movshon (2013); Rajalingham, Issa,
Bashivan, Kar, Schmidt & DiCarlo (2018); Schrimpf et al., bioRxiv 407007 (2018), for the windows.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ventral.recordings.assembly import IDS, read_assembly
from ventral.recordings.behaviour import Behaviour, read_trials
from ventral.recordings.ids import matched
from ventral.recordings.pictures import from_zip
from ventral.recordings.presentations import by_image
from ventral.recordings.recording import Recording
from ventral.recordings.registry import fetch
from ventral.store import Fault

NO_LICENCE = "none stated by its publisher; not redistributed"


@dataclass(frozen=True)
class Published:
    """One recording: its files, the window in milliseconds, the column that labels images, and whom to cite.

    Without a window it is one of choices, not of neurons.
    """

    assembly: str
    stimuli: str
    window: tuple[int, int] | None
    label: str
    citation: str


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


def images_of(name: str, spec: dict) -> tuple[Iterator[np.ndarray], pd.DataFrame]:
    """The images that were shown and their table, as `kinds.images_of`; `size` may be given in place of the files'."""
    table = shown(spec)
    archive = fetch(f"{PUBLISHED[spec['kind']].stimuli}.zip")
    return from_zip(name, archive, table.pop("filename"), spec.get("size")), table


def record(name: str, spec: dict) -> Recording | Behaviour:
    """The responses of all areas to the images of `images_of`, with their trials, or the choices of observers.

    Raises
    ------
    Fault
        A file cannot be fetched or read, or its images are not those of the stimulus set.
    """
    published = PUBLISHED[spec["kind"]]
    return (responses if published.window else choices)(name, spec, published, fetch(published.assembly))


def responses(name: str, spec: dict, published: Published, path: Path) -> Recording:
    values, ids, units = read_assembly(path, published.window)
    absent = {"unit", "area"} - set(units)
    if absent:
        raise Fault(f"{path} does not name the {' and the '.join(sorted(absent))} of its neuroids; replace the file.")
    means, trials, ids = by_image(values, ids_of_table(name, spec, ids))
    return Recording(
        name=name,
        responses=means,
        trials=trials,
        units=units,
        stimulus_id=ids,
        simulated=False,
        licence=NO_LICENCE,
        citation=published.citation,
        source=f"Brain-Score's public data, {published.assembly}, {published.window[0]} to {published.window[1]} ms",
    )


def choices(name: str, spec: dict, published: Published, path: Path) -> Behaviour:
    trials = read_trials(path)
    trials["stimulus_id"] = ids_of_table(name, spec, trials.stimulus_id.to_numpy())
    return Behaviour(
        name=name,
        trials=trials,
        simulated=False,
        licence=NO_LICENCE,
        citation=published.citation,
        source=f"Brain-Score's public data, {published.assembly}",
    )


def ids_of_table(name: str, spec: dict, ids: np.ndarray) -> np.ndarray:
    """The id of each presentation's image, spelled as in the stimulus table."""
    known = shown(spec).stimulus_id.to_numpy(dtype=object)
    table = f"{PUBLISHED[spec['kind']].stimuli}.csv"
    return known[matched(ids, known, f"the recording {name}", table, "Fetch both files from their publisher again.")]


def shown(spec: dict) -> pd.DataFrame:
    """The stimulus table, with each image's `filename` in the archive."""
    published = PUBLISHED[spec["kind"]]
    path = fetch(f"{published.stimuli}.csv")
    listed = read_csv(path)
    named = next((column for column in IDS if column in listed), None)
    absent = [column for column in ("filename", published.label) if column not in listed]
    if named is None or absent:
        wanted = ", ".join([*absent, *([] if named else [" or ".join(IDS)])])
        raise Fault(f"{path} lacks the columns {wanted}; it has {', '.join(listed)}.")
    ids = listed[named]
    return pd.DataFrame(
        {
            "stimulus_id": ids,
            "scene": "",
            "parameter": "",
            "level": -1,
            "label": listed[published.label],
            "filename": listed["filename"],
        }
    )


def read_csv(path: Path) -> pd.DataFrame:
    try:
        return pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError) as error:
        raise Fault(f"{path} cannot be read as a table ({error}); replace the file.") from error

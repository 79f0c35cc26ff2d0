"""Make a stimulus set of any kind: its file and its contact sheet."""

import logging
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed

from ventral.progress import progress
from ventral.stimuli.files import list_images, list_meshes
from ventral.stimuli.images import load_images
from ventral.stimuli.objects import CATEGORIES
from ventral.stimuli.scenes import design, table_of
from ventral.stimuli.sheet import write_sheet
from ventral.stimuli.studio import Props, pictures
from ventral.stimuli.table import write_stimuli
from ventral.store import Fault

Images = tuple[Iterable[np.ndarray], pd.DataFrame, str]


def make(name: str, spec: dict, path: str | Path, sheet_path: str | Path, threads: int = 1) -> None:
    """Make a stimulus set and draw its contact sheet.

    Parameters
    ----------
    name : str
        The set's name in the config.
    spec : dict
        Its entry in the config: `kind` is `scenes` or `images`. An entry of a recording, with the recording's
        name under `recording`, gives the images that the recording brings.
    path, sheet_path : paths of the HDF5 file and of the PNG
    threads : int
        Worker processes; the bytes do not depend on it.

    Raises
    ------
    Fault
        The spec cannot be met; the sentence says why.
    """
    kind = "recording" if "recording" in spec else spec["kind"]
    images, table, description = KINDS[kind](name, spec, threads)
    logging.info("%s: %s", name, description)
    shown = progress(images, total=len(table), unit="images", name=f"stimuli {name}")
    write_stimuli(path, shown, table, kind, description)
    write_sheet(path, sheet_path)


def scenes(name: str, spec: dict, threads: int) -> Images:
    """Rendered scenes, base scene by base scene."""
    meshes = list_meshes(spec["meshes"]) if spec.get("meshes") else {}
    props = Props(tuple(meshes.items()), tuple(list_images(spec["backgrounds"])) if spec.get("backgrounds") else ())
    categories = chosen(name, spec.get("categories"), meshes or CATEGORIES)
    shots = design(name, spec, categories)
    jobs = [[shot.scene for shot in group] for _, group in groupby(shots, key=lambda shot: shot.scene_id)]
    varied = ", ".join(spec.get("parameters", ())) or "everything"
    description = f"{len(shots)} rendered images of {len(jobs)} scenes, {len(categories)} categories; varied: {varied}."
    return rendered(jobs, spec["size"], props, threads), table_of(shots, categories), description


def rendered(jobs: list, size: int, props: Props, threads: int) -> Iterator[np.ndarray]:
    """Pictures of all jobs, in order; a few jobs at a time are in memory."""
    workers = Parallel(n_jobs=min(threads, len(jobs)), return_as="generator", batch_size=1, pre_dispatch="2 * n_jobs")
    for images in workers(delayed(pictures)(job, size, props) for job in jobs):
        yield from images


def chosen(name: str, wanted: list[str] | None, available: Iterable[str]) -> list[str]:
    unknown = sorted(set(wanted or ()) - set(available))
    if unknown:
        raise Fault(f"Stimuli {name}: no category {', '.join(unknown)}; choose from {', '.join(sorted(available))}.")
    return sorted(wanted or available)


def images(name: str, spec: dict, threads: int) -> Images:
    """Images from a folder, a list or an array."""
    pictures, table = load_images(spec)
    return pictures, table, f"{len(table)} images from {Path(spec['folder']).name}, {spec['size']} pixels square."


def recorded(name: str, spec: dict, threads: int) -> Images:
    """The images that a recording brings."""
    from ventral.recordings import images_of

    pictures, table = images_of(spec["recording"], spec)
    return pictures, table, f"{len(table)} images shown in the recording {spec['recording']}."


KINDS = {"scenes": scenes, "images": images, "recording": recorded}

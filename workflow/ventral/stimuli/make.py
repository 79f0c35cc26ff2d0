"""Make a stimulus set of any kind: its file and its contact sheet."""

import logging
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby
from pathlib import Path

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from PIL import Image

from ventral.progress import progress
from ventral.stimuli.augmentations import apply, variants
from ventral.stimuli.files import list_images, list_meshes
from ventral.stimuli.images import Pictures, load_images, load_pictures
from ventral.stimuli.movies import load_movies
from ventral.stimuli.objects import CATEGORIES
from ventral.stimuli.rgb import BACKGROUND
from ventral.stimuli.scenes import design, table_of
from ventral.stimuli.sheet import write_sheet
from ventral.stimuli.studio import Props, pictures
from ventral.stimuli.table import open_images, read_table, spread, write_stimuli
from ventral.store import Fault

Images = tuple[Iterable[np.ndarray], pd.DataFrame, str]
OF_FILES = ("images", "augmentations", "recording")  # kinds whose pictures may be transparent
ORDER = ["stimulus_id", "scene", "parameter", "level", "label"]


def make(
    name: str,
    spec: dict,
    path: str | Path,
    sheet_path: str | Path,
    threads: int = 1,
    source: str | Path | None = None,
) -> None:
    """Make a stimulus set and draw its contact sheet.

    Parameters
    ----------
    name : str
        The set's name in the config.
    spec : dict
        Its entry in the config, with its `kind`. An entry of a recording, with the recording's name under
        `recording`, gives the images that the recording brings.
    path, sheet_path : paths of the HDF5 file and of the PNG
    threads : int
        Worker processes; the bytes do not depend on it.
    source : path, optional
        HDF5 file of the set that the key `stimuli` names, whose images this one augments.

    Raises
    ------
    Fault
        The spec cannot be met; the sentence says why.
    """
    kind = "recording" if "recording" in spec else spec["kind"]
    images, table, description = KINDS[kind](name, spec | ({"source": source} if source else {}), threads)
    if spec.get("grayscale"):
        images, description = map(without_colour, images), f"{description[:-1]}; without colour."
    logging.info("%s: %s", name, description)
    shown = progress(images, total=len(table), unit="images", name=f"stimuli {name}")
    background = spec.get("background", BACKGROUND) if kind in OF_FILES else None
    write_stimuli(path, shown, table, kind, description, background)
    write_sheet(path, sheet_path)


def scenes(name: str, spec: dict, threads: int) -> Images:
    """Rendered scenes, base scene by base scene."""
    meshes = list_meshes(spec["meshes"]) if spec.get("meshes") else {}
    photographs = list_images(spec["backgrounds"], labelled=False) if spec.get("backgrounds") else []
    props = Props(tuple(meshes.items()), tuple(photographs))
    categories = chosen(name, spec.get("categories"), meshes or CATEGORIES)
    shots = design(spec.get("like", name), spec, categories)
    jobs = [[shot.scene for shot in group] for _, group in groupby(shots, key=lambda shot: shot.scene_id)]
    varied = ", ".join(spec.get("parameters", ())) or "everything"
    description = f"{len(shots)} rendered images of {len(jobs)} scenes, {len(categories)} categories; varied: {varied}."
    images = in_workers(pictures, [(job, spec["size"], props) for job in jobs], threads)
    return images, table_of(shots, categories), description


def in_workers(task: Callable[..., list], jobs: list[tuple], threads: int) -> Iterator[np.ndarray]:
    """Pictures of all jobs, in order; a few jobs at a time are in memory."""
    workers = Parallel(n_jobs=min(threads, len(jobs)), return_as="generator", batch_size=1, pre_dispatch="2 * n_jobs")
    for images in workers(delayed(task)(*job) for job in jobs):
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


def movies(name: str, spec: dict, threads: int) -> Images:
    """Clips of videos."""
    frames, table = load_movies(spec, threads)
    clips, videos = table["scene"].nunique(), table["video"].nunique()
    taken = f"every {spec['step']}. frame" if spec["step"] > 1 else "contiguous"
    source = f"{videos} video{'s' if videos > 1 else ''} of {Path(spec['folder']).name}"
    return frames, table, f"{clips} clips of {spec['frames']} frames ({taken}) from {source}."


def augmentations(name: str, spec: dict, threads: int) -> Images:
    """Images, clean and augmented; by the same draws for each, and by draws of its own."""
    if "source" in spec:
        opened, sources = pictures_of(spec["source"])
    else:
        opened, sources = load_pictures(spec["folder"], spec.get("background", BACKGROUND))
    kept = spread(range(len(sources)), spec["images"])
    sources = sources[["stimulus_id", "label"]].iloc[kept].rename(columns={"stimulus_id": "scene"})
    shown = [variants(spec.get("seed", 0), name, scene, spec["levels"]) for scene in sources["scene"]]
    parts = [part.assign(**source) for part, source in zip(shown, sources.to_dict("records"), strict=True)]
    table = pd.concat(parts, ignore_index=True)
    suffix = [f"_{row.parameter}{row.level:02d}" if row.parameter else "" for row in table.itertuples()]
    table.insert(0, "stimulus_id", table["scene"] + suffix)
    table = table[[*ORDER, *table.columns.drop(ORDER)]]
    jobs = [(opened[i], part.to_dict("records"), spec["size"]) for i, part in zip(kept, shown, strict=True)]
    origin = spec.get("stimuli") or Path(spec["folder"]).name
    description = f"{len(kept)} images from {origin}, each clean and under 4 × {spec['levels']} augmentations."
    return in_workers(augmented, jobs, threads), table, description


def pictures_of(source: str | Path) -> Pictures:
    """Pictures of a stimulus set, as `load_pictures` gives those of a folder."""
    with open_images(source) as images:
        return [partial(Image.fromarray, image) for image in images[:]], read_table(source)


def augmented(opened: Callable[[], Image.Image], rows: list[dict], size: int) -> list[np.ndarray]:
    image = np.asarray(opened())
    return [apply(image, row, size) for row in rows]


def without_colour(image: np.ndarray) -> np.ndarray:
    """The luma of ITU-R BT.601 in all three channels."""
    return np.asarray(Image.fromarray(image).convert("L").convert("RGB"))


def recorded(name: str, spec: dict, threads: int) -> Images:
    """The images that a recording brings."""
    from ventral.recordings import images_of

    pictures, table = images_of(spec["recording"], spec)
    return pictures, table, f"{len(table)} images shown in the recording {spec['recording']}."


KINDS = {
    "scenes": scenes,
    "images": images,
    "movies": movies,
    "augmentations": augmentations,
    "recording": recorded,
}

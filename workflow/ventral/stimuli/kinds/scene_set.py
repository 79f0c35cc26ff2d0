"""Sets of rendered scenes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from annotated_types import MaxLen, MinLen

from ventral.config.entry import Grayscale, Key, PathText, Pooling, Seed, Several, Size, caught
from ventral.core.errors import Fault
from ventral.core.names import did_you_mean
from ventral.stimuli.folders import files_in
from ventral.stimuli.image_lists import list_images, list_meshes, with_list
from ventral.stimuli.scenes import design, ranges, table_of
from ventral.stimuli.stimulus_entry import FEW_IMAGES, Images, StimulusEntry, Surroundings

Parameter = Literal["pose", "background", "lighting", "viewpoint", "light", "orbit", "colour"]
Motion = Literal["object_turns", "object_moves", "camera_orbits", "camera_pans"]
Range = Annotated[list[float], MinLen(2), MaxLen(2)]


@dataclass(frozen=True, kw_only=True)
class SceneSet(StimulusEntry):
    """Rendered objects; per base scene, one parameter varied or one motion in a clip; or everything varied."""

    key_of_pictures: ClassVar[str] = "backgrounds"

    kind: Literal["scenes"]
    base_scenes: Annotated[Several, Key("Number of base scenes.")]
    levels: Annotated[Several, Key("Images per base scene and parameter.")] = 10
    parameters: Annotated[
        list[Parameter],
        Key(
            "Scene parameters that are varied, one at a time. Without them and motions there are only base scenes.",
            uniqueItems=True,
        ),
    ] = field(default_factory=list)
    motions: Annotated[
        list[Motion],
        Key("Motions of the object or the camera, each in one clip of every base scene.", uniqueItems=True),
    ] = field(default_factory=list)
    frames: Annotated[Several, Key("Frames of each clip; more frames show the same motion in finer steps.")] = 8
    size: Annotated[Size, Key("Pixels along each side.")] = 224
    categories: Annotated[list[str] | None, Key("Built-in objects to use.", minItems=1)] = None
    meshes: Annotated[PathText | None, Key("A folder of meshes to use instead.")] = None
    backgrounds: Annotated[PathText | None, Key("A folder of photographs to use as backgrounds.")] = None
    ranges: Annotated[
        dict[str, Range] | None,
        Key(
            "Limits of scene variables that replace the built-in ones. Of a variable that a motion changes, they limit "
            "the value of the base scene, near the middle of the path."
        ),
    ] = None
    palette: Annotated[
        Literal["natural", "random"],
        Key("Colors of built-in objects: those that each has in nature, or any, whatever the object."),
    ] = "natural"
    seed: Seed | None = None
    like: Annotated[
        str | None, Key("Another set whose scenes are shown. If all other keys are the same, so are the images.")
    ] = None
    grayscale: Grayscale = False
    pooling: Pooling = "none"

    def make(self, name: str, threads: int = 1, source: str | Path | None = None) -> Images:
        """Rendered scenes, base scene by base scene."""
        from ventral.stimuli.compose import Props, pictures
        from ventral.stimuli.objects import CATEGORIES
        from ventral.stimuli.workers import in_workers

        meshes = list_meshes(self.meshes) if self.meshes else {}
        photographs = list_images(self.backgrounds, labeled=False) if self.backgrounds else []
        props = Props(tuple(meshes.items()), tuple(photographs), self.palette)
        categories = chosen(name, self.categories, meshes or CATEGORIES)
        spec = vars(self) | {"seed": self.seed or 0, "ranges": self.ranges or {}}
        shots = design(self.like or name, spec, categories)
        jobs = [[shot.scene for shot in group] for _, group in groupby(shots, key=lambda shot: shot.scene_id)]
        varied = ", ".join(self.varied()) or "everything"
        counts = f"{len(shots)} rendered images of {len(jobs)} scenes, {len(categories)} categories"
        images = in_workers(pictures, [(job, self.size, props) for job in jobs], threads)
        return images, table_of(shots, categories), f"{counts}; varied: {varied}."

    def problems(self, name: str, others: Surroundings) -> Iterator[str]:
        """Faults of backgrounds, meshes, ranges, categories or another set that do not exist or cannot be used."""
        if self.backgrounds is not None:
            yield from caught("backgrounds", list_images, self.backgrounds, False)
        if self.ranges is not None:
            yield from caught("ranges", ranges, name, self.ranges)
        if self.like is not None and self.like not in others.stimuli:
            yield f"like: there is no stimulus set {self.like!r}{did_you_mean(self.like, others.stimuli)}."
        try:
            known = self.known_categories()
        except Fault as fault:
            yield f"meshes: {fault}"
            return
        for category in self.categories or ():
            if category not in known:
                yield f"categories: there is no {category!r}{did_you_mean(category, known)}."

    def known_categories(self) -> list[str]:
        """The categories of the meshes, or the built-in objects if the set names categories.

        Raises
        ------
        Fault
            There is no mesh, or the materials of a mesh cannot be read.
        """
        if self.meshes is not None:
            from ventral.stimuli.materials import check_materials

            meshes = list_meshes(self.meshes)
            for file in (file for files in meshes.values() for file in files):
                check_materials(file)
            return list(meshes)
        if self.categories is None:
            return []
        from ventral.stimuli.objects import CATEGORIES  # imports trimesh, which takes half a second

        return list(CATEGORIES)

    def known_labels(self) -> set[str] | None:
        """The categories; None for meshes that cannot be listed."""
        if self.categories is not None:
            return {*self.categories}
        if self.meshes is not None:
            try:
                return {*list_meshes(self.meshes)}
            except Fault:  # which is a fault of the set
                return None
        from ventral.stimuli.objects import CATEGORIES  # imports trimesh, which takes half a second

        return {*CATEGORIES}

    def is_small(self) -> bool:
        """Whether built-in objects are rendered at most 1,000 times."""
        images = self.base_scenes * max(1, self.levels * len(self.parameters) + self.frames * len(self.motions))
        return images <= FEW_IMAGES and not (self.meshes or self.backgrounds)

    def files(self) -> list[Path]:
        """Photographs of backgrounds, and all files in the folder of the meshes, which name materials and textures."""
        found = []
        if self.backgrounds:
            found += with_list(self.backgrounds, list_images(self.backgrounds, labeled=False))
        if self.meshes:
            list_meshes(self.meshes)
            found += sorted(files_in(Path(self.meshes)))
        return found

    def varied(self) -> list[str]:
        """The parameters that are varied one at a time, and the motions."""
        return [*self.parameters, *self.motions]


def chosen(name: str, wanted: list[str] | None, available: Iterable[str]) -> list[str]:
    """The categories that a set uses, sorted.

    Raises
    ------
    Fault
        A category is not available.
    """
    unknown = sorted(set(wanted or ()) - set(available))
    if unknown:
        raise Fault(f"Stimuli {name}: no category {', '.join(unknown)}; choose from {', '.join(sorted(available))}.")
    return sorted(wanted or available)

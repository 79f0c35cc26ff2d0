"""Memory and time that each job asks a cluster for, from the sizes of the files that it reads.

A rule asks for `mem_mb=memory("geometry")` and `runtime=runtime("geometry")`. Snakemake evaluates both just before the
job starts, when its inputs exist. A file tells its images n, features d and units by the shapes of its arrays, without
reading them. Attempt a asks for a times the memory and the time of the first.

Memory is that of the job's own process plus `SNAKEMAKE`. What depends on shapes is in
`ventral.size_formulas`. A test holds the formulas that were fitted to measured peaks to a peak or more, and to twice a
peak or less. The others are allowances. Most jobs need much less time than they ask for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil
from os import PathLike, stat
from pathlib import Path
from typing import Any

from ventral.core.array_shapes import Shape, shapes
from ventral.size_formulas import (
    MB,
    components_megabytes,
    components_seconds,
    decomposition_seconds,
    geometry_megabytes,
    gram_megabytes,
    gram_seconds,
    kept_megabytes,
    predictivity_megabytes,
    predictivity_seconds,
    recording_geometry_megabytes,
    similarity_megabytes,
)

SNAKEMAKE = 400  # MB of the two Snakemake processes that run a job on a cluster
MINUTES = 10  # for the start and for slow disks


@dataclass(frozen=True)
class Need:
    """What a job's own process needs, as functions of its input files.

    Attributes
    ----------
    megabytes, seconds : callable
        Of the named inputs of the rule.
    per_thread : float
        Megabytes of each process that the job starts, one per thread.
    """

    megabytes: Callable[[Any], float]
    seconds: Callable[[Any], float]
    per_thread: float = 0


def memory(
    stage: str,
    processes: Callable[[Any], int] | None = None,
    projection: int | None = None,
    made: Callable[[str], dict] | None = None,
) -> Callable[[Any, Any, int, int], int]:
    """The function of a job that Snakemake calls for `mem_mb`.

    Parameters
    ----------
    stage : str
        Name of a formula in `NEEDS`.
    processes : callable, optional
        From wildcards to the number of processes that each need this memory.
    projection : int, optional
        For the stages of `OF_PROJECTION`, the number of features that layers are projected to.
    made : callable, optional
        From the name of a recording that is made to its configuration; see `made_megabytes`.
    """
    need = NEEDS[stage] if projection is None else OF_PROJECTION[stage](projection)

    def mem_mb(wildcards, input, threads: int, attempt: int) -> int:
        megabytes = need.megabytes(input) * (processes(wildcards) if processes else 1)
        if made:
            megabytes = max(megabytes, made_megabytes(made(wildcards.recording)))
        return attempt * ceil(SNAKEMAKE + megabytes + need.per_thread * threads)

    return mem_mb


def runtime(stage: str, projection: int | None = None) -> Callable[[Any, Any, int], int]:
    """The function of a job that Snakemake calls for `runtime`, in minutes; see `memory`."""
    need = NEEDS[stage] if projection is None else OF_PROJECTION[stage](projection)

    def minutes(wildcards, input, attempt: int) -> int:
        return attempt * ceil(MINUTES + need.seconds(input) / 60)

    return minutes


def gram_need(projection: int | None) -> Need:
    """What the Gram stage needs, if layers with more features are projected to a number of them."""
    return Need(
        lambda input: _of_layers(partial(gram_megabytes, projection=projection), max, input),
        lambda input: _of_layers(partial(gram_seconds, projection=projection), sum, input),
    )


def components_need(projection: int | None) -> Need:
    """What the Gram of both sets and the decomposition of the other images need.

    If one of the files is damaged, the largest layers of both stand for all.
    """

    def pairs(input: Any) -> list[tuple[Shape, Shape]]:
        """The images of both sets together, and the other images, of each layer."""
        sides = [_shapes_of(input.images), _shapes_of(input.others)]
        if len(sides[0]) != len(sides[1]):
            sides = [[max(side, default=Shape(0, 0), key=lambda shape: shape.rows * shape.columns)] for side in sides]
        return [
            (Shape(images.rows + others.rows, d := max(images.columns, others.columns)), Shape(others.rows, d))
            for images, others in zip(*sides, strict=True)
        ]

    return Need(
        lambda input: max((components_megabytes(*pair, projection) for pair in pairs(input)), default=0),
        lambda input: sum(components_seconds(*pair, projection) for pair in pairs(input)),
    )


def made_megabytes(spec: dict) -> float:
    """Peak of a job that makes a recording: 1 GB + 1.1 times the size of its responses and trials.

    Measured peaks were 3.5 GB for 3.0 GB (`nsd`), 3.3 for 2.9 (`tvsd`), and 2.1 for 1.5 (`things_fmri`).
    """
    from ventral.recordings.kinds import recording_entry  # which most rules do not need

    return 1000 + 1.1 * recording_entry(spec).megabytes()


def _paths(named: Any) -> list[Any]:
    """The files of an input, which Snakemake gives as one text if there is only one."""
    return [named] if isinstance(named, (str, PathLike)) else list(named)


def _shapes_of(named: Any) -> list[Shape]:
    return [shape for path in _paths(named) for shape in shapes(path)]


def _of_layers(needs: Callable[..., float], merge: Callable, files: Any, recording: Any = None) -> float:
    """Megabytes (`merge=max`, as a job reads one layer after the other) or seconds (`merge=sum`) of several layers."""
    others = [] if recording is None else shapes(recording)
    return merge([0.0, *(needs(shape, *others) for shape in _shapes_of(files))])


def _images(named: Any) -> int:
    return sum(shape.rows for shape in _shapes_of(named))


def _tables(input: Any) -> float:
    """Megabytes of the tables among the inputs."""
    return sum(stat(path).st_size for path in input if Path(path).suffix in (".csv", ".parquet")) / MB


def _largest(named: Any) -> float:
    """Megabytes of the largest file of an input."""
    return max((stat(path).st_size for path in _paths(named)), default=0) / MB


def _total(named: Any) -> float:
    """Megabytes of all files of an input."""
    return sum(stat(path).st_size for path in _paths(named)) / MB


def _recorded(path: str | PathLike) -> Shape:
    """Images × units of all areas of a recording, which need no less than each area."""
    [recording] = shapes(path)
    return Shape(recording.columns, recording.rows, repeats=recording.repeats)


NETWORK = 7600  # MB for a network and a batch of images on the CPU

OF_PROJECTION = {"gram": gram_need, "components": components_need}
NEEDS = {
    # Measured
    "gram": gram_need(None),
    "geometry": Need(
        lambda input: _of_layers(geometry_megabytes, max, input.grams),
        lambda input: _of_layers(decomposition_seconds, sum, input.grams),
    ),
    "predictivity": Need(
        lambda input: _of_layers(predictivity_megabytes, max, input.grams, input.recording),
        lambda input: _of_layers(predictivity_seconds, sum, input.grams, input.recording),
    ),
    "components": components_need(None),
    # Allowances
    "stimuli": Need(lambda _: 600, lambda _: 6600, per_thread=400),
    "recordings": Need(lambda input: 3600 + 2 * (_largest(input.file) + _total(input.file)), lambda _: 3000),
    "training": Need(lambda _: NETWORK, lambda _: 85800),
    "activations": Need(lambda _: NETWORK, lambda input: 2400 + 2 * _images(input.stimuli)),
    "accuracy": Need(lambda _: NETWORK, lambda input: 2400 + 2 * _images(input.stimuli)),
    "behavior": Need(
        lambda input: 500 + _of_layers(geometry_megabytes, max, input.grams),
        lambda input: 3600 * len(input.grams),
    ),
    "distances": Need(
        lambda input: 500 + 8 * _largest(input.recording) + _of_layers(geometry_megabytes, max, input.grams),
        lambda input: 3600 * len(input.grams),
    ),
    "recording_geometry": Need(
        lambda input: recording_geometry_megabytes(_recorded(input.recording)),
        lambda input: 1200 + 4 * decomposition_seconds(_recorded(input.recording)),
    ),
    "similarity": Need(
        lambda input: (
            (170 + 4 * len(input.grams) + _of_layers(geometry_megabytes, max, input.grams))
            + similarity_megabytes(_shapes_of(input.recordings))
        ),
        lambda input: 1800 + len(input.grams) ** 2 / 20 + sum(kept_megabytes(s) for s in _shapes_of(input.grams)) / 20,
    ),
    "tables": Need(lambda input: 600 + 20 * _tables(input), lambda input: 1200 + 60 * _tables(input)),
    "report": Need(
        lambda input: 600 + 20 * _tables(input) + 4 * _largest(input.recordings),
        lambda input: 1200 + 60 * _tables(input),
    ),
}

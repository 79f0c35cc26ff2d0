"""Memory and time that each job asks a cluster for, from the sizes of the files that it reads.

A rule asks for `mem_mb=memory("geometry")` and `runtime=runtime("geometry")`. Snakemake evaluates both just before the
job starts, when its inputs exist. A file tells its images n, features d and units by the shapes of its arrays, without
reading them. Attempt a asks for a times the memory and the time of the first.

Memory is that of the job's own process plus `SNAKEMAKE`. Formulas for Gram, components, geometry, predictivity and
similarity of areas were fitted to measured peaks, and a test holds them to a peak or more, and to twice a peak or less.
The others are allowances.
Time counts operations at a rate that a slow core reaches, so most jobs need much less.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import ceil
from os import PathLike, stat
from pathlib import Path
from typing import Any

from ventral.core.array_shapes import Shape, shapes

MB = 1e6
SNAKEMAKE = 400  # MB of the two Snakemake processes that run a job on a cluster
RATE = 5e9  # operations per second
MINUTES = 10  # for the start and for slow disks
BLOCK = 128  # MB of `ventral.core.block_products`
ROWS = 256  # images of `ventral.projection`
LEARNED = 2000  # images of `ventral.predictivity.sampled_fits`
LARGE = 3000  # rows of `ventral.geometry.spectrum`
NEIGHBORS = 10_000  # images of `ventral.geometry.intrinsic`
TORCH = 550  # MB of an import of torch


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


def components_megabytes(both: Shape, others: Shape, projection: int | None = None) -> float:
    """Peak of the coordinates along components of m images, for n × d responses to the images of both sets.

    That of their Gram + 32 m² bytes. If d < n, that of their Gram + 30 MB + 20 n d bytes, and + 8 n² bytes if products
    are formed all the same, because n ≤ 2 d and m ≤ d.
    """
    n, m, d = both.rows, others.rows, min(both.columns, projection or both.columns)
    more = 32 * m**2 if d >= n else 30 * MB + 20 * n * d + 8 * n**2 * (n <= 2 * d and m <= d)
    return gram_megabytes(both, projection) + more / MB


def components_seconds(both: Shape, others: Shape, projection: int | None = None) -> float:
    """The Gram of both sets, and the decomposition of the other images after a projection."""
    d = min(others.columns, projection or others.columns)
    return gram_seconds(both, projection) + decomposition_seconds(Shape(others.rows, d))


def gram_megabytes(shape: Shape, projection: int | None = None) -> float:
    """Peak of the Gram stage for n × d responses.

    If d < n, 70 MB + 20 n d bytes: the responses in float32, and twice in float64. Otherwise 70 MB + 3 blocks of 128 MB
    (or of 4 n d bytes, if these are less) + 24 n² bytes: K while it is centered, and that of the layer before.

    A projection to N < d features needs what n × N responses need, and 130 MB for scikit-learn + 12 bytes for each
    feature of 256 images + 4 n N bytes for the projected responses + 12 N √d bytes for the matrix.
    """
    n, d = shape.rows, shape.columns
    if projection is not None and projection < d:
        more = 12 * min(n, ROWS) * d + 4 * n * projection + 12 * projection * d**0.5
        return gram_megabytes(Shape(n, projection)) + 130 + more / MB
    return 70 + 20 * n * d / MB if d < n else 70 + 3 * min(BLOCK, 4 * n * d / MB) + 24 * n**2 / MB


def gram_seconds(shape: Shape, projection: int | None = None) -> float:
    """2 n² d operations in float32, at four times the rate, for K; reading at 20 MB per second.

    A projection to N features takes 10 N operations for each number that is read, over √d, and d is then N.
    """
    n, d = shape.rows, shape.columns
    reading = 4 * n * d / MB / 20
    if projection is not None and projection < d:
        reading, d = reading + 10 * n * d**0.5 * projection / RATE, projection
    return n**2 * d * (d >= n) / (2 * RATE) + reading


def kept_megabytes(shape: Shape) -> float:
    """K of 8 n² bytes, or the responses of 8 n d bytes; both if n ≤ 2 d, as in `ventral.gram.Gram.matrix`."""
    n, d = shape.rows, shape.columns
    return 8 * (n**2 * (shape.square or n <= 2 * d) + n * d * (not shape.square)) / MB


def geometry_megabytes(shape: Shape) -> float:
    """Peak of the geometry of one layer.

    250 MB + 10 kB per image + 20 kB for each of up to 10,000 images + 5 times K, or 12 times the responses if these are
    kept and n > 2 d. The eigenvalues of more than 3,000 images and features need 550 MB for torch.
    """
    of_matrix = shape.square or shape.rows <= 2 * shape.columns
    torch = TORCH * (min(shape.rows, shape.columns) > LARGE)
    per_image = 0.01 * shape.rows + 0.02 * min(shape.rows, NEIGHBORS)
    return 250 + torch + per_image + (5 if of_matrix else 12) * kept_megabytes(shape)


def decomposition_seconds(shape: Shape) -> float:
    """25 n m² operations with m = min(n, d), for decompositions, distances and read-outs."""
    return 25 * shape.rows * min(shape.rows, shape.columns) ** 2 / RATE


def predictivity_megabytes(shape: Shape, recording: Shape) -> float:
    """Peak of one layer as a predictor of u units, with r repeats of n images.

    210 MB + 40 kB per image + 8 (5 + r) u n bytes for responses and trials, or 8 u n bytes without trials + 8 n² bytes
    for K, or 60 n d bytes if the responses are kept + the larger of two:

    - 30 n² bytes, or 140 MB + 20 n² bytes if this is less, for ranks of all pairs, of which those of up to four areas
      are kept from layer to layer, or for a decomposition; and 0.06 MB per unit, for 1,000 resamples of the images by
      each method
    - 48 u bytes for each of up to 2,000 images, for learning curves
    """
    u, n, r = recording.rows, recording.columns, recording.repeats
    of_layer = 8 * n**2 if shape.square else 60 * n * shape.columns
    of_recording = 8 * (5 + r) * u * n if r > 1 else 8 * u * n
    of_pairs = min(30 * n**2, 140 * MB + 20 * n**2) + 6e4 * u
    of_curves = 48 * u * min(n, LEARNED)
    return 210 + 0.04 * n + (of_layer + of_recording + max(of_pairs, of_curves)) / MB


def predictivity_seconds(shape: Shape, recording: Shape) -> float:
    """Ten decompositions, and 1,000 resamples of the images for each unit at 100 ns."""
    return 10 * decomposition_seconds(shape) + 1e-4 * recording.rows * recording.columns


def similarity_megabytes(recordings: list[Shape]) -> float:
    """What comparing layers and areas needs for recordings of u units, n images and r repeats.

    16 u n + 5 u n r bytes for responses and trials of the largest, while the one read before is still there.
    """
    sizes = sorted(of.rows * of.columns * (16 + 5 * of.repeats) / MB for of in recordings)
    return sum(sizes[-2:])


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


def recording_geometry_megabytes(shape: Shape) -> float:
    """An allowance of 600 MB + 20 times the responses or K + 24 n u r bytes, of r repeats of all trials."""
    return 600 + 20 * kept_megabytes(shape) + 24 * shape.rows * shape.columns * shape.repeats / MB


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

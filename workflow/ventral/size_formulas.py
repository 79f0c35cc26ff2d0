"""Memory in megabytes and time in seconds of the stages, from the shapes of the arrays that they read.

Formulas for Gram, components, geometry, predictivity and similarity of areas were fitted to measured peaks. Times count
operations at a rate that a slow core reaches.
"""

from ventral.core.array_shapes import Shape

MB = 1e6
RATE = 5e9  # operations per second
BLOCK = 128  # MB of `ventral.core.block_products`
ROWS = 256  # images of `ventral.projection`
LEARNED = 2000  # images of `ventral.predictivity.sampled_fits`
LARGE = 3000  # rows of `ventral.geometry.spectrum`
NEIGHBORS = 10_000  # images of `ventral.geometry.intrinsic`
TORCH = 550  # MB of an import of torch


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


def recording_geometry_megabytes(shape: Shape) -> float:
    """An allowance of 600 MB + 20 times the responses or K + 24 n u r bytes, of r repeats of all trials."""
    return 600 + 20 * kept_megabytes(shape) + 24 * shape.rows * shape.columns * shape.repeats / MB

"""Equivariance: does a change of an image move its representation along separate axes, the same for every image?

Decoders read the parameters of an augmentation from the responses (`ventral.geometry.decoding`). Let C_i be the
covariance of the responses to image i over draws of the augmentation. Three comparisons of covariances say which axes
are shared (`ventral.geometry.covariance_comparisons`):

- augmentation–augmentation: C_i with C_j of another image. They are similar if images share the variability that
  augmentations cause.
- augmentation–content: C_i with the covariance of all clean images.
- spatial–photometric: C_i under changes of place with C_i under changes of color.
"""

import logging

import pandas as pd

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.geometry.covariance_comparisons import COMPARISONS
from ventral.geometry.decoding import decoding_rows
from ventral.geometry.family import Family
from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role

EQUIVARIANCE = Method(
    "Equivariance",
    "Comparisons of covariances of unit trace: the same augmentations of two images, an image’s augmentations and "
    "all clean images, and changes of place and of color. The floor of the Bures distance is the distance between "
    "two halves of one sample. The cosine from unbiased products has no floor. Intervals of distances and cosines are "
    "over images and draws.",
    "Yerxa, Feather, Simoncelli & Chung, NeurIPS 37 (2024). The cosine is Ventral’s own.",
    ("yerxa2024",),
)
COMPARED = {
    "augmentation_augmentation": ("aug. – aug.", "the same augmentations of two images"),
    "augmentation_content": ("aug. – content", "augmentations of an image and all clean images"),
    "spatial_photometric": ("spatial – photom.", "changes of place and of color of one image"),
}
MEASURES = {
    "cosine": ("cosine", "Cosine between the covariances of {}: 1 for the same shape, 0 if no axis is shared."),
    "bures": (
        "distance",
        "Bures distance between the covariances of {}: 0 for the same shape, √2 if no axis is shared.",
    ),
    "bures_floor": ("floor", "Bures distance between two halves of one sample, for {}."),
}
METRICS = tuple(
    Metric(
        f"{name}_{measure}",
        f"{name.replace('_', '–')} {word}",
        Role.FLOOR if measure == "bures_floor" else Role.GEOMETRY,
        text.format(compared),
        EQUIVARIANCE,
        (-1, 1) if measure == "cosine" else (0, 2**0.5),
        variant_of=f"{name}_cosine" if measure == "bures" else "",
        heading=f"{heading} {word}",
    )
    for name, (heading, compared) in COMPARED.items()
    for measure, (word, text) in MEASURES.items()
)


def equivariance_rows(G: Gram, table: pd.DataFrame, seed: int) -> list[dict[str, object]]:
    """Every equivariance analysis of one layer; no rows if the set has no augmentations.

    Parameters
    ----------
    G : Gram of n images
    table : DataFrame of n rows
        The stimulus table: `scene` (source image), `parameter` ('' for clean images, "augmentation", "spatial",
        "photometric"), `level` (the draw) and the columns of the draw.
    seed : int
        For the halves, pairs, folds and resamples, so that these are the same for all layers and networks.

    Returns
    -------
    list of dict
        metric, parameter, value, low, high, n. An analysis that the images do not allow is left out, and the log says
        why.
    """
    if not {"augmentation", "spatial", "photometric"} <= set(table.parameter):
        return []
    rows = []
    for name, compare in COMPARISONS.items():
        try:
            comparison = compare(G, table, generator(seed, "equivariance"))
        except Fault as fault:
            logging.warning("%s: %s", name, fault)
            continue
        rows += [
            {"metric": f"{name}_{measure}", "n": comparison.n, **vars(getattr(comparison, measure))}
            for measure in ("bures", "bures_floor", "cosine")
        ]
    return rows + decoding_rows(G, table, seed)


FAMILY = Family(
    3,
    lambda table: {"augmentation", "spatial", "photometric"} <= set(table.parameter),
    lambda layer: equivariance_rows(layer.G, layer.table, layer.seed),
)

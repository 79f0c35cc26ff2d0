"""Decoding of augmentations: how well do a layer's responses represent what was done to an image?

A ridge regression reads each parameter of an augmentation (the position of the crop, the change of contrast, …) from
the responses to the clean and to the augmented image, concatenated into one vector. The Gram of such pairs is a sum of
two Grams, so the features are not needed::

    (x_i0, x_ik) · (x_j0, x_jl) = x_i0 · x_j0 + x_ik · x_jl

Augmentation sets show draws that each belong to one image (`ventral.stimuli.table.INDEPENDENT`), and these are
decoded. Training and test rows share neither a source image nor a draw (`ventral.geometry.draw_splits`). Penalties are
chosen by leaving out the same groups of rows one by one. `ventral.geometry.decoding_scores` gives r and R².

Source: Yerxa, Feather, Simoncelli & Chung, "Contrastive-equivariant self-supervised learning improves alignment with
primate visual area IT", NeurIPS 37 (2024).
"""

import logging
from dataclasses import replace

import numpy as np
import pandas as pd

from ventral.core.copies import first_equal
from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.geometry.decoding_scores import Decoded, decoding_estimates
from ventral.geometry.draw_splits import FOLDS, image_and_draw_splits
from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.regression.ridge import ridge
from ventral.stimuli.augmentations import NEUTRAL
from ventral.stimuli.table import INDEPENDENT

# Each decoded parameter and the column that says whether its operation was applied. Flip, `grey` and solarize are
# switches themselves.
GATES = {
    "crop_x": None,
    "crop_y": None,
    "crop_area": None,
    "crop_ratio": None,
    "flip": None,
    "brightness": "jitter_applied",
    "contrast": "jitter_applied",
    "saturation": "jitter_applied",
    "hue": "jitter_applied",
    "grey": None,
    "blur": "blur_applied",
    "solarize": None,
}

DECODING = Method(
    "Augmentation decoding",
    "Ridge regression from the responses to the clean and the augmented image to each augmentation parameter. r, "
    "pooled within test folds, and R² are computed for images and draws that the regression was not fitted to, and "
    "for augmentations in which the operation was applied. Intervals are over images, and over draws if images share "
    "them; those of R² are widened by the factor of Nadeau & Bengio for fits that share images.",
    "Yerxa, Feather, Simoncelli & Chung, NeurIPS 37 (2024). Nadeau & Bengio, Machine Learning 52:239 (2003).",
    ("yerxa2024", "nadeau2003"),
)
METRICS = (
    Metric(
        "decoding_r",
        "decoding r",
        Role.GEOMETRY,
        "Correlation between an augmentation parameter and its prediction from held-out responses: 1 if it can be read "
        "off.",
        DECODING,
        (-1, 1),
        heading="decoding r",
        counts="draw",
    ),
    Metric(
        "decoding_r2",
        "decoding R²",
        Role.GEOMETRY,
        "Share of the variance of an augmentation parameter that is predicted; negative if its mean would predict "
        "better.",
        DECODING,
        (None, 1),
        variant_of="decoding_r",
        counts="draw",
    ),
)


def decoding_rows(G: Gram, table: pd.DataFrame, seed: int) -> list[dict[str, object]]:
    """Rows `decoding_r` and `decoding_r2` of each augmentation parameter; `n` counts draws.

    If the images do not allow decoding, the log says why and there are no rows.
    """
    try:
        decoded = decode(G, table, seed)
    except Fault as fault:
        logging.warning("decoding: %s", fault)
        return []
    rows = []
    for one in decoded:
        key = {"parameter": one.parameter, "n": one.n_draws}
        r, r2 = decoding_estimates(one, generator(seed, "equivariance"))
        rows += [{"metric": "decoding_r", **key, **vars(r)}, {"metric": "decoding_r2", **key, **vars(r2)}]
    return rows


def decode(G: Gram, table: pd.DataFrame, seed: int) -> list[Decoded]:
    """Predict every augmentation parameter from responses to images and draws that the decoder was not fitted to.

    Parameters
    ----------
    G : Gram of n images
    table : DataFrame of n rows
        The stimulus table: `scene`, `parameter`, `level` and the columns of the draw. The rows whose parameter is
        "independent_augmentation" are decoded, or if there are none, those of "augmentation". Each is paired with the
        clean image of its scene.
    seed : int
        For the split into three folds.

    Returns
    -------
    list of Decoded
        Parameters that are constant, or that the table lacks, are left out, which the log says. If images share fewer
        than six draws, the predictions are NaN, with a warning.

    Raises
    ------
    Fault
        There are fewer than three source images, images lack a clean version or have unequal numbers of augmentations,
        or a parameter has values that are not finite.
    """
    parameter = INDEPENDENT if (table.parameter == INDEPENDENT).any() else "augmentation"
    augmented, clean = rows_by_image(table, parameter), rows_by_image(table, "")
    if len(clean) < FOLDS or clean.shape != (len(augmented), 1):
        raise Fault(
            f"Decoding needs three or more source images with one clean version each; the table has {len(augmented)} "
            f"images with augmentations and {clean.size} clean ones."
        )
    N, L = augmented.shape
    pairs = paired(G, np.repeat(clean.ravel(), L), augmented.ravel())
    image, draws = np.repeat(np.arange(N), L), table.iloc[augmented.ravel()]
    draw = draws.groupby([name for name in NEUTRAL if name in draws], sort=False, dropna=False).ngroup().to_numpy()
    decoded = []
    for gate, names in _by_gate(draws).items():
        on = np.arange(N * L) if gate is None else np.flatnonzero(draws[gate] > 0)
        values = draws[names].iloc[on]
        varied = [name for name in names if values[name].nunique() > 1]
        if len(varied) < len(names):
            logging.info("Not decoded, because constant: %s.", ", ".join(sorted({*names} - {*varied})))
        if not varied:
            continue
        if not np.isfinite(values[varied].to_numpy(dtype=np.float64)).all():
            raise Fault(f"Some values of {', '.join(varied)} are not finite; make the stimulus set again.")
        decoded += _decoded(pairs if gate is None else pairs.subset(on), values[varied], image[on], draw[on], N, seed)
    return sorted(decoded, key=lambda one: list(GATES).index(one.parameter))


def _decoded(
    pairs: Gram, values: pd.DataFrame, image: np.ndarray, draw: np.ndarray, n_images: int, seed: int
) -> list[Decoded]:
    """Predictions of parameters that vary together, by one fit for each test block."""
    Y = values.to_numpy(dtype=np.float64)
    predicted, block = np.full_like(Y, np.nan), np.zeros(len(Y), dtype=int)
    try:
        splits, groups = image_and_draw_splits(image, draw, seed)
    except Fault as fault:
        logging.warning("The decoding of %s is undefined: %s", ", ".join(map(str, values)), fault)
    else:
        fits = ridge(pairs, Y, splits, groups=groups)
        for number, ((_, test), prediction) in enumerate(zip(splits, fits.predictions, strict=True)):
            predicted[test], block[test] = prediction, number
    _, draw = np.unique(draw, return_inverse=True)
    return [Decoded(str(name), Y[:, j], predicted[:, j], image, n_images, draw, block) for j, name in enumerate(values)]


def paired(G: Gram, first: np.ndarray, second: np.ndarray) -> Gram:
    """Gram of the concatenated responses to two images each.

    Parameters
    ----------
    G : Gram of n images
    first, second : integer arrays of shape (m,)
        The two images of each of the m rows.
    """
    a, b = G.subset(first), G.subset(second)
    if a.responses is None:
        both = {"kernel": a.kernel + b.kernel}
    else:
        both = {"responses": np.hstack([a.responses, b.responses])}
    return replace(
        a,
        **both,
        mean_products=a.mean_products + b.mean_products,
        mean_square=a.mean_square + b.mean_square,
        row_sums=a.row_sums + b.row_sums,
        n_features=a.n_features + b.n_features,
        stimulus_id=None,
        copy_of=first_equal(a.copies, b.copies),
    )


def rows_by_image(table: pd.DataFrame, parameter: str) -> np.ndarray:
    """The rows of the table that show each source image under each level of a parameter.

    Parameters
    ----------
    table : DataFrame
        The stimulus table: `scene`, `parameter`, `level`.
    parameter : str
        '' for the clean images, which have one level.

    Returns
    -------
    integer array of shape (N images, L levels)
        Images in the order of their names.

    Raises
    ------
    Fault
        The images do not all have the same levels, once each.
    """
    index = np.flatnonzero(table.parameter == parameter)
    scenes, levels = table.scene.to_numpy()[index], table.level.to_numpy()[index]
    N, L = len(np.unique(scenes)), len(np.unique(levels))
    order = np.lexsort((levels, scenes))
    if len(index) != N * L or np.any(levels[order].reshape(N, L) != np.unique(levels)):
        raise Fault(
            f"Every image needs the same levels of {parameter or 'its clean version'!r}, once each: {N} images and {L} "
            f"levels do not make {len(index)} rows."
        )
    return index[order].reshape(N, L)


def _by_gate(draws: pd.DataFrame) -> dict[str | None, list[str]]:
    """The parameters that can be decoded, by the column that says whether their operation was applied."""
    groups: dict[str | None, list[str]] = {}
    for name, gate in GATES.items():
        if name in draws and (gate is None or gate in draws):
            groups.setdefault(gate, []).append(name)
    absent = [name for name in GATES if name not in {name for group in groups.values() for name in group}]
    if absent:
        logging.info("Not decoded, because the stimulus table lacks them or their switch: %s.", ", ".join(absent))
    return groups

"""Decoding of augmentations: how well do a layer's responses tell what was done to an image?

A ridge regression reads each parameter of an augmentation (where the crop lay, how the contrast changed, …) from the
responses to the clean and to the augmented image, one after the other in one vector. The Gram of such pairs is a sum
of two Grams::

    (x_i0, x_ik) · (x_j0, x_jl) = x_i0 · x_j0 + x_ik · x_jl

so that the features are not needed. Training and test rows share neither a source image nor a draw: a decoder that met
the draws of the test images while it was fitted could tell them apart by anything they change, and would "decode"
parameters that the responses do not hold. Augmentation sets therefore show draws that belong to one image alone
(`ventral.stimuli.augmentations.INDEPENDENT`), and these are decoded. Each connected group of images and draws lies on
one side of a split. Where images share draws, images and draws are both dealt into folds, and a test block is predicted
from rows of other images under other draws. An r over n shared draws is then near 0 on average for a parameter that the
responses do not hold, but any two parameters are correlated by about 1/√n over n draws; `n` and the interval count the
draws. Penalties are chosen by leaving out the same groups, or the draws, one by one.

The mean of the training values falls where that of the test values rises, so predictions that follow nothing but the
mean would correlate negatively with the values. The Pearson r is therefore pooled within test blocks.

Source: Yerxa, Feather, Simoncelli & Chung, "Contrastive-equivariant self-supervised learning improves alignment with
primate visual area IT", NeurIPS 37 (2024).
"""

import logging
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ventral.copies import first_equal
from ventral.gram import Gram
from ventral.ridge import ridge
from ventral.splits import Splits, kfold_splits
from ventral.stimuli.augmentations import INDEPENDENT, NEUTRAL
from ventral.store import Fault

# What is decoded, and the column that says where the operation was on. Flip, grey and solarize are switches themselves.
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
FOLDS = 3


@dataclass(frozen=True)
class Decoded:
    """Predictions of one augmentation parameter for images and draws that the decoder was not fitted to.

    Attributes
    ----------
    parameter : str
    actual, predicted : arrays of shape (rows,)
        Only augmentations whose operation was on.
    image : integer array of shape (rows,)
        The source image of each row, from 0 to `n_images` − 1.
    n_images : int
    draw : integer array of shape (rows,), optional
        The draw of each row, from 0; by default every row has its own.
    block : integer array of shape (rows,), optional
        The test block of each row, whose rows were predicted by one fit; by default one block.
    """

    parameter: str
    actual: np.ndarray
    predicted: np.ndarray
    image: np.ndarray
    n_images: int
    draw: np.ndarray | None = None
    block: np.ndarray | None = None

    @property
    def n_draws(self) -> int:
        """Number of distinct draws."""
        return len(self.actual) if self.draw is None else len(np.unique(self.draw))

    @property
    def shares_draws(self) -> bool:
        """Whether a draw is shown in two images or more."""
        return self.draw is not None and len(np.unique([self.draw, self.image], axis=1).T) > self.n_draws

    def scores(
        self, weights: np.ndarray | None = None, of_draws: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Pearson r and R² over all rows, each source image counted as often as its weight says.

        Parameters
        ----------
        weights : array of shape (..., n_images), optional
            1 by default; those of a bootstrap over images give an interval, with the fits held.
        of_draws : array of shape (..., n_draws), optional
            Weights of the draws, where images share them; a row counts as often as the product of its two weights.

        Returns
        -------
        r, r2 : arrays of shape (...)
            r is pooled within test blocks. R² = 1 − Σ (y − ŷ)² / Σ (y − ȳ)², below 0 where the mean predicts better.
            NaN where the actual values, or for r the predictions, are constant.
        """
        w = np.ones(len(self.actual)) if weights is None else np.asarray(weights)[..., self.image]
        w = w if of_draws is None else w * of_draws[..., self.draw]
        y, p = self.actual - self.actual.mean(), self.predicted - self.actual.mean()
        terms = np.stack([np.ones_like(y), y, p, y * y, p * p, y * p, (y - p) ** 2], axis=1)
        block = np.zeros(len(y), dtype=int) if self.block is None else self.block
        sums = np.array([w[..., block == one] @ terms[block == one] for one in np.unique(block)])
        within, pooled = _spreads(sums), _spreads(sums.sum(axis=0, keepdims=True))
        yy, pp, yp = within
        return np.clip(yp / np.sqrt(yy * pp), -1, 1), 1 - sums[..., -1].sum(axis=0) / pooled[0]


def _spreads(sums: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sums of squares and products about the mean of each block, from sums (blocks, ..., 7) of `Decoded.scores`."""
    n, sy, sp, syy, spp, syp, _ = np.moveaxis(sums, -1, 0)
    n = np.where(n > 0, n, 1)
    yy, pp, yp = (np.sum(part, axis=0) for part in (syy - sy**2 / n, spp - sp**2 / n, syp - sy * sp / n))
    # A constant leaves what rounding leaves of its square, or of the spread that it fails to predict.
    syy, spp = syy.sum(axis=0), spp.sum(axis=0)
    yy = np.where(yy > 1e-12 * syy, yy, np.nan)
    return yy, np.where(pp > 1e-12 * spp + 1e-20 * syy, pp, np.nan), yp


def decode(G: Gram, table: pd.DataFrame, seed: int) -> list[Decoded]:
    """Read every augmentation parameter from responses to images and draws that were not trained on.

    Parameters
    ----------
    G : Gram of n images
    table : DataFrame of n rows
        The stimulus table: `scene`, `parameter`, `level` and the columns of the draw. Decoded are the rows of the
        parameter "independent_augmentation", or where there are none those of "augmentation", each beside the clean
        image of its scene.
    seed : int
        Of the split into three folds.

    Returns
    -------
    list of Decoded
        Parameters that the table lacks, or that are constant, are left out with a line in the log. Predictions are NaN,
        with a warning, where fewer than six draws are shared.

    Raises
    ------
    Fault
        Fewer than three source images, images without a clean version or with unequal numbers of augmentations, or a
        parameter with values that are not finite.
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
    found = []
    for gate, names in _by_gate(draws).items():
        on = np.arange(N * L) if gate is None else np.flatnonzero(draws[gate] > 0)
        values = draws[names].iloc[on]
        varied = [name for name in names if values[name].nunique() > 1]
        if len(varied) < len(names):
            logging.info("Not decoded, since constant: %s.", ", ".join(sorted({*names} - {*varied})))
        if not varied:
            continue
        if not np.isfinite(values[varied].to_numpy(dtype=np.float64)).all():
            raise Fault(f"Among {', '.join(varied)} are values that are not finite; make the stimulus set again.")
        found += _decoded(pairs if gate is None else pairs.subset(on), values[varied], image[on], draw[on], N, seed)
    return sorted(found, key=lambda one: list(GATES).index(one.parameter))


def _decoded(
    pairs: Gram, values: pd.DataFrame, image: np.ndarray, draw: np.ndarray, n_images: int, seed: int
) -> list[Decoded]:
    """Predictions of parameters that vary together, by one fit for each test block."""
    Y = values.to_numpy(dtype=np.float64)
    predicted, block = np.full_like(Y, np.nan), np.zeros(len(Y), dtype=int)
    try:
        splits, groups = image_and_draw_splits(image, draw, seed)
    except Fault as fault:
        logging.warning("The decoding of %s is undefined: %s", ", ".join(values), fault)
    else:
        fits = ridge(pairs, Y, splits, groups=groups)
        for number, ((_, test), prediction) in enumerate(zip(splits, fits.predictions, strict=True)):
            predicted[test], block[test] = prediction, number
    _, draw = np.unique(draw, return_inverse=True)
    return [Decoded(name, Y[:, j], predicted[:, j], image, n_images, draw, block) for j, name in enumerate(values)]


def image_and_draw_splits(image: np.ndarray, draw: np.ndarray, seed: int) -> tuple[Splits, np.ndarray]:
    """Splits whose training and test rows share neither an image nor a draw; every row is tested once.

    Parameters
    ----------
    image, draw : integer arrays of shape (rows,)
        The source image and the draw of each row.
    seed : int

    Returns
    -------
    splits : list of (train, test)
        Where images and draws fall into groups that share nothing, three folds of these groups; else nine blocks, of
        three folds of the images and three of the draws.
    groups : array of shape (rows,)
        Rows that are to be left out together when a penalty is chosen: the groups, or the draws.

    Raises
    ------
    Fault
        Fewer than three images, or fewer than six draws that images share.
    """
    group = _connected(image, draw)
    counts = np.unique(group, return_counts=True)[1]
    if len(counts) >= FOLDS and 2 * counts.max() <= len(group):
        return kfold_splits(group, FOLDS, seed), group
    n_images, n_draws = len(np.unique(image)), len(np.unique(draw))
    if n_images < FOLDS or n_draws < 2 * FOLDS:
        raise Fault(
            f"{n_images} images share {n_draws} draws; decoding needs {FOLDS} images and {2 * FOLDS} draws, or "
            "separate draws for each image."
        )
    of_images, of_draws = kfold_splits(image, FOLDS, seed), kfold_splits(draw, FOLDS, seed)
    blocks = [
        (np.intersect1d(train, others), np.intersect1d(test, these))
        for train, test in of_images
        for others, these in of_draws
    ]
    return [(train, test) for train, test in blocks if len(test)], draw


def _connected(image: np.ndarray, draw: np.ndarray) -> np.ndarray:
    """The group of each row: rows of one image are in one group, and so are rows of one draw."""
    _, image = np.unique(image, return_inverse=True)
    _, draw = np.unique(draw, return_inverse=True)
    nodes = image.max() + draw.max() + 2
    edges = coo_array((np.ones(len(image)), (image, image.max() + 1 + draw)), shape=(nodes, nodes))
    return connected_components(edges, directed=False)[1][image]


def paired(G: Gram, first: np.ndarray, second: np.ndarray) -> Gram:
    """Gram of responses to two images each, one after the other in one vector.

    Parameters
    ----------
    G : Gram of n images
    first, second : integer arrays of shape (m,)
        The two images of each of the m rows.
    """
    a, b = G.subset(first), G.subset(second)
    return replace(
        a,
        centered=a.centered + b.centered,
        mean_products=a.mean_products + b.mean_products,
        mean_square=a.mean_square + b.mean_square,
        row_sums=a.row_sums + b.row_sums,
        n_features=a.n_features + b.n_features,
        stimulus_id=None,
        copy_of=first_equal(a.copies, b.copies),
    )


def rows_by_image(table: pd.DataFrame, parameter: str) -> np.ndarray:
    """Rows of the table that show each source image under each level of a parameter.

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
        Images that do not all have the same levels, once each.
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
    """The parameters of the table under the column that says where their operation was on."""
    groups = {}
    for name, gate in GATES.items():
        if name in draws and (gate is None or gate in draws):
            groups.setdefault(gate, []).append(name)
    absent = [name for name in GATES if name not in {name for group in groups.values() for name in group}]
    if absent:
        logging.info("Not decoded, since the stimulus table lacks them or their gate: %s.", ", ".join(absent))
    return groups

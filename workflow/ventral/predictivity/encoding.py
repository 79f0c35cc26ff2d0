"""Every encoding model of one layer and one recording, from one eigendecomposition per split."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.regression.folds import Encoding, Fold, folds, scores
from ventral.regression.pcr import components, fit_pcr
from ventral.regression.pls import fit_pls
from ventral.regression.ridge import fit_ridge, joined
from ventral.regression.splits import Splits

COMPONENTS = (300, 1000)
RIDGE = Method(
    "Predictivity",
    "Median over units of the correlation between held-out responses and their prediction by ridge regression from "
    "the layer. The ceiling is the reliability c of the responses to the test images, one minus the variance of "
    "their noise divided by their variance. A perfect model reaches r = √c. Its r²/c is 1, but its r/c = 1/√c and "
    "(r/c)² = 1/c exceed 1. Shuffled images are the control.",
    "Shrout & Fleiss, Psychological Bulletin 86:420 (1979), for c.",
    ("shrout1979",),
)
OTHERS = Method(
    "Other encoding models",
    "Predictivity with partial least squares of 25 components, and with least squares on the first 300 and 1,000 "
    "components of the training images, or on all components if there are fewer.",
    "Schrimpf et al., bioRxiv 407007 (2018), for partial least squares.",
    ("schrimpf2018",),
)


@dataclass(frozen=True)
class EncodingModel:
    """One way to predict units from a layer. Its metrics are named after its key in `MODELS`.

    Attributes
    ----------
    label : str
        On axes.
    text : str
        In sentences.
    method : Method
    fit : callable, optional
        Maps a fold and the training responses (train, units) to predictions (test, units). None for ridge, which is
        fitted together with its control.
    """

    label: str
    text: str
    method: Method
    fit: Callable[[Fold, np.ndarray], np.ndarray] | None = None


MODELS = {
    "ridge": EncodingModel("ridge", "ridge regression", RIDGE),
    "pls": EncodingModel("PLS", "partial least squares of 25 components", OTHERS, fit_pls),
    **{
        f"pcr{n}": EncodingModel(
            f"PCR-{n}",
            f"least squares on {n:,} components, or on all if there are fewer",
            OTHERS,
            partial(fit_pcr, n_components=n),
        )
        for n in COMPONENTS
    },
}
METRICS = (
    *(
        Metric(
            f"{name}_r",
            f"{model.label} r",
            Role.SCORE,
            f"Correlation between held-out responses and their prediction by {model.text}, median over units.",
            model.method,
            (-1, 1),
            heading="r" if name == "ridge" else f"{model.label} r",
            counts="unit",
            ceiling="ceiling",
            control="ridge_r_shuffled" if name == "ridge" else "",
        )
        for name, model in MODELS.items()
    ),
    *(
        Metric(
            f"{name}_R2",
            f"{model.label} R²",
            Role.SCORE,
            f"Share of the variance of held-out responses that {model.text} predicts, median over units; negative if "
            f"the mean would predict better.",
            model.method,
            (None, 1),
            heading="R²" if name == "ridge" else "",
            counts="unit",
        )
        for name, model in MODELS.items()
    ),
    Metric(
        "ridge_r_shuffled",
        "ridge r of shuffled images",
        Role.CONTROL,
        "Control: ridge r if the responses belong to other images.",
        RIDGE,
        (-1, 1),
        heading="r, shuffled",
        counts="unit",
    ),
    Metric(
        "ridge_r_unit_shuffled",
        "ridge r of another unit",
        Role.CONTROL,
        "Control: each unit’s prediction against another unit of the area, if there is one.",
        RIDGE,
        (-1, 1),
        heading="r, other unit",
        counts="unit",
    ),
)


def encodings(
    G: Gram, Y: np.ndarray, splits: Splits, rng: np.random.Generator, images: np.ndarray | None = None
) -> dict[str, Encoding]:
    """Predict units with every method.

    Parameters
    ----------
    G : Gram of n images
    Y : array of shape (n, units)
    splits : sequence of (train, test)
    rng : Generator
        For the control, which shuffles the images' responses, with the same order for all units.
    images : array of shape (n,), optional
        The image that each row shows; by default every row shows another one. The penalties of ridge are chosen by
        leaving out all rows of an image together.

    Returns
    -------
    dict
        An `Encoding` for each of `MODELS`, and `ridge_shuffled`, ridge of the shuffled responses.
    """
    both = np.hstack([Y, Y[rng.permutation(len(Y))]])
    repeated = images is not None and len(pd.unique(images)) < len(Y)
    groups = pd.factorize(np.asarray(images))[0] if repeated else None
    fits, available = [], []
    others = {name: model.fit for name, model in MODELS.items() if model.fit}
    predictions: dict[str, list[np.ndarray]] = {name: [] for name in others}
    for fold in folds(G, both, splits):
        fits.append(fit_ridge(fold, both[fold.train], groups=groups))
        for name, fit in others.items():
            predictions[name].append(fit(fold, Y[fold.train]))
        available.append(components(fold.eigen[0], max(COMPONENTS)))
    if min(available) < max(COMPONENTS):
        logging.info(
            "The training images have %d to %d components, so pcr uses no more.", min(available), max(available)
        )
    plain, shuffled = halves_of_units(joined(fits, both, splits))
    return {"ridge": plain, "ridge_shuffled": shuffled} | {
        name: Encoding(scores(P, Y, splits), P) for name, P in predictions.items()
    }


def halves_of_units(encoding: Encoding) -> tuple[Encoding, Encoding]:
    """The encodings of the first and of the second half of the units."""
    first, second = np.split(encoding.scores, 2, axis=1)
    of_first, of_second = zip(*(np.split(P, 2, axis=1) for P in encoding.predictions), strict=True)
    return Encoding(first, [*of_first]), Encoding(second, [*of_second])

"""Every encoding model of one layer and one recording, from one eigendecomposition per split."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ventral.gram import Gram
from ventral.metrics import Method, Metric, Role
from ventral.regression.folds import Fold, folds
from ventral.regression.pcr import components, fit_each, fit_pcr
from ventral.regression.pls import components_of, fit_on_components
from ventral.regression.ridge import fit_with, left_out_of
from ventral.statistics.correlation import pearson

COMPONENTS = (300, 1000)
COUNTS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)  # of the curve
AT_ONCE = 512  # units
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
        Maps a fold and the training responses (train, units) of a block of units to predictions (test, units). None for
        ridge, which is fitted together with its control.
    shared : callable, optional
        Maps a fold and the blocks of training responses to what all units share, which is the third argument of `fit`.
    """

    label: str
    text: str
    method: Method
    fit: Callable[..., np.ndarray] | None = None
    shared: Callable[[Fold, Collection[np.ndarray]], Any] | None = None


MODELS = {
    "ridge": EncodingModel("ridge", "ridge regression", RIDGE),
    "pls": EncodingModel("PLS", "partial least squares of 25 components", OTHERS, fit_on_components, components_of),
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


class Predicted(NamedTuple):
    """Predictions of held-out responses, and these responses, both (test, units)."""

    predictions: np.ndarray
    responses: np.ndarray


@dataclass(frozen=True)
class Block:
    """Predictions of a block of units in one split.

    Attributes
    ----------
    units : slice
    predicted : dict of Predicted
        For each of `MODELS`, and `ridge_shuffled`, ridge of the shuffled responses.
    at_edge : array of shape (2, 2 units)
        Whether ridge chose the smallest or the largest penalty, as in `RidgeFold`; shuffled units come last.
    components : int
        That the training images have.
    by_components : array of shape (len(COUNTS) + 1, units)
        r of least squares on the first components, as many as each of `COUNTS`, and on all of them.
    """

    units: slice
    predicted: dict[str, Predicted]
    at_edge: np.ndarray
    components: int
    by_components: np.ndarray


@dataclass(frozen=True)
class TrainingBlocks(Sequence[np.ndarray]):
    """The training responses of all units, (train, units of a block) at a time."""

    Y: np.ndarray
    train: np.ndarray

    def __len__(self) -> int:
        return len(blocks_of(self.Y))

    def __getitem__(self, i: Any) -> Any:
        return self.Y[:, blocks_of(self.Y)[i]][self.train]


def blocks_of(Y: np.ndarray) -> list[slice]:
    """Blocks of units that are fitted at once."""
    return [slice(start, min(start + AT_ONCE, Y.shape[1])) for start in range(0, Y.shape[1], AT_ONCE)]


def encodings(
    G: Gram,
    Y: np.ndarray,
    split: tuple[np.ndarray, np.ndarray],
    order: np.ndarray,
    images: np.ndarray | None = None,
) -> Iterator[Block]:
    """Predict units with every method, a block of units at a time, in one split.

    Parameters
    ----------
    G : Gram of n images
    Y : array of shape (n, units)
    split : (train, test)
    order : integer array of shape (n,)
        For the control, the image whose responses each image gets, of all units.
    images : array of shape (n,), optional
        The image that each row shows; by default every row shows another one. The penalties of ridge are chosen by
        leaving out all rows of an image together.
    """
    repeated = images is not None and len(pd.unique(images)) < len(Y)
    groups = pd.factorize(np.asarray(images))[0] if repeated else None
    [fold] = folds(G, Y, [split])
    left_out, training = left_out_of(fold, groups=groups), TrainingBlocks(Y, fold.train)
    shared = {name: (model.shared(fold, training),) for name, model in MODELS.items() if model.shared}
    available = components(fold.eigen[0], len(Y))
    for units in blocks_of(Y):
        plain, shuffled = Y[:, units], Y[:, units][order]
        ridge = fit_with(left_out, fold, np.hstack([plain[fold.train], shuffled[fold.train]]))
        sides = np.split(ridge.predictions, 2, axis=1)
        predicted = {
            "ridge": Predicted(sides[0], plain[fold.test]),
            "ridge_shuffled": Predicted(sides[1], shuffled[fold.test]),
        }
        for name, model in MODELS.items():
            if model.fit:
                fitted = model.fit(fold, plain[fold.train], *shared.get(name, ()))
                predicted[name] = Predicted(fitted, plain[fold.test])
        curve = [pearson(D, plain[fold.test]) for D in fit_each(fold, plain[fold.train], (*COUNTS, available))]
        yield Block(units, predicted, ridge.at_edge, available, np.array(curve))

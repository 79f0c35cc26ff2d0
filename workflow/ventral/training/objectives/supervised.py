"""Supervised learning: names the class of each image."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np

from ventral.config.entry import Key
from ventral.core.random import generator
from ventral.training.answers import Answers

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True, kw_only=True)
class Supervised(Answers):
    """Supervised learning: names the class of each image, by a linear layer and cross-entropy."""

    needs_labels: ClassVar[bool] = True

    objective: Literal["supervised"]
    labels: Annotated[
        Literal["own", "scrambled"],
        Key("The images' own labels, or the same labels assigned to the images at random, once for all epochs."),
    ] = "own"

    @property
    def training_kind(self) -> str:
        return "supervised" if self.labels == "own" else "other"

    def heads(self, features: int, classes: int) -> "dict[str, nn.Module]":
        from torch import nn

        return {"answer": nn.Linear(features, classes), "features": nn.Identity()}

    def questions(self, rng: np.random.Generator, images: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
        assert labels is not None  # training begins with labels only, see `needs_labels`
        if self.labels == "scrambled":
            labels = scrambled(labels, generator(self.seeds[0], "scrambled labels"))
        return np.tile(labels[images], (2, 1))[..., None]

    def problems(self, stimuli: Mapping[str, dict]) -> Iterator[str]:
        yield from super().problems(stimuli)
        yield from self.data.label_problems(stimuli)


def scrambled(labels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Labels dealt at random to the images that have one, so that each class keeps its size.

    Zhang, Bengio, Hardt, Recht & Vinyals, "Understanding deep learning requires rethinking generalization", ICLR
    (2017).

    Parameters
    ----------
    labels : int array of shape (n,)
        Classes of the images, −1 for none.
    rng : numpy.random.Generator
    """
    dealt = labels.copy()
    dealt[labels >= 0] = rng.permutation(labels[labels >= 0])
    return dealt

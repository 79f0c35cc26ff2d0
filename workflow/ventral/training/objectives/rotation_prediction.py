"""Rotation prediction: classifies by how many quarter turns a view was rotated.

Source: Gidaris, Singh & Komodakis, "Unsupervised representation learning by predicting image rotations", ICLR (2018).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from ventral.training.answers import Answers

if TYPE_CHECKING:
    from torch import Tensor, nn

TURNS = 4


@dataclass(frozen=True, kw_only=True)
class RotationPrediction(Answers):
    """Rotation prediction: classifies by how many quarter turns each view was rotated.

    The four views of a pair get the four rotations, in random order.
    """

    reference: ClassVar[str] = "gidaris2018"

    objective: Literal["rotation"]

    def heads(self, features: int, classes: int) -> "dict[str, nn.Module]":
        from torch import nn

        return {"answer": nn.Linear(features, TURNS), "features": nn.Identity()}

    def questions(self, rng: np.random.Generator, images: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
        turns = np.tile(np.arange(TURNS, dtype=np.int8), (images.shape[1], 1))
        return rng.permuted(turns, axis=1).T[..., None]

    def shown(self, views: "Tensor", questions: "Tensor | None") -> "Tensor":
        assert questions is not None
        return rotated(views, questions[:, 0])


def rotated(views: "Tensor", turns: "Tensor") -> "Tensor":
    """Views turned counterclockwise.

    Parameters
    ----------
    views : tensor of shape (n, 3, size, size)
    turns : int tensor of shape (n,)
        Quarter turns of each view, from 0 to 3.
    """
    import torch

    turned = views.clone()
    for k in range(1, TURNS):
        turned[turns == k] = torch.rot90(views[turns == k], k, (2, 3))
    return turned

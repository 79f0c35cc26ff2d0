"""Relative patch location: tells where in a view one patch lies, seen from another.

Nine patches are cut from each view, in three rows and three columns with gaps between them of about half a patch. The
network sees one patch at a time. From the features of the middle one and of one of the eight around it, a head of two
layers tells which of the eight places the latter has. Against short cuts, patches move a little at random, and of each
only one color channel is kept ("color dropping", here without the noise in the other two).

Source: Doersch, Gupta & Efros, "Unsupervised visual representation learning by context prediction", ICCV (2015). There,
patches have 96 pixels, gaps 48, and patches move by up to 7.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

import numpy as np
from annotated_types import Ge, Le

from ventral.config.entry import Key
from ventral.training.answers import Answers

if TYPE_CHECKING:
    from torch import Tensor, nn

GRID = 3
PATCHES = GRID**2
MIDDLE = PATCHES // 2
SHIFT = 7 / 96  # of a patch


@dataclass(frozen=True, kw_only=True)
class RelativePatch(Answers):
    """Relative patch location: classifies which of eight places around the center of a view a patch is from.

    Patches are a fourth of the view wide.
    """

    reference: ClassVar[str] = "doersch2015"

    objective: Literal["relative_patch"]
    size: Annotated[int, Ge(64), Le(512), Key("Pixels along each side of the views; that of a patch is a quarter.")] = (
        224
    )

    @property
    def input_size(self) -> int:
        return self.size // 4

    @property
    def reach(self) -> int:
        """Pixels by which patches move, each way."""
        return max(1, round(SHIFT * self.input_size))

    def heads(self, features: int, classes: int) -> "dict[str, nn.Module]":
        from torch import nn

        from ventral.training.pair_head import PairHead

        return {"answer": PairHead(features, MIDDLE, PATCHES - 1), "features": nn.Identity()}

    def questions(self, rng: np.random.Generator, images: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
        """Shifts down and right of the nine patches of each view, and the color channels that are kept."""
        shape = (4, images.shape[1], PATCHES)
        shifts = [rng.integers(-self.reach, self.reach, shape, np.int8, endpoint=True) for _ in range(2)]
        return np.concatenate([*shifts, rng.integers(0, 3, shape, np.int8)], axis=-1)

    def shown(self, views: "Tensor", questions: "Tensor | None") -> "Tensor":
        assert questions is not None
        down, right, channel = questions.long().unflatten(1, (3, PATCHES)).unbind(dim=1)
        step = (self.size - 2 * self.reach - self.input_size) // 2
        return one_channel(patches(views, self.input_size, step, self.reach + down, self.reach + right), channel)

    def answers(self, questions: "Tensor") -> "Tensor":
        """Of each view, the eight places in order."""
        import torch

        return torch.arange(PATCHES - 1, device=questions.device).expand(len(questions), -1)


def patches(views: "Tensor", size: int, step: int, down: "Tensor", right: "Tensor") -> "Tensor":
    """Nine patches of each view, row by row.

    Parameters
    ----------
    views : tensor of shape (n, 3, side, side)
    size : int
        Pixels along each side of a patch.
    step : int
        Pixels from a patch to the next.
    down, right : int tensors of shape (n, 9)
        Where patch 0 would have its upper left corner, for each patch.

    Returns
    -------
    tensor of shape (n, 9, 3, size, size)
    """
    import torch

    grid = torch.arange(PATCHES, device=views.device)
    along = torch.arange(size, device=views.device)
    rows = (down + step * (grid // GRID))[..., None] + along
    columns = (right + step * (grid % GRID))[..., None] + along
    which = torch.arange(len(views), device=views.device)[:, None, None, None]
    return views[which, :, rows[..., :, None], columns[..., None, :]].movedim(-1, 2)


def one_channel(cut: "Tensor", channel: "Tensor") -> "Tensor":
    """Patches of which one channel is kept, while the others are 0, the mean of normalized images.

    Parameters
    ----------
    cut : tensor of shape (n, 9, 3, size, size)
    channel : int tensor of shape (n, 9)
    """
    import torch

    kept = torch.arange(cut.shape[2], device=cut.device) == channel[..., None]
    return cut * kept[..., None, None]

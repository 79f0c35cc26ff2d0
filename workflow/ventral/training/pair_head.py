"""A head that compares the features of one patch with those of each of the others."""

import torch
from torch import Tensor, nn

from ventral.training.encoder import projector


class PairHead(nn.Module):
    """Two layers on the features of one patch beside those of another.

    Parameters
    ----------
    features : int
        Of a patch.
    reference : int
        Number of the patch that each of the others is compared with.
    choices : int
        Numbers that are given of each comparison.
    """

    def __init__(self, features: int, reference: int, choices: int) -> None:
        super().__init__()
        self.reference = reference
        self.layers = projector(2 * features, [features, choices])

    def forward(self, z: Tensor) -> Tensor:
        """Features of patches, (n, patches, F), to numbers of each comparison, (n, patches − 1, choices)."""
        others = torch.cat([z[:, : self.reference], z[:, self.reference + 1 :]], dim=1)
        pairs = torch.cat([z[:, self.reference, None].expand_as(others), others], dim=2)
        return self.layers(pairs.flatten(0, 1)).unflatten(0, pairs.shape[:2])

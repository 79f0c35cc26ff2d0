"""What RSA and CKA need of an area: ranks of its distances, and products of its units.

Neither depends on the layer, so both are computed once for all layers of a model. The Gram of an area is the sum of its
units' Grams y yᵀ, which all products follow from, a block of units at a time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np

from ventral.gram import gram
from ventral.pearson_distances import distances_of_pairs, row_blocks
from ventral.recordings.ceiling import Half
from ventral.recordings.gaps import Block
from ventral.representational_similarity import ranks_of_pairs

AT_ONCE = 512  # units
KEPT = 4e8  # bytes of the ranks of all areas that are kept from layer to layer


class UnitProducts(NamedTuple):
    """Sums over images, and products of the y yᵀ of each unit with those of all, (units,) each.

    Attributes
    ----------
    sums, fourth : arrays
        Σ y² and Σ y⁴ over images.
    between : array
        Of y yᵀ and the sum of all.
    on_diagonal : array
        The part of `between` from the diagonals of both.
    """

    sums: np.ndarray
    fourth: np.ndarray
    between: np.ndarray
    on_diagonal: np.ndarray


@dataclass(frozen=True)
class AreaGeometry:
    """An area as one side of RSA and CKA.

    Attributes
    ----------
    responses : array of shape (all units, all images)
        Without gaps in the block.
    block : Block
        The units and images of the area.
    keeps_ranks : bool
        Whether ranks remain in memory once they are computed.
    """

    responses: np.ndarray = field(repr=False)
    block: Block
    keeps_ranks: bool = True

    def units(self, first: int = 0) -> Iterator[tuple[slice, np.ndarray]]:
        """Blocks of units from one on, and their centered responses, (images, units of the block)."""
        for rows in row_blocks(len(self.block.units), AT_ONCE):
            if rows.start >= first:
                yield rows, varying(Block(self.block.units[rows], self.block.images).of(self.responses).T)

    @cached_property
    def products(self) -> UnitProducts:
        """Sums and products of the centered responses, from pairs of blocks of units."""
        sums, fourth, between, on_diagonal = np.zeros((4, len(self.block.units)))
        of_images = np.sum([np.sum(y**2, axis=1) for _, y in self.units()], axis=0)
        for rows, y in self.units():
            on_diagonal[rows] = (y**2).T @ of_images
            sums[rows], fourth[rows] = np.sum(y**2, axis=0), np.sum(y**4, axis=0)
            for columns, other in self.units(rows.start):
                pairs = (y.T @ other) ** 2
                between[rows] += pairs.sum(axis=1)
                if columns != rows:
                    between[columns] += pairs.sum(axis=0)
        return UnitProducts(sums, fourth, between, on_diagonal)

    def ranks(self) -> np.ndarray:
        """Twice the ranks of the distances of all pairs of images, in the smallest integers that hold them, (pairs,).

        Raises
        ------
        Fault
            There are fewer than three images, or distances are undefined.
        """
        return self._kept if self.keeps_ranks else self._ranked()

    @cached_property
    def _kept(self) -> np.ndarray:
        return self._ranked()

    def _ranked(self) -> np.ndarray:
        ranks = ranks_of_units(self.block.of(self.responses).T)
        ranks *= 2  # the mean rank of ties can end in a half
        return ranks.astype(np.min_scalar_type(2 * len(ranks)))


def area_geometries(responses: np.ndarray, blocks: Mapping[str, Block]) -> dict[str, AreaGeometry]:
    """The geometry of each area, which keeps its ranks as long as those of all areas need no more than 0.4 GB."""
    left, found = KEPT, {}
    for area, block in blocks.items():
        pairs = len(block.images) * (len(block.images) - 1) // 2
        size = pairs * np.min_scalar_type(2 * pairs).itemsize
        found[area] = AreaGeometry(responses, block, bool(size <= left))
        left -= size * found[area].keeps_ranks
    return found


def ranks_of_units(Y: np.ndarray | Half) -> np.ndarray:
    """Ranks of the distances of all pairs of images from responses, (images, units).

    The Gram is not kept while pairs are ranked.
    """
    pairs = distances_of_pairs(gram(Y, device="cpu"))
    return ranks_of_pairs(*pairs)


def varying(Y: np.ndarray) -> np.ndarray:
    """Responses minus their means, exactly zero for units that do not vary."""
    return np.where(np.ptp(Y, axis=0) > 0, Y - Y.mean(axis=0), 0)

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
WIDER = 4  # blocks whose products with all later ones are made at once, as those are centered again each time
KEPT_AREAS, KEPT = 4, 4e8  # areas whose ranks are kept from layer to layer, and bytes of these; see `resources`


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

    def units(self, first: int = 0, at_once: int | None = None) -> Iterator[tuple[slice, np.ndarray]]:
        """Blocks of units from one on, and their centered responses, (images, units of the block)."""
        images = self.block.images
        every = np.array_equal(images, np.arange(self.responses.shape[1]))
        for rows in row_blocks(len(self.block.units), at_once or AT_ONCE):
            if rows.start >= first:
                of_rows = self.responses[self.block.units[rows]]
                yield rows, varying((of_rows if every else of_rows[:, images]).T)

    @cached_property
    def products(self) -> UnitProducts:
        """Sums and products of the centered responses, from pairs of blocks of units."""
        sums, fourth, between, on_diagonal = np.zeros((4, len(self.block.units)))
        of_images = np.sum([np.sum(y**2, axis=1) for _, y in self.units()], axis=0)
        for rows, y in self.units(at_once=WIDER * AT_ONCE):
            squares = y**2
            on_diagonal[rows], sums[rows] = squares.T @ of_images, squares.sum(axis=0)
            fourth[rows] = np.einsum("iu,iu->u", squares, squares)
            for columns, other in self.units(rows.start):
                pairs = (y.T @ other) ** 2
                between[rows] += pairs.sum(axis=1)
                if columns.start >= rows.stop:
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
    """The geometry of each area; the first four keep their ranks, as long as these need no more than 0.4 GB in all."""
    sizes, found = [], {}
    for area, block in blocks.items():
        pairs = len(block.images) * (len(block.images) - 1) // 2
        size = pairs * np.min_scalar_type(2 * pairs).itemsize
        keeps = len(sizes) < KEPT_AREAS and sum(sizes) + size <= KEPT
        sizes += [size] * keeps
        found[area] = AreaGeometry(responses, block, keeps)
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

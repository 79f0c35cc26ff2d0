"""Pairs of images under the same two augmentations, epoch by epoch, for any position in the training.

An epoch deals the images into two disjoint halves. Row k of both halves is a pair: its two images get the same two
augmentations a and b, so a pair makes four views. What an epoch shows depends on the network's seed and the number of
the epoch alone. The position of a training is therefore one number, its step, and networks of one seed see the same
images and augmentations, whatever their objective.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import torch
from torch.utils.data import DataLoader, Dataset

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.stimuli.augmentations import apply, cropped, sample
from ventral.training.image_sources import Source
from ventral.training.objectives import objective_of

CHUNK = 32  # pairs that a worker prepares at a time, so that many workers share a batch and memory stays small
VIEWS = ("view_a", "view_b")


@dataclass(frozen=True)
class Epoch:
    """What one epoch shows.

    Attributes
    ----------
    images : int array of shape (2, pairs)
        Numbers of the images, half by half; no image is in both or twice in one.
    views : two DataFrames of pairs rows
        Augmentations a and b of each pair.
    questions : int array of shape (4, pairs, k) or None
        What the objective asks about each view.
    """

    images: np.ndarray
    views: tuple[pd.DataFrame, pd.DataFrame]
    questions: np.ndarray | None = None


@dataclass(frozen=True)
class Batch:
    """Pairs of one part of a batch.

    Attributes
    ----------
    images : uint8 tensor of shape (4 · pairs, size, size, 3)
        Half 1 and half 2 under augmentations a, then both under augmentations b.
    labels : int tensor of shape (2 · pairs,) or None
        Classes of half 1, then of half 2; -1 for none. (Of a chunk, shape (2, pairs).)
    table : DataFrame of 4 · pairs rows or None
        The augmentations that remain to be applied if the images were only cropped.
    questions : int tensor of shape (4 · pairs, k) or None
        What the objective asks about each view.
    """

    images: torch.Tensor
    labels: torch.Tensor | None
    table: pd.DataFrame | None
    questions: torch.Tensor | None


def draw_epoch(n: int, seed: int, epoch: int, augmentation: dict) -> Epoch:
    """Halves and augmentations of an epoch over n images; if n is odd, one image is left out."""
    order = generator(seed, "epoch", epoch, "images").permutation(n)
    pairs = n // 2
    views = (sample(generator(seed, "epoch", epoch, view), pairs, view, augmentation) for view in VIEWS)
    return Epoch(order[: 2 * pairs].reshape(2, pairs), tuple(views))


def steps_of(source: Source, spec: dict, name: str) -> int:
    """Optimizer steps of an epoch; pairs that fill no batch are left out.

    Raises
    ------
    Fault
        There are fewer images than one batch of each half needs.
    """
    steps = len(source) // 2 // spec["batch"]
    if not steps:
        raise Fault(
            f"Network {name}: {len(source)} images are less than two batches of {spec['batch']}, one from each half of "
            f"them. Set `batch` to at most {len(source) // 2}, or give more images."
        )
    return steps


def load_batches(
    source: Source, spec: dict, first: int, *, workers: int = 0, rank: int = 0, only_crop: bool = False
) -> Iterator[Iterator[Batch]]:
    """The parts of every batch from step `first` to the end of the training.

    Parameters
    ----------
    source : Source
    spec : dict
        seed, batch, accumulate, processes, epochs, size and augmentation of the network.
    first : int
        Number of the first step, counted from the beginning of the training.
    workers : int
        Processes that prepare images; with 0, this process does. The result does not depend on their number.
    rank : int
        Which of the training's processes this is: it gets the rank-th share of every part.
    only_crop : bool
        Only crop, and give a table of the augmentations that remain.

    Raises
    ------
    Fault
        An image that cannot be read.
    """
    pairs = Pairs(source, spec, rank, only_crop)
    total = spec["epochs"] * pairs.steps
    loader = DataLoader(
        pairs,
        batch_size=None,
        sampler=range(first * pairs.per_step, total * pairs.per_step),
        num_workers=workers,
    )
    chunks = map(sound, loader)
    for _ in range(first, total):
        yield (joined([next(chunks) for _ in range(pairs.per_part)]) for _ in range(spec["accumulate"]))


class Pairs(Dataset):
    """Chunks of batches by their number in the training."""

    def __init__(self, source: Source, spec: dict, rank: int = 0, only_crop: bool = False) -> None:
        self.source, self.spec, self.rank, self.only_crop = source, spec, rank, only_crop
        self.objective = objective_of(spec)
        self.steps = len(source) // 2 // spec["batch"]
        self.part = spec["batch"] // spec["accumulate"]
        self.share = self.part // spec["processes"]
        self.per_part = -(-self.share // CHUNK)
        self.per_step = self.per_part * spec["accumulate"]
        self.drawn = (-1, None)

    def __len__(self) -> int:
        return self.spec["epochs"] * self.steps * self.per_step

    def __getitem__(self, number: int) -> Batch | Fault:
        step, chunk = divmod(number, self.per_step)
        part, chunk = divmod(chunk, self.per_part)
        epoch, step = divmod(step, self.steps)
        start = step * self.spec["batch"] + part * self.part + self.rank * self.share
        rows = range(start, start + self.share)[chunk * CHUNK : (chunk + 1) * CHUNK]
        try:
            return self.pairs(self.epoch(epoch), np.array(rows))
        except Fault as fault:  # returned, because a loader wraps errors of its workers in a traceback
            return fault

    def epoch(self, epoch: int) -> Epoch:
        if self.drawn[0] != epoch:
            seed, labels = self.spec["seed"], self.source.labels
            drawn = draw_epoch(len(self.source), seed, epoch, self.spec["augmentation"])
            asked = self.objective.questions(generator(seed, "epoch", epoch, "questions"), drawn.images, labels)
            self.drawn = (epoch, replace(drawn, questions=asked))
        return self.drawn[1]

    def pairs(self, epoch: Epoch, rows: np.ndarray) -> Batch:
        tables = [records(view, rows) for view in epoch.views]
        change = cropped if self.only_crop else apply
        pictures = [
            np.asarray(change(self.source[i], row, self.spec["size"]))
            for table in tables
            for half in epoch.images[:, rows]
            for i, row in zip(half, table, strict=True)
        ]
        labels = None if self.source.labels is None else torch.from_numpy(self.source.labels[epoch.images[:, rows]])
        table = pd.DataFrame([row for table in tables for _ in range(2) for row in table]) if self.only_crop else None
        asked = None if epoch.questions is None else torch.from_numpy(epoch.questions[:, rows]).flatten(0, 1)
        return Batch(torch.from_numpy(np.stack(pictures)), labels, table, asked)


def records(table: pd.DataFrame, rows: np.ndarray) -> list[dict[str, float]]:
    columns = {column: table[column].to_numpy()[rows].tolist() for column in table}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def sound(chunk: Batch | Fault) -> Batch:
    if isinstance(chunk, Fault):
        raise chunk
    return chunk


def joined(chunks: list[Batch]) -> Batch:
    """One batch from its chunks, with the same views of the same half next to each other again."""
    images = by_view([chunk.images for chunk in chunks])
    questions = None if chunks[0].questions is None else by_view([chunk.questions for chunk in chunks])
    labels = None if chunks[0].labels is None else torch.cat([chunk.labels for chunk in chunks], dim=1).flatten()
    if chunks[0].table is None:
        return Batch(images, labels, None, questions)
    columns = chunks[0].table.columns
    rows = np.concatenate([chunk.table.to_numpy().reshape(4, -1, len(columns)) for chunk in chunks], axis=1)
    return Batch(images, labels, pd.DataFrame(rows.reshape(-1, len(columns)), columns=columns), questions)


def by_view(chunks: list[torch.Tensor]) -> torch.Tensor:
    """Rows of chunks of four views each, view by view."""
    return torch.cat([chunk.unflatten(0, (4, -1)) for chunk in chunks], dim=1).flatten(0, 1)

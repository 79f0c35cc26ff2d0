"""The log of a training: one row per epoch, and sums over the current epoch."""

import contextlib
import time
from collections.abc import Iterable, Iterator

import pandas as pd

from ventral.training.monitor import check_finite, check_not_collapsed

MEANS = ("loss", "invariant", "equivariant", "factorization", "accuracy", "lr", "rank", "std")
COUNTS = ("correct", "labeled")
COLUMNS = ("epoch", "step", "images", *MEANS, "probe", "seconds", "waiting")


class Log:
    """Rows of past epochs, sums over the steps of the current one, and the number of steps taken.

    Parameters
    ----------
    spec : dict
        The network's settings.
    steps : int
        Optimizer steps of an epoch.
    name : str
        The network, for messages.
    embedding : int or None
        Dimensions of the embeddings; None if they cannot collapse.
    """

    def __init__(self, spec: dict, steps: int, name: str, embedding: int | None) -> None:
        self.spec, self.steps, self.name, self.embedding = spec, steps, name, embedding
        self.total = spec["epochs"] * steps
        self.step, self.rows = 0, []
        self.sums: dict[str, float] = {}

    def add(self, measures: dict[str, float]) -> None:
        """Add the measures of a step.

        Raises
        ------
        Fault
            The loss is not a number, or this step ends an epoch in which the embeddings have collapsed.
        """
        epoch, settings = 1 + self.step // self.steps, self.spec["optimizer"]
        check_finite(measures["loss"], self.name, epoch, 1 + self.step % self.steps, settings)
        self.step += 1
        for key, value in measures.items():
            self.sums[key] = self.sums.get(key, 0.0) + value
        if self.step % self.steps:
            return
        self.rows.append(self.row(epoch))
        self.sums = {}
        if self.embedding and (epoch > settings["warmup"] or epoch == self.spec["epochs"]):
            check_not_collapsed(self.rows[-1], self.embedding, self.name, settings)

    def row(self, epoch: int) -> dict[str, float]:
        sums = self.sums
        return {
            "epoch": epoch,
            "step": self.step,
            "images": 2 * self.spec["batch"] * self.step,
            **{key: sums[key] / self.steps if key in sums else None for key in MEANS},
            "probe": sums["correct"] / sums["labeled"] if sums.get("labeled") else None,
            "seconds": sums["seconds"],
            "waiting": sums["waited"] / sums["seconds"],
        }

    def table(self) -> pd.DataFrame:
        return pd.DataFrame(self.rows, columns=COLUMNS)

    @contextlib.contextmanager
    def timed(self, key: str = "seconds") -> Iterator[None]:
        """Count the time of the block."""
        begun = time.perf_counter()
        yield
        self.sums[key] = self.sums.get(key, 0.0) + time.perf_counter() - begun

    def waited(self, items: Iterable) -> Iterator:
        """Yield the items, and count the time spent waiting for them."""
        items = iter(items)
        while True:
            with self.timed("waited"):
                item = next(items, None)
            if item is None:
                return
            yield item

    def state_dict(self) -> dict:
        return {"step": self.step, "rows": self.rows, "sums": self.sums}

    def load_state_dict(self, state: dict) -> None:
        self.step, self.rows, self.sums = state["step"], state["rows"], state["sums"]

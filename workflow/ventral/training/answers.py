"""Objectives that ask a question with one right answer about each view, and learn by cross-entropy."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ventral.training.network_entry import NetworkEntry

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True)
class Answers(NetworkEntry):
    """An objective that asks a question with one right answer about each view.

    The views are those of the other objectives: of networks of one seed, all see the same images under the same
    augmentations.
    """

    def members(self, entry: str) -> dict[str, dict[str, float]]:
        return {f"{entry}_seed{seed}": {"lambda": 0.0, "seed": seed} for seed in self.seeds}

    @property
    def embedding(self) -> None:
        """Right answers keep views apart, so nothing collapses."""
        return None

    def answers(self, questions: "Tensor") -> "Tensor":
        """The numbers of the right answers, from the questions of n views.

        Parameters
        ----------
        questions : int tensor of shape (n, k)

        Returns
        -------
        int64 tensor of shape (n, ...)
            −1 where nobody knows.
        """
        return questions[:, 0].long()

    def criterion(self) -> "nn.Module":
        from ventral.training.answer_criterion import AnswerCriterion

        return AnswerCriterion(self.answers)

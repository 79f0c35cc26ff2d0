"""What an objective of right answers makes small: the cross-entropy of the network's answers."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from ventral.training.collectives import gathered
from ventral.training.monitor import effective_rank, spread
from ventral.training.precision import wide


class AnswerCriterion(nn.Module):
    """Cross-entropy of the head `answer`, and the share of right answers.

    Parameters
    ----------
    answers : function
        Questions of n views, of shape (n, k), to the numbers of the right answers, of shape (n, ...); −1 is left out.
    """

    def __init__(self, answers: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.answers = answers

    def forward(self, outputs: dict[str, Tensor], averaged: None, questions: Tensor) -> dict[str, Tensor]:
        """The loss, the share of right answers, and the effective dimensions and spread of the features.

        Parameters
        ----------
        outputs : dict of tensors
            `answer`, of shape (n, ..., choices), and `features`, of shape (n, ..., F), of this process' views.
        averaged : None
            Answers are asked of one network only.
        questions : int tensor of shape (n, k)
        """
        logits = gathered(outputs["answer"]).flatten(0, -2)
        right = gathered(self.answers(questions)).flatten()
        features = gathered(outputs["features"].detach()).flatten(0, -2)
        loss, share = graded(logits, right)
        return {"loss": loss, "accuracy": share, "rank": effective_rank(features), "std": spread(features)}


def graded(logits: Tensor, right: Tensor) -> tuple[Tensor, Tensor]:
    """Mean cross-entropy, and share of right answers, over the rows that have a right answer; 0 where none has.

    Parameters
    ----------
    logits : tensor of shape (n, choices)
    right : int64 tensor of shape (n,)
        −1 where there is no right answer.
    """
    known = right >= 0
    count = known.sum().clamp(min=1)
    with torch.autocast(logits.device.type, enabled=False):
        loss = cross_entropy(wide(logits), right, ignore_index=-1, reduction="sum") / count
    return loss, ((logits.argmax(dim=1) == right) & known).sum() / count

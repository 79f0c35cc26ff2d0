"""One optimizer step of a training, and everything that a training must remember between steps."""

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy
from torch.nn.parallel import DistributedDataParallel

from ventral.core.random import generator
from ventral.models.architectures import is_of_a_library
from ventral.models.model import Preprocessing
from ventral.training.batches import Batch
from ventral.training.collectives import gathered, processes, synchronized
from ventral.training.encoder import Networks, build
from ventral.training.log import COUNTS
from ventral.training.objectives import objective_of
from ventral.training.optimizer import PROBE_RATE, learning_rate, optimizer_of
from ventral.training.photometric import photometric


class Learner:
    """Networks, their averages and optimizers.

    Parameters
    ----------
    spec : dict
        The network's settings.
    classes : int
        Number of classes of the images; 0 if they have none.
    steps : int
        Optimizer steps of an epoch.
    name : str
        The network, for messages.
    device : str
    rank : int
        Which of the training's processes this is.
    """

    def __init__(self, spec: dict, classes: int, steps: int, name: str, device: str, rank: int = 0) -> None:
        self.spec, self.steps, self.device, self.rank = spec, steps, device, rank
        self.networks: Networks = build(spec, classes, name).to(device).train()
        if processes() > 1:
            self.networks = synchronized(self.networks, device)
        self.preprocess = Preprocessing(channels_last=is_of_a_library(spec["architecture"]))
        self.averages = averages_of(self.networks, spec.get("ema"))
        self.objective = objective_of(spec)
        self.criterion = self.objective.criterion().to(device)
        trained = [p for key, p in self.networks.named_parameters() if not key.startswith("probe.")]
        self.optimizers = {"networks": optimizer_of(trained, spec["optimizer"])}
        if self.networks.probe is not None:
            self.optimizers["probe"] = torch.optim.AdamW(self.networks.probe.parameters(), lr=PROBE_RATE)
        kind = torch.device(device).type
        half = torch.float16 if kind == "cuda" and not torch.cuda.is_bf16_supported() else torch.bfloat16
        self.autocast = {"device_type": kind, "dtype": half, "enabled": spec["precision"] == "mixed"}
        self.scaler = torch.amp.GradScaler(kind, enabled=self.autocast["enabled"] and half == torch.float16)
        self.run = self.networks if processes() == 1 else DistributedDataParallel(self.networks)

    def learn(self, parts: Iterator[Batch], step: int) -> dict[str, float]:
        """Take one optimizer step and return its measures: means over the parts, except for counts of the probe.

        Each part is a batch of its own for the losses and for batch normalization; gradients are averaged over parts.

        Parameters
        ----------
        parts : iterator of Batch
        step : int
            From 0, counted from the beginning of the training. It determines the learning rate and the random numbers
            of the networks (dropout), so neither needs to be stored.
        """
        torch.manual_seed(int(generator(self.spec["seed"], "step", step, self.rank).integers(2**62)))
        lr = learning_rate(step, self.steps, self.spec["epochs"], self.spec["optimizer"])
        for group in self.optimizers["networks"].param_groups:
            group["lr"] = lr
        parts_of_step, sums = self.spec["accumulate"], 0.0
        for number, part in enumerate(parts, start=1):
            last = number == parts_of_step
            with contextlib.nullcontext() if last or self.run is self.networks else self.run.no_sync():
                loss, measures = self.losses(part)
                self.scaler.scale(loss / parts_of_step).backward()
            sums = sums + torch.stack([each.detach().double() for each in measures.values()])
        self.update()
        means = {
            key: value / (1 if key in COUNTS else parts_of_step)
            for key, value in zip(measures, sums.tolist(), strict=True)
        }
        return means | {"lr": lr}

    def update(self) -> None:
        """Update the weights and the averages."""
        for optimizer in self.optimizers.values():
            self.scaler.step(optimizer)
            optimizer.zero_grad(set_to_none=True)
        self.scaler.update()
        if self.averages is not None:
            self.averages.update(self.networks)

    def losses(self, part: Batch) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss of a part, and its measures by name."""
        questions = None if part.questions is None else part.questions.to(self.device)
        x = self.objective.shown(self.views_of(part), questions)
        with torch.autocast(**self.autocast):
            outputs, logits = self.run(x)
        averaged = None
        if self.averages is not None:
            with torch.no_grad(), torch.autocast(**self.autocast):
                averaged, _ = self.averages.module(x)
        measures = self.criterion(outputs, averaged, questions)
        probed, correct, labeled = self.probed(logits, part.labels)
        return measures["loss"] + probed, measures | {"correct": correct, "labeled": labeled}

    def views_of(self, part: Batch) -> Tensor:
        """Images as the encoder takes them, all augmented."""
        if part.table is None:
            return self.preprocess(part.images.numpy(), self.device)
        return self.preprocess.normalized(photometric(part.images.permute(0, 3, 1, 2), part.table, self.device))

    def probed(self, logits: Tensor | None, labels: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Cross-entropy of the probe, and the numbers of images that it names correctly and of images with labels."""
        if logits is None:
            return (torch.zeros((), device=self.device),) * 3
        labels = labels.to(self.device)
        known = labels >= 0
        loss = cross_entropy(logits.float(), labels, ignore_index=-1, reduction="sum") / known.sum().clamp(min=1)
        counts = torch.stack([(logits.argmax(dim=1) == labels) & known, known]).sum(dim=1)
        return loss, *gathered(counts[None]).sum(dim=0)

    def state_dict(self) -> dict:
        """Tensors and plain values that determine every further step."""
        return {
            "networks": self.networks.state_dict(),
            "averages": None if self.averages is None else self.averages.state_dict(),
            "criterion": self.criterion.state_dict(),
            "optimizers": {key: optimizer.state_dict() for key, optimizer in self.optimizers.items()},
            "scaler": self.scaler.state_dict(),
        }

    def load_state_dict(self, state: dict) -> None:
        self.networks.load_state_dict(state["networks"])
        if self.averages is not None:
            self.averages.load_state_dict(state["averages"])
        self.criterion.load_state_dict(state["criterion"])
        for key, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][key])
        self.scaler.load_state_dict(state["scaler"])


def averages_of(networks: Networks, decay: float | None):
    """Exponential moving averages of the networks' parameters; in training, they take the batch's own statistics."""
    if decay is None:
        return None
    from timm.utils import ModelEmaV3

    averages = ModelEmaV3(networks, decay=decay)
    averages.module.train().requires_grad_(False)
    return averages

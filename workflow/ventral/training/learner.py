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
from ventral.training.collectives import gathered, processes, synchronised
from ventral.training.encoder import Networks, build
from ventral.training.factorization_term import FactorizationTerm
from ventral.training.monitor import effective_rank, spread
from ventral.training.objectives import OBJECTIVES, Halves, differences, equivariant_terms, weighed
from ventral.training.optimizer import PROBE_RATE, learning_rate, optimizer_of
from ventral.training.photometric import photometric

MEASURES = ("loss", "invariant", "equivariant", "factorization", "rank", "std", "correct", "labelled")


class Learner:
    """Networks, their averages and optimisers.

    Parameters
    ----------
    spec : dict
        The network's settings.
    classes : int
        Classes of the images; 0 where they have none.
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
            self.networks = synchronised(self.networks, device)
        self.preprocess = Preprocessing(channels_last=is_of_a_library(spec["architecture"]))
        self.objective = OBJECTIVES[spec["objective"]]
        self.averages = averages_of(self.networks, spec["ema"])
        self.term = FactorizationTerm().to(device)
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
        """Take one optimizer step and give its measures: means over the parts, but for counts of the probe.

        Each part is a batch of its own for the losses and for batch normalization; gradients are averaged over parts.

        Parameters
        ----------
        parts : iterator of Batch
        step : int
            From 0, counted from the beginning of the training. It decides the learning rate and what the networks
            draw (dropout), so that neither needs to be remembered.
        """
        torch.manual_seed(int(generator(self.spec["seed"], "step", step, self.rank).integers(2**62)))
        lr = learning_rate(step, self.steps, self.spec["epochs"], self.spec["optimizer"])
        for group in self.optimizers["networks"].param_groups:
            group["lr"] = lr
        count, sums = self.spec["accumulate"], 0.0
        for number, part in enumerate(parts, start=1):
            with contextlib.nullcontext() if number == count or self.run is self.networks else self.run.no_sync():
                loss, measures = self.losses(part)
                self.scaler.scale(loss / count).backward()
            sums = sums + measures
        for optimizer in self.optimizers.values():
            self.scaler.step(optimizer)
            optimizer.zero_grad(set_to_none=True)
        self.scaler.update()
        if self.averages is not None:
            self.averages.update(self.networks)
        found = dict(zip(MEASURES, sums.tolist(), strict=True))
        counts = ("correct", "labelled")
        return {key: value / (1 if key in counts else count) for key, value in found.items()} | {"lr": lr}

    def losses(self, part: Batch) -> tuple[Tensor, Tensor]:
        """What is to be made small for a part, and its measures in the order of MEASURES."""
        x = self.views_of(part)
        with torch.autocast(**self.autocast):
            invariant, equivariant, logits = self.run(x)
        z, z_equivariant, further = halves(invariant), halves(equivariant), ()
        if self.averages is not None:
            with torch.no_grad(), torch.autocast(**self.autocast):
                averaged = self.averages.module(x)
            further = [(halves(averaged[0]), halves(averaged[1]))]
        weight = self.spec["lambda"]
        first, second = equivariant_terms(self.objective, z, z_equivariant, weight, further)
        loss = weighed(first, second, weight)
        views = [torch.cat(view) for view in z]
        factorization = torch.zeros((), device=x.device)
        if self.spec["factorization"]:
            factorization = self.term(views)
            loss = loss + self.spec["factorization"] * factorization
        probed, correct, labelled = self.probed(logits, part.labels)
        embeddings = torch.cat(views if weight < 1 else differences(z_equivariant)).detach()  # those that are trained
        second = torch.zeros_like(first) if second is None else second
        measures = (loss, first, second, factorization, effective_rank(embeddings), spread(embeddings))
        return loss + probed, torch.stack([each.detach().double() for each in (*measures, correct, labelled)])

    def views_of(self, part: Batch) -> Tensor:
        """Images as the encoder takes them, all augmented."""
        if part.table is None:
            return self.preprocess(part.images.numpy(), self.device)
        return self.preprocess.normalised(photometric(part.images.permute(0, 3, 1, 2), part.table, self.device))

    def probed(self, logits: Tensor | None, labels: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """Cross-entropy of the probe, and how many of how many images with labels it names rightly."""
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
            "term": self.term.state_dict(),
            "optimizers": {key: optimizer.state_dict() for key, optimizer in self.optimizers.items()},
            "scaler": self.scaler.state_dict(),
        }

    def load_state_dict(self, state: dict) -> None:
        self.networks.load_state_dict(state["networks"])
        if self.averages is not None:
            self.averages.load_state_dict(state["averages"])
        self.term.load_state_dict(state["term"])
        for key, optimizer in self.optimizers.items():
            optimizer.load_state_dict(state["optimizers"][key])
        self.scaler.load_state_dict(state["scaler"])


def halves(z: Tensor | None) -> Halves | None:
    """Embeddings of all processes, ((z1a, z2a), (z1b, z2b)), from this one's rows 1a, 2a, 1b, 2b."""
    if z is None:
        return None
    pairs = gathered(z.unflatten(0, (4, -1)).transpose(0, 1))
    z1a, z2a, z1b, z2b = pairs.unbind(dim=1)
    return (z1a, z2a), (z1b, z2b)


def averages_of(networks: Networks, decay: float | None):
    """Exponential moving averages of the networks' parameters; in training, they take the batch's own statistics."""
    if decay is None:
        return None
    from timm.utils import ModelEmaV3

    averages = ModelEmaV3(networks, decay=decay)
    averages.module.train().requires_grad_(False)
    return averages

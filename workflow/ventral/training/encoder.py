"""What is trained: an encoder, the heads of its objective, and a probe of the encoder's features."""

import copy

import torch
from torch import Tensor, nn

from ventral.core.errors import Fault
from ventral.core.random import generator
from ventral.models.architectures import construct, headless, is_of_a_library, seeded
from ventral.training.objectives import objective_of


class Networks(nn.Module):
    """The networks of one training.

    Attributes
    ----------
    encoder : module
        Images (n, 3, size, size) to features (n, F), or m images of each view, (n, m, 3, size, size), to (n, m, F); the
        only one that is kept.
    heads : ModuleDict
        The modules that the objective adds on top of the features, by name.
    probe : module or None
        Features to one number per class; no gradient reaches the features from it.
    """

    def __init__(self, encoder: nn.Module, heads: dict[str, nn.Module], probe: nn.Module | None) -> None:
        super().__init__()
        self.encoder, self.heads, self.probe = encoder, nn.ModuleDict(heads), probe

    def forward(self, x: Tensor) -> tuple[dict[str, Tensor], Tensor | None]:
        """Give the outputs of the heads for all views, and the probe's logits of the first half.

        The first half are the views under augmentations a: one view of each image is enough to probe.
        """
        features = self.encoder(x.flatten(0, -4)).flatten(1).unflatten(0, x.shape[:-3])
        logits = None
        if self.probe is not None:
            probed = features[: len(features) // 2].detach()
            logits = self.probe(probed.flatten(1, -2).mean(dim=1) if probed.ndim > 2 else probed)
        return {name: head(features) for name, head in self.heads.items()}, logits


def build(spec: dict, classes: int, name: str) -> Networks:
    """Networks with initial weights that depend on the seed; those of the encoder depend on nothing else.

    Parameters
    ----------
    spec : dict
        architecture, arguments, seed and size, and what the heads of the objective need.
    classes : int
        How many classes the images have; 0 for no probe.
    name : str
        The network, for messages.

    Raises
    ------
    Fault
        There is no such architecture, it does not accept images of this size, or it gives more than one tensor in
        training.
    """
    encoder = headless(construct(spec, name))
    objective = objective_of(spec)
    features = features_of(encoder, spec["architecture"], objective.input_size, name)
    seed = int(generator(spec["seed"], "projectors").integers(2**31))
    heads = seeded(lambda: objective.heads(features, classes), {"seed": seed})
    probe = None
    if classes:
        probe = nn.Sequential(
            nn.BatchNorm1d(features, affine=False), seeded(lambda: nn.Linear(features, classes), spec)
        )
    networks = Networks(encoder, heads, probe)
    if is_of_a_library(spec["architecture"]):
        networks.to(memory_format=torch.channels_last)
    return networks


def projector(features: int, widths: list[int]) -> nn.Module:
    """Linear layers without bias, with batch normalization and ReLU between them.

    Zbontar et al., "Barlow Twins" (2021).
    """
    layers, width = [], features
    for wider in widths[:-1]:
        layers += [nn.Linear(width, wider, bias=False), nn.BatchNorm1d(wider), nn.ReLU(inplace=True)]
        width = wider
    return nn.Sequential(*layers, nn.Linear(width, widths[-1], bias=False))


def features_of(encoder: nn.Module, architecture: str, size: int, name: str) -> int:
    """How many features the encoder gives of one image."""
    if getattr(encoder, "aux_logits", False):
        raise Fault(
            f"Network {name}: {architecture} has auxiliary classifiers, which no objective takes. Set "
            f"`arguments: {{aux_logits: false}}`."
        )
    was_training = encoder.training
    images = torch.zeros(2, 3, size, size)
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]):
            given = encoder.eval()(images)
            encoder.train(was_training)
            in_training = copy.deepcopy(encoder).train()(images)  # a copy, whose running statistics may change
        for each in (given, in_training):
            if not isinstance(each, Tensor) or len(each) != 2:
                raise TypeError(f"it gave {type(each).__name__} and no tensor with a row for each image")
    except (RuntimeError, ValueError, TypeError, AssertionError, IndexError) as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
        raise Fault(
            f"Network {name}: {architecture} cannot be trained on images of {size} pixels ({said}). Set "
            f"another `size`, or correct `architecture` and `arguments`."
        ) from error
    return given.flatten(1).shape[1]

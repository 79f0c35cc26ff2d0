"""Networks of torchvision."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ventral.core.errors import Fault
from ventral.models.architectures import seeded, torchvision_builder, torchvision_models
from ventral.models.known_layers import published_weights
from ventral.models.library_network import LibraryNetwork
from ventral.models.model import Built
from ventral.models.published import ARGUMENTS, of_weights, size_of_torchvision

if TYPE_CHECKING:
    import torch
    from torchvision.models import Weights


@dataclass(frozen=True, kw_only=True)
class TorchvisionNetwork(LibraryNetwork):
    """A network of torchvision."""

    source: Literal["torchvision"]

    def is_path(self, weights: str) -> bool:
        """Paths have a point or a slash, and names of published weights have none."""
        return "." in weights or "/" in weights

    def published_problems(self, weights: str) -> Iterator[str]:
        """Weights that the catalog of known architectures lacks."""
        known = published_weights(str(self.architecture))
        if known is not None and weights not in known:
            yield f"weights: torchvision has no {weights!r} of {self.architecture}; it has {', '.join(known)}."

    def published_kind(self, weights: str) -> str:
        """All of torchvision's weights for images end with training on categories."""
        return "supervised"

    def needs_check(self, here: bool) -> bool:
        """The network must be built for a file, for names that are not in the catalog, and for `arguments`."""
        if self.published_name is None:
            return super().needs_check(here)
        return bool(self.arguments) or not published_weights(str(self.architecture))

    def check_published(self, weights: str, name: str) -> None:
        """Look the weights up, and compare them with the network that `arguments` make."""
        self.member(weights, name)

    def own_size(self, network: "torch.nn.Module") -> int:
        """The size that the default weights are shown."""
        return size_of_torchvision(str(self.architecture))

    def randomly(self, name: str) -> Built:
        """The network with random weights."""
        return Built(self.constructed(name), f"torchvision {self.architecture}, random weights, seed {self.seed or 0}")

    def published(self, weights: str, name: str) -> Built:
        """The network with published weights and with their transforms."""
        member = self.member(weights, name)
        models, arguments = torchvision_models(), self.arguments or {}
        try:
            network = seeded(
                lambda: models.get_model(self.architecture, weights=member, progress=False, **arguments),
                {"seed": self.seed or 0},
            )
        except (OSError, RuntimeError) as error:
            if not isinstance(error, OSError) and "hash" not in str(error):
                raise
            raise Fault(
                f"The weights {weights} of model {name} could not be downloaded from {member.url} ({error}). Download "
                f"the file on another machine and set `weights: path/to/{member.url.rpartition('/')[2]}`."
            ) from error
        return Built(network, f"torchvision {self.architecture}, weights {weights}", of_weights(member))

    def member(self, weights: str, name: str) -> "Weights":
        """The published weights of a name.

        Raises
        ------
        Fault
            There are no weights of this name, or they do not fit the network that `arguments` make.
        """
        torchvision_builder(str(self.architecture), name)
        known = torchvision_models().get_model_weights(self.architecture)
        if weights not in known.__members__:
            raise Fault(
                f"Model {name}: torchvision has no weights {weights!r} of {self.architecture}; it has "
                f"{', '.join(known.__members__)}."
            )
        if self.arguments:
            self.check_arguments(weights, name)
        return known[weights]

    def check_arguments(self, weights: str, name: str) -> None:
        """Raise a Fault if `arguments` change the network so that its published weights no longer fit."""
        plain = self.constructed(name, ARGUMENTS.get(str(self.architecture), {})).state_dict()
        changed = self.constructed(name).state_dict()
        wrong = [key for key in changed if key not in plain or plain[key].shape != changed[key].shape]
        if wrong:
            raise Fault(
                f"Model {name}: the weights {weights} do not fit {self.architecture} with `arguments` "
                f"{self.arguments}, which change {', '.join(wrong[:3])}; leave these arguments out."
            )

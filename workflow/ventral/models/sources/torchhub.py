"""Networks of torch hub repositories."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from ventral.config.entry import Key, PathText
from ventral.models.architectures import seeded
from ventral.models.foreign import as_fault
from ventral.models.model import Built
from ventral.models.model_entry import ModelEntry
from ventral.models.returned import checked


@dataclass(frozen=True, kw_only=True)
class TorchHub(ModelEntry):
    """A network of a torch hub repository, with the weights that its entry loads."""

    network_keys: ClassVar[tuple[str, ...]] = ("repository", "architecture", "arguments")

    brings_weights: ClassVar[bool] = True

    source: Literal["torchhub"]
    repository: Annotated[PathText, Key("owner/repository:branch, or a folder that holds one.")]
    architecture: Annotated[PathText | None, Key("Entry of the repository; by default the model's own name.")] = None

    def build(self, name: str) -> Built:
        """The network that the repository's entry returns.

        Raises
        ------
        Fault
            The repository cannot be fetched, has no such entry, or the entry raises an error or returns no network.
        """
        import torch

        arguments = self.arguments or {}
        where = {"source": "local"} if Path(self.repository).is_dir() else {"trust_repo": True, "skip_validation": True}
        with as_fault(
            f"Model {name} could not be loaded from the torch hub repository {self.repository}, entry "
            f"{self.architecture}; check both names, or give a folder that contains the repository"
        ):
            network = seeded(
                lambda: torch.hub.load(self.repository, self.architecture, verbose=False, **where, **arguments),
                {"seed": self.seed or 0},
            )
        return checked(network, f"torch hub {self.repository}, {self.architecture}", name)

    def weights_in_words(self, seed: int) -> str:
        """The repository and its entry."""
        return f"torchhub, {self.repository}, {self.architecture}"

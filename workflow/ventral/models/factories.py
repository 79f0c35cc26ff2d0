"""Builds networks with code of users and other people: Python factories and torch hub repositories."""

import sys
from collections.abc import Callable
from pathlib import Path

from ventral.core.errors import Fault
from ventral.models.architectures import imported, seeded
from ventral.models.foreign import as_fault
from ventral.models.model import Built
from ventral.models.published import of_network


def from_factory(spec: dict, name: str) -> Built:
    """The network that a Python function returns.

    Raises
    ------
    Fault
        The function cannot be imported, raises an error, or returns neither a torch network nor a callable with names
        of layers.
    """
    factory, arguments = spec["factory"], spec.get("arguments", {})
    if isinstance(factory, str):
        factory = imported(factory, name)
    source = f"python {factory_name(spec['factory'])}"
    with as_fault(f"Model {name}: {source} failed with `arguments` {arguments}"):
        if "torch" not in sys.modules:
            network = factory(**arguments)
            if not hasattr(network, "named_modules"):
                return _checked(network, source, name)
        # A factory that was the first to import torch runs a second time, so that its random weights are seeded.
        network = seeded(lambda: factory(**arguments), spec)
    return _checked(network, source, name)


def from_torchhub(spec: dict, name: str) -> Built:
    """The network that an entry of a torch hub repository returns; see `from_factory` for the errors raised."""
    import torch

    repository, entry = spec["repository"], spec["architecture"]
    place = {"source": "local"} if Path(repository).is_dir() else {"trust_repo": True, "skip_validation": True}
    with as_fault(
        f"Model {name} could not be loaded from the torch hub repository {repository}, entry {entry}; check both "
        "names, or give a folder that contains the repository"
    ):
        network = seeded(
            lambda: torch.hub.load(repository, entry, verbose=False, **place, **spec.get("arguments", {})), spec
        )
    return _checked(network, f"torch hub {repository}, {entry}", name)


def factory_name(factory: str | Callable) -> str:
    """`package.module:function` for a function, and the text of a config as it is."""
    return factory if isinstance(factory, str) else f"{factory.__module__}:{factory.__qualname__}"


def _checked(network: object, source: str, name: str) -> Built:
    """What user code returned, if it is a network as `ventral.models.Model.network` describes it, or else a Fault."""
    if isinstance(network, type):
        raise Fault(f"Model {name}: its factory returned the class {network.__name__}; return a network of this class.")
    if hasattr(network, "named_modules"):
        return Built(network, source, of_network(network))
    if callable(network) and hasattr(network, "layers"):
        layers = network.layers
        if isinstance(layers, str) or not all(isinstance(layer, str) for layer in layers):
            raise Fault(f"Model {name}: its attribute `layers` must be a list of texts, not {layers!r}.")
        return Built(network, source)
    returned = "nothing" if network is None else type(network).__name__
    raise Fault(
        f"Model {name}: its factory returned {returned}. It must return a torch.nn.Module, or a callable "
        f"with an attribute `layers` (names) that maps uint8 images (n, H, W, 3) to {{layer: array (n, d)}}."
    )

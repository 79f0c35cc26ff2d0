"""Checks what code of users and other people returns as a network."""

from ventral.core.errors import Fault
from ventral.models.model import Built
from ventral.models.published import of_network


def checked(network: object, source: str, name: str) -> Built:
    """The network that user code returned; a Fault if it is not one."""
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

"""Models: networks from many sources, their layers, and their responses to a stimulus set.

    from ventral.models import load_model, layer_names, extract

torch is imported only when a network is built or run, so the layer presets of `ventral.models.layer_choice`
are cheap to read.
"""

from ventral.models.extract import extract
from ventral.models.load import load_model
from ventral.models.model import Model, Preprocessing, layer_names

__all__ = ["Model", "Preprocessing", "extract", "layer_names", "load_model"]

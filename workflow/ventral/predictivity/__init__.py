"""How well a layer predicts recordings: encoding models on a Gram, noise ceilings, cross-validation."""

from ventral.predictivity.layer_scores import measure
from ventral.predictivity.units import write_scores, write_units
from ventral.recordings.ceiling import noise_ceiling
from ventral.regression.folds import Encoding
from ventral.regression.pcr import pcr
from ventral.regression.pls import pls
from ventral.regression.ridge import Ridge, ridge
from ventral.regression.splits import brainscore_splits, kfold_splits

__all__ = [
    "Encoding",
    "Ridge",
    "brainscore_splits",
    "kfold_splits",
    "measure",
    "noise_ceiling",
    "pcr",
    "pls",
    "ridge",
    "write_scores",
    "write_units",
]

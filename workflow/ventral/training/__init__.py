"""Training of networks. Light to import, because every job reads the entries of a study."""

from ventral.training.equivariant_loss import equivariant_loss
from ventral.training.objectives.barlow_twins import barlow_twins
from ventral.training.objectives.mmcr import mmcr
from ventral.training.objectives.nt_xent import nt_xent
from ventral.training.train_network import train

__all__ = ["barlow_twins", "equivariant_loss", "mmcr", "nt_xent", "train"]

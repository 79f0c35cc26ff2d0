"""Geometry of one layer's responses: functions of a Gram and a table."""

from ventral.geometry.bures import bures_distance
from ventral.geometry.few_shot import FewShot, few_shot
from ventral.geometry.intrinsic import intrinsic_dimension
from ventral.geometry.manifold_capacity import Capacity, manifold_capacity
from ventral.geometry.manifolds import Manifolds, few_shot_snr, manifolds
from ventral.geometry.measure import measure
from ventral.geometry.parameter_factorization import factorization_family
from ventral.geometry.scene_factorization import Factorization, factorization
from ventral.geometry.spectrum import Dimensionality, Spectrum, effective_dimensionality, spectrum
from ventral.geometry.straightening import curvature
from ventral.geometry.whitening import whitened, whitened_effective_dimensionality
from ventral.representational_similarity import debiased_cka, linear_cka, procrustes_distance, rdm, rsa

__all__ = [
    "Capacity",
    "Dimensionality",
    "Factorization",
    "FewShot",
    "Manifolds",
    "Spectrum",
    "bures_distance",
    "curvature",
    "debiased_cka",
    "effective_dimensionality",
    "factorization",
    "factorization_family",
    "few_shot",
    "few_shot_snr",
    "intrinsic_dimension",
    "linear_cka",
    "manifold_capacity",
    "manifolds",
    "measure",
    "procrustes_distance",
    "rdm",
    "rsa",
    "spectrum",
    "whitened",
    "whitened_effective_dimensionality",
]

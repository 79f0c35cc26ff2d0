"""Geometry of one layer's responses: functions of a Gram and a table."""

from ventral.geometry.factorization import Factorization, factorization
from ventral.geometry.measure import measure
from ventral.geometry.spectrum import Spectrum, spectrum

__all__ = ["Factorization", "Spectrum", "factorization", "measure", "spectrum"]

"""The figures of a study, from its summary tables."""

from ventral.figures.catalogue import FIGURES, caption, draw, save

__all__ = ["FIGURES", "caption", "draw", "save"]

"""Summary tables of a study, one per question, from the tables of every layer."""

from ventral.across_models.related import relate
from ventral.summary.tables import gather, gather_recordings, gather_sizes, gather_spectra, read_summary

__all__ = ["gather", "gather_recordings", "gather_sizes", "gather_spectra", "read_summary", "relate"]

"""Correlations, ranks, ties and intervals."""

"""Definitions and sources of what a study measures."""

import pandas as pd

from ventral import catalog
from ventral.metrics import Method

TRAINING = Method(
    "Equivariant training",
    "In each epoch the images are dealt into two random halves, and each pair of rows gets the same two "
    "augmentations A and B. The loss is (1 − λ) · L([z₁A; z₂A], [z₁B; z₂B]) + λ · L(z̃₁A − z̃₁B, z̃₂A − z̃₂B), where "
    "z and z̃ are two projections of one encoder and L is Barlow Twins, NT-Xent or MMCR. λ = 0 is the invariant "
    "baseline. Networks of one seed see the same images and augmentations and start from the same weights, so "
    "differences are paired by seed. All measures are of the encoder without its projectors.",
    "Yerxa, Feather, Simoncelli & Chung, NeurIPS 37 (2024), “Contrastive-equivariant self-supervised learning improves "
    "alignment with primate visual area IT”.",
)


def methods(summary: dict[str, pd.DataFrame]) -> dict[Method, list[str]]:
    """The methods that a study uses, each with the names of its metrics or tables."""
    tables = [table.metric for table in summary.values() if "metric" in table]
    measured = pd.concat(tables).unique() if tables else []
    of_methods = {method: [one.name for one in metrics] for method, metrics in catalog.methods(measured).items()}
    return of_methods | ({TRAINING: ["equivariance.csv"]} if "equivariance" in summary else {})

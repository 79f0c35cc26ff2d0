"""Ventral: which geometry makes a network's representation brain-like?

Each stage of the workflow is a module or a package here and is useful without Snakemake::

    from ventral.gram import gram
    from ventral.geometry import spectrum

    spectrum(gram(responses)).effective_dimensionality
"""

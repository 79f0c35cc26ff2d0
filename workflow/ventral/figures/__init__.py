"""The figures of a study: one module each, see `ventral.figures.spec`."""

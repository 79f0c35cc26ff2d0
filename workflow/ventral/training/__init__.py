"""Training of networks whose representation is equivariant to augmentations, besides being invariant to them.

    from ventral.training import mmcr, train

torch is imported when one of these names is first used, because every job checks the entries of `networks`.
"""

from importlib import import_module

HOMES = {
    "barlow_twins": "objectives",
    "equivariant_loss": "objectives",
    "mmcr": "objectives",
    "nt_xent": "objectives",
    "train": "loop",
}

__all__ = ["barlow_twins", "equivariant_loss", "mmcr", "nt_xent", "train"]


def __getattr__(name: str) -> object:
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)

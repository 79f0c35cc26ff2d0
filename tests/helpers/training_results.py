"""What a training takes, batch by batch, and leaves in its folder."""

import torch

from ventral.training.batches import load_batches

COLUMNS = ["epoch", "step", "images", "loss", "invariant", "equivariant", "factorization"]
COLUMNS += ["accuracy", "lr", "rank", "std", "probe", "seconds", "waiting"]


def all_batches(source, spec, first=0, **options):
    return [list(parts) for parts in load_batches(source, spec, first, **options)]


def weights_of(folder):
    return torch.load(folder / "network.pth", weights_only=True)["state_dict"]


def images_of(folder):
    return sorted((folder / "images").rglob("*.png"))

"""Saves and loads the state of a training; a state that is damaged or belongs to another training is not used."""

import hashlib
import json
import logging
import pickle
import time
from collections.abc import Callable
from pathlib import Path

import torch

from ventral.core import object_store
from ventral.core.files import whole
from ventral.models.checkpoints import check_crcs
from ventral.models.user_files import code_hash

FORMAT = 2  # increase it when the content of a state changes
SAVING = 0.05  # share of the time that writing states may take
LONGEST = 10  # largest interval between states, in multiples of the wanted one, if writing takes long


def digest_of(spec: dict, source: str) -> str:
    """Digest of what a state must share with a training: the settings, the user's own code, and the images."""
    described = json.dumps([FORMAT, spec, code_hash(spec), source], sort_keys=True, default=str)
    return hashlib.sha256(described.encode()).hexdigest()


class States:
    """The file of a training's state, which is written at intervals.

    Parameters
    ----------
    path : path
    digest : str
        Of the training, from `digest_of`.
    name : str
        The network, for messages.
    every : float
        Seconds between states, at the least.
    address : str
        An object of S3 that keeps a copy of the state, for machines whose disk is lost with their job; "" for none.
    """

    def __init__(self, path: Path, digest: str, name: str, every: float, address: str = "") -> None:
        self.path, self.digest, self.name, self.every, self.address = path, digest, name, every, address
        self.saved, self.cost = time.monotonic(), 0.0

    def resumable(self) -> dict | None:
        """The state to resume from, or None; one that is kept in an object store comes first."""
        if self.address:
            object_store.fetch(self.address, self.path)
        return resumable(self.path, self.digest, self.name)

    def save_if_due(self, parts: dict[str, Callable[[], dict]]) -> None:
        """Write what the functions give, unless the last state is recent or writing takes a large share of the time."""
        begun = time.monotonic()
        if begun - self.saved >= max(self.every, min(self.cost / SAVING, LONGEST * self.every)):
            save(self.path, {"digest": self.digest} | {key: state() for key, state in parts.items()})
            if self.address:
                object_store.store(self.path, self.address)
            self.saved = time.monotonic()
            self.cost = self.saved - begun

    def remove(self) -> None:
        """Remove the state of a training that has ended."""
        self.path.unlink(missing_ok=True)
        if self.address:
            object_store.remove(self.address)


def save(path: Path, state: dict) -> None:
    """Write a state of tensors and plain values; it replaces the last one once it is complete."""
    with whole(path) as partial, partial.open("wb") as file:  # torch hides why a write to a path failed
        torch.save(state, file)


def resumable(path: Path, digest: str, name: str) -> dict | None:
    """The state to resume from, or None; the log says why an existing state is not used.

    Only tensors and plain values are read, never code.
    """
    if not path.exists():
        return None
    try:
        check_crcs(path)
        state = torch.load(path, map_location="cpu", weights_only=True)
        found = state["digest"]
    except (RuntimeError, EOFError, ValueError, OSError, KeyError, TypeError, pickle.UnpicklingError) as error:
        said = (str(error).strip().splitlines() or [type(error).__name__])[0]
        logging.warning("Network %s: %s is damaged (%s), so training starts again.", name, path, said)
        return None
    if found != digest:
        logging.warning(
            "Network %s: %s belongs to other settings, code or images, so training starts again.", name, path
        )
        return None
    return state

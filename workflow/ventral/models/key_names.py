"""Gives the tensors of a file of weights the names that they have in a network."""

import fnmatch
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from ventral.config.study_file import duplicates
from ventral.core.errors import Fault, said

if TYPE_CHECKING:
    import torch

Tensors = Mapping[str, "torch.Tensor"]
BY_ORDER = "by_order"


def renamed(tensors: Tensors, prefix: str | Mapping[str, str] | None) -> Tensors:
    """The tensors under other names.

    Parameters
    ----------
    tensors : mapping of tensors
    prefix : str or mapping or None
        A prefix to strip, or {prefix: replacement}. Tensors whose names have none of the prefixes are left out. None
        changes nothing.

    Raises
    ------
    Fault
        Two tensors get the same name.
    """
    if prefix is None:
        return tensors
    prefixes = {prefix: ""} if isinstance(prefix, str) else prefix
    found = {}
    for key, tensor in tensors.items():
        old = next((old for old in prefixes if key.startswith(old)), None)
        if old is not None:
            new = prefixes[old] + key.removeprefix(old)
            if new in found:
                raise Fault(
                    f"`key_prefix` gives two tensors of the file the name {new!r}; leave out one of the prefixes."
                )
            found[new] = tensor
    return found


def mapped(tensors: Tensors, path: str | Path) -> Tensors:
    """The tensors under the names that a file gives them; see `read_key_map`. Other names stay.

    Raises
    ------
    Fault
        The file cannot be read, names a tensor that does not exist, or gives one the name of another.
    """
    names = read_key_map(path)
    if unknown := [key for key in names if key not in tensors]:
        raise Fault(f"{path} names {unknown[0]!r}, which the file of weights does not hold; correct this line.")
    if taken := [new for old, new in names.items() if new in tensors and new not in names and new != old]:
        raise Fault(f"{path} gives a tensor the name {taken[0]!r}, which another tensor of the file has; rename both.")
    return {names.get(key, key): tensor for key, tensor in tensors.items()}


def read_key_map(path: str | Path) -> dict[str, str]:
    """A YAML or JSON file that maps names of tensors in a file of weights to their names in the network.

    Raises
    ------
    Fault
        The file cannot be read, is not a mapping of texts, names a tensor twice, or gives two tensors the same name.
    """
    try:
        names = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Fault(f"{path} cannot be read as YAML or JSON ({said(error)}).") from error
    if not isinstance(names, dict) or not all(isinstance(text, str) for pair in names.items() for text in pair):
        raise Fault(f"{path} must map names in the file of weights to names in the network, one per line.")
    if repeated := duplicates(path):
        raise Fault(repeated[0])
    new = list(names.values())
    if twice := [name for name in new if new.count(name) > 1]:
        raise Fault(f"{path} gives two tensors the name {twice[0]!r}; correct one of them.")
    return names


def in_order(tensors: Tensors, own: Tensors, path: Path, name: str) -> Tensors:
    """The tensors of a file under the names of the network's tensors, matched by their order.

    Parameters
    ----------
    tensors, own : mappings of tensors
        Those of the file and those of the network.
    path : Path
    name : str
        The model, for messages.

    Raises
    ------
    Fault
        Their numbers differ, two matching tensors have different shapes, or the names agree and say otherwise.
    """
    if {*tensors} == {*own} and [*tensors] != [*own]:
        raise Fault(
            f"{path} holds the tensors of model {name} under the network's own names, in another order; leave out "
            f"`keys: by_order`."
        )
    place = next((i for i, (a, b) in enumerate(zip(tensors, own, strict=False)) if _differ(tensors[a], own[b])), None)
    if place is not None:
        theirs, ours = list(tensors)[place], list(own)[place]
        raise Fault(
            f"{path} does not fit the network of model {name} in order: tensor {place + 1} is {theirs} "
            f"({shape(tensors[theirs])}) in the file and {ours} ({shape(own[ours])}) in the network. Match the names "
            f"with `key_map`."
        )
    if len(tensors) != len(own):
        raise Fault(
            f"{path} does not fit the network of model {name} in order: it holds {len(tensors)} tensors, and the "
            f"network has {len(own)}. `ignore` those that have no counterpart, or match the names with `key_map`."
        )
    return dict(zip(own, tensors.values(), strict=True))


def agree_in_order(tensors: Tensors, own: Tensors) -> bool:
    """Whether the tensors of a file and of a network have the same shapes in the same order."""
    return [tensor.shape for tensor in tensors.values()] == [tensor.shape for tensor in own.values()]


def matching(names: Iterable[str], globs: Collection[str]) -> set[str]:
    """The names that match one of the globs."""
    return {name for name in names if any(fnmatch.fnmatchcase(name, glob) for glob in globs)}


def shape(tensor: "torch.Tensor") -> str:
    """The shape of a tensor in words."""
    return "×".join(map(str, tensor.shape)) or "one number"


def _differ(one: "torch.Tensor", other: "torch.Tensor") -> bool:
    return one.shape != other.shape

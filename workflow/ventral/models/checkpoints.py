"""Downloads, verifies and reads files of weights, and loads them into a network key by key."""

import hashlib
import logging
import pickle
import zipfile
from collections.abc import Collection, Mapping
from pathlib import Path

import torch

from ventral.core.device import is_out_of_memory
from ventral.core.errors import Fault, not_written, of_full_disk, said
from ventral.core.names import listed
from ventral.models.key_names import BY_ORDER, Tensors, agree_in_order, in_order, mapped, matching, renamed, shape


def fit(
    network: torch.nn.Module,
    path: Path,
    name: str,
    state_dict: str | None = None,
    key_prefix: str | Mapping[str, str] | None = None,
    key_map: str | Path | None = None,
    keys: str = "by_name",
    ignore: Collection[str] = (),
) -> None:
    """Load the weights of a file into a network.

    Parameters
    ----------
    network : torch.nn.Module
    path : Path
    name : str
        The model, for messages.
    state_dict : str, optional
        The key of the file that holds the tensors.
    key_prefix, key_map : optional
        How the tensors are renamed; see `ventral.models.key_names`.
    keys : {"by_name", "by_order"}
        Whether the file's tensors and the network's belong together if they have the same name, or the same place
        among those that are not ignored.
    ignore : collection of str
        Globs of the network's keys that keep their initial values if the file lacks them or holds them in another
        shape, and of keys of the file that are left out.

    Raises
    ------
    Fault
        The file lacks tensors of the network or has others, or its tensors have another shape, no values, a sparse
        layout, or integers for the network's real numbers.
    """
    tensors = renamed(tensors_of(read(path, name), path, name, state_dict), key_prefix)
    tensors = mapped(tensors, key_map) if key_map else tensors
    own = network.state_dict()
    optional = matching([*own, *tensors], ignore)
    if keys == BY_ORDER:
        given, needed = ({key: part[key] for key in part if key not in optional} for part in (tensors, own))
        tensors = in_order(given, needed, path, name)
    _require_fit(tensors, own, optional, path, name)
    fitting = {key: tensors[key] for key in own if key in tensors and tensors[key].shape == own[key].shape}
    _require_values(fitting, path, name)
    left = [key for key in own if key not in fitting]
    if left:
        logging.warning("Model %s: %s keep their random initial values.", name, listed(left))
    network.load_state_dict(fitting, strict=False)


def _require_fit(tensors: Tensors, own: Tensors, optional: set[str], path: Path, name: str) -> None:
    """Raise a Fault that says which tensors of a file do not fit those of the network, except optional ones."""
    missing = [key for key in own if key not in tensors and key not in optional]
    unexpected = [key for key in tensors if key not in own and key not in optional]
    misfits = [
        f"{key} is {shape(tensors[key])} in the file and {shape(own[key])} in the network"
        for key in own
        if key in tensors and key not in optional and tensors[key].shape != own[key].shape
    ]
    not_real = [
        f"{key} holds {str(tensors[key].dtype).removeprefix('torch.')}"
        for key in own
        if key in tensors and own[key].is_floating_point() and not tensors[key].is_floating_point()
    ]
    problems = [
        *([f"{listed(not_real)} instead of real numbers, perhaps because it is quantized"] if not_real else []),
        *([f"it lacks {listed(missing)}"] if missing else []),
        *([f"it holds {listed(unexpected)}, which the network does not have"] if unexpected else []),
        *([listed(misfits)] if misfits else []),
    ]
    if problems:
        raise Fault(
            f"{path} does not fit the network of model {name}: {'; '.join(problems)}. "
            f"{_advice(missing, unexpected, agree_in_order(tensors, own))}"
        )


def _require_values(tensors: Tensors, path: Path, name: str) -> None:
    """Raise a Fault for tensors without values, and for sparse ones."""
    for key, tensor in tensors.items():
        if tensor.is_meta:
            raise Fault(f"{path}, the weights of model {name}, holds {key} without values; save the weights again.")
        if tensor.layout != torch.strided:
            raise Fault(f"{path}, the weights of model {name}, holds {key} as a sparse tensor; save it `.to_dense()`.")


def _advice(missing: list[str], unexpected: list[str], in_order: bool) -> str:
    for key in unexpected:
        for own in missing:
            if key.endswith("." + own):
                return f"Its keys look like {key}: set `key_prefix: {key.removesuffix(own)!r}`."
    if in_order:
        return "Its tensors have the shapes of the network's in the same order: `keys: by_order` matches them."
    return "Set `architecture`, `arguments` or `key_prefix`, or `ignore` keys that do not matter, such as 'fc.*'."


def fetch(url: str, name: str) -> Path:
    """The file at an address, downloaded once into torch's folder for checkpoints.

    Raises
    ------
    Fault
        The download failed.
    """
    folder = Path(torch.hub.get_dir(), "checkpoints")
    path = folder / f"{hashlib.sha256(url.encode()).hexdigest()[:12]}-{Path(url.split('?')[0]).name}"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        try:
            torch.hub.download_url_to_file(url, str(path), progress=False)
        except OSError as error:
            if full := of_full_disk(error):
                raise not_written(path, full) from error
            raise Fault(
                f"The checkpoint of model {name} could not be downloaded from {url} ({error}). Download it on "
                f"another machine and set `file: path/to/{Path(url.split('?')[0]).name}` instead of `url`."
            ) from error
    return path


def verify(path: Path, sha256: str, name: str) -> None:
    """Raise a Fault unless the SHA-256 of a file begins with the given digits."""
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if not found.startswith(sha256.lower()):
        raise Fault(
            f"{path} is not the checkpoint that model {name} names: its SHA-256 is {found} and the config says "
            f"{sha256}. {_instead(path)}, or correct `sha256`."
        )


def _instead(path: Path) -> str:
    """What to do about a wrong file: one that was downloaded here, or the user's own."""
    fetched = path.resolve().is_relative_to(Path(torch.hub.get_dir()).resolve())
    return (
        "Ventral downloaded this file: delete it, so that it is downloaded again" if fetched else "Name another `file`"
    )


def check_crcs(path: Path) -> None:
    """Raise a ValueError if a part of a checkpoint does not match its checksum in the zip file.

    torch does not check this. Its checkpoints before version 1.6 are not zip files and have no checksums.
    """
    if zipfile.is_zipfile(path):
        try:
            with zipfile.ZipFile(path) as archive:
                damaged = archive.testzip()
        except Exception as error:  # zipfile raises many kinds of error for a damaged archive
            raise ValueError(f"{type(error).__name__}: {error}") from error
        if damaged is not None:
            raise ValueError(f"its part {damaged} does not match its checksum")


def read(path: Path, name: str, remedy: str = "") -> object:
    """The content of a checkpoint file. Only tensors and plain values are read; code in the file is never run.

    Parameters
    ----------
    path : Path
    name : str
        The model, for messages.
    remedy : str
        What to do if the file is damaged, a sentence.

    Raises
    ------
    Fault
        The file is missing or damaged, or cannot be read without running code.
    """
    if not path.is_file():
        raise Fault(f"{path}, the weights of model {name}, does not exist.")
    try:
        check_crcs(path)
        return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise Fault(
            f"{path}, the weights of model {name}, is damaged or holds more than tensors and plain values. It is not "
            f"read, because it could run code. If you trust the file, convert it once: "
            f"torch.save(torch.load({str(path)!r}, weights_only=False)['state_dict'], 'weights.pth')."
        ) from error
    except RuntimeError as error:
        if "TorchScript" in str(error):
            raise Fault(
                f"{path}, the weights of model {name}, is a TorchScript file, which holds code. If you trust it, "
                f"extract its weights once: torch.save(torch.jit.load({str(path)!r}).state_dict(), 'weights.pth')."
            ) from error
        raise Fault(_damaged(path, name, error, remedy)) from error
    except Exception as error:  # torch raises many kinds of error for a damaged file
        if is_out_of_memory(error):
            raise
        raise Fault(_damaged(path, name, error, remedy)) from error


def _damaged(path: Path, name: str, error: Exception, remedy: str) -> str:
    return (
        f"{path}, the weights of model {name}, is damaged or not a torch checkpoint ({said(error)}). {remedy}".rstrip()
    )


def tensors_of(content: object, path: Path, name: str, key: str | None) -> dict[str, torch.Tensor]:
    """The mapping of tensors in a checkpoint: under `key`, under "state_dict", or the checkpoint itself.

    Raises
    ------
    Fault
        There is no such mapping, or the key of a tensor is not a text.
    """
    keys = list(content) if isinstance(content, Mapping) else []
    if key is None and "state_dict" in keys:
        key = "state_dict"
    if key is not None:
        if key not in keys:
            raise Fault(
                f"{path}, the weights of model {name}, has no key {key!r} but {listed(keys)}; set `state_dict` to "
                f"the key that holds the tensors."
            )
        content = content[key]
    if isinstance(content, Mapping):
        tensors = {key: value for key, value in content.items() if isinstance(value, torch.Tensor)}
        if tensors and len(tensors) == len(content):
            if unnamed := [key for key in tensors if not isinstance(key, str)]:
                raise Fault(
                    f"{path}, the weights of model {name}, holds a tensor under {unnamed[0]!r}, which names no "
                    f"parameter; save the network's `state_dict()`."
                )
            return tensors
    raise Fault(
        f"{path}, the weights of model {name}, holds {listed(keys) or type(content).__name__} and no mapping of "
        f"tensors there; set `state_dict` to the key that holds one."
    )

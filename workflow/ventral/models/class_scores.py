"""What a network gives at its end for every image: the outputs of its own classifier, if it has one."""

from collections.abc import Sequence
from dataclasses import replace

import h5py
import numpy as np

from ventral.core.errors import Fault
from ventral.core.jobs import progress
from ventral.models.extract import batches, check_finite
from ventral.models.forward import forward_pass
from ventral.models.model import Model

OUTPUT = "output"


def class_scores(
    model: Model, images: np.ndarray | h5py.Dataset, n_classes: int, stimulus_id: Sequence[str], device: str = "cpu"
) -> tuple[np.ndarray | None, str]:
    """The outputs of a network's classifier, and what the network gives at its end in words.

    Parameters
    ----------
    model : Model
        From `load_model`, on the same device.
    images : array or HDF5 dataset of shape (n, H, W, 3), uint8
    n_classes : int
    stimulus_id : names of shape (n,)
        For messages.
    device : str
        Where the network is.

    Returns
    -------
    scores : float32 array of shape (n, n_classes) or None
        None if the network does not give one number for each class.
    head : str

    Raises
    ------
    Fault
        The network does not accept the images, or gives values that are not finite.
    """
    if not model.is_module:
        return None, "no classifier: a function of the images"
    with forward_pass(model, images[:1], [], "none", lambda layer, units: None, device) as run:
        shape = _shape(_output(model, np.repeat(images[:1], 2, axis=0), device))
        if shape != (2, n_classes):
            given = " × ".join(map(str, shape[1:])) + " numbers per image" if shape else "no single tensor"
            return None, f"no classifier of {n_classes:,} classes: it gives {given}"

        def respond(shown: np.ndarray) -> dict[str, np.ndarray]:
            scores = _output(model, shown, device).to("cpu").float().numpy()
            if scores.shape != (len(shown), n_classes):
                raise Fault(f"Model {model.name} gives outputs of shape {scores.shape} for {len(shown)} images.")
            return {OUTPUT: scores}

        found = []
        with progress(total=len(images), unit="image", name=model.name) as bar:
            for start, responses in batches(model, images, replace(run, respond=respond), run.batch):
                scores = responses[OUTPUT]
                check_finite(scores, model.name, OUTPUT, list(stimulus_id[start : start + len(scores)]))
                found.append(scores)
                bar.update(len(scores))
    return np.concatenate(found), f"{n_classes:,} outputs"


def _output(model: Model, images: np.ndarray, device: str):
    """The tensor that a network gives at its end, or None."""
    import torch

    from ventral.models.hooks import first_tensor

    with torch.inference_mode():
        return first_tensor(model.network(model.preprocess(images, device)))


def _shape(tensor) -> tuple[int, ...]:
    return () if tensor is None else tuple(tensor.shape)

"""Models whose weights are not there, which a study may leave out (`missing_weights: leave_out`).

The main process of Snakemake looks for weights. Its jobs, which may run where there are none, are told what it found.
"""

import base64
import json
from collections.abc import Mapping

from ventral.core.errors import Fault
from ventral.models.layer_choice import layers_of
from ventral.models.sources import model_entry


def left_out(models: Mapping[str, dict]) -> dict[str, dict[str, str]]:
    """The models that cannot be run for lack of their weights.

    Parameters
    ----------
    models : mapping of dict
        Entries that the schema allows.

    Returns
    -------
    dict of dict
        By the model's name: `reason`, a sentence, and `where`, in words, where its weights are published.
    """
    found = {}
    for name, spec in models.items():
        entry = model_entry(spec, name)
        reason = entry.missing_weights()
        if reason is None and entry.brings_weights:
            reason = _reason(spec)
        if reason is not None:
            found[name] = {"reason": reason, "where": entry.where or ""}
    return found


def said(found: Mapping[str, dict[str, str]]) -> list[str]:
    """A sentence for each model in the result of `left_out`."""
    return [
        f"Model {name} is left out: {about['reason']}" + (f" Published: {about['where']}" if about["where"] else "")
        for name, about in found.items()
    ]


def for_jobs(found: Mapping[str, dict[str, str]]) -> str:
    """The result of `left_out` in letters that every shell leaves as they are."""
    return base64.urlsafe_b64encode(json.dumps(found).encode()).decode()


def of_main_process(letters: str) -> dict[str, dict[str, str]]:
    """What `for_jobs` has written; nothing is left out if it has written nothing."""
    return json.loads(base64.urlsafe_b64decode(letters)) if letters else {}


def _reason(spec: dict) -> str | None:
    """Why a network that comes with its weights cannot be fetched; None if it can."""
    try:
        layers_of(spec)
    except Fault as fault:
        return str(fault)
    return None

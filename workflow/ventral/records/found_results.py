"""Which results of a study are there, if some of its jobs failed or have not run."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from ventral.core.errors import Fault
from ventral.core.names import listed

SPECTRUM, TABLE = ".h5", ".csv"


@dataclass
class FoundResults:
    """The models, stimulus sets and recordings of a study whose tables are complete.

    Parameters
    ----------
    folder : path of the results folder
    record : dict
        See `ventral.records.study_record.record_of`.

    Attributes
    ----------
    layers : list of dict
        One row per layer of each model that is complete.
    sets, recordings, networks : list of str
        Measured stimulus sets, recordings and trained networks that are there.
    has_accuracy : bool
        Whether the accuracy of all these models is there.
    missing : list of str
        A sentence for everything that is not there.

    Raises
    ------
    Fault
        No model is complete.
    """

    folder: Path
    record: dict[str, Any]
    layers: list[dict] = field(init=False)
    missing: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sets = self._known("stimulus set", self.record["measured_sets"], self._measured)
        self.recordings = self._known("recording", self.record["recordings"], self._predicted)
        accuracy = [model for model in self._models if self.file("accuracy", f"{model}{TABLE}").exists()]
        self.has_accuracy = bool(accuracy)
        if not accuracy and "accuracy" in self.record["tables"]:
            self.missing.append("The accuracy of the networks is not there.")
        complete = [model for model in self._models if self._complete(model)]
        if not complete:
            raise Fault(f"{self.folder} has no model whose results are complete. {' '.join(self.missing)}".strip())
        self.layers = [row for row in self.record["layers"] if row["model"] in complete]
        logs = [name for name in self.record["networks"] if self.file("networks", name, "log.csv").exists()]
        self.networks = [name for name in logs if name in complete]
        if unknown := [name for name in complete if name in self.record["networks"] and name not in logs]:
            self.missing.append(f"The log of training of {listed(unknown)} is not there.")

    @cached_property
    def _models(self) -> dict[str, list[str]]:
        """The layers of every model of the study."""
        models: dict[str, list[str]] = {}
        for row in self.record["layers"]:
            models.setdefault(row["model"], []).append(row["layer"])
        return models

    def file(self, *parts: str) -> Path:
        """A file of the results."""
        return self.folder.joinpath(*parts)

    def of_layers(self, stage: str, names: Iterable[str], suffix: str) -> list[Path]:
        """The file of each layer that is there, for each stimulus set or recording."""
        return [
            self.file(stage, name, row["model"], f"{row['layer']}{suffix}") for row in self.layers for name in names
        ]

    def existing(self, folder: str, names: Iterable[str], suffix: str) -> list[Path]:
        """The files of a folder that are there."""
        files = [self.file(folder, f"{name}{suffix}") for name in names]
        return [file for file in files if file.exists()]

    def _known(self, kind: str, names: Iterable[str], there) -> list[str]:
        """Sets or recordings with results of at least one model; a sentence for each of the others."""
        known = []
        for name in names:
            if any(there(name, model) for model in self._models):
                known.append(name)
            else:
                self.missing.append(f"The {kind} {name} is left out, because no model has complete results of it.")
        return known

    def _measured(self, name: str, model: str) -> bool:
        """Whether the geometry of all layers of a model on a stimulus set is there."""
        place = self.file("geometry", name, model)
        return all((place / f"{layer}{end}").exists() for layer in self._models[model] for end in (TABLE, SPECTRUM))

    def _predicted(self, name: str, model: str) -> bool:
        """Whether a recording and the predictivity of all layers of a model are there."""
        place = self.file("predictivity", name, model)
        tables = all((place / f"{layer}{TABLE}").exists() for layer in self._models[model])
        return tables and self.file("recordings", f"{name}.h5").exists()

    def _complete(self, model: str) -> bool:
        """Whether everything of a model is there; if not, adds a sentence that says what is not."""
        lacking = [f"geometry on {name}" for name in self.sets if not self._measured(name, model)]
        lacking += [f"predictivity of {name}" for name in self.recordings if not self._predicted(name, model)]
        if self.has_accuracy and not self.file("accuracy", f"{model}{TABLE}").exists():
            lacking.append("accuracy")
        if lacking:
            self.missing.append(f"The model {model} is left out, because its {listed(lacking)} is not there.")
        return not lacking

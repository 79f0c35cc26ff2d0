"""Answers what the rules of the workflow ask about a study: its names, what applies to them, and what they depend on.

A `Study` is made from a complete configuration and knows no rule and no path of a result. It is light to import,
because every job parses the Snakefile.
"""

from collections.abc import Iterable
from functools import cached_property
from itertools import chain, product
from pathlib import Path

from ventral.accuracy.accuracy_entry import Accuracy
from ventral.core.code_hash import LIBRARY
from ventral.core.stamps import hash_of, listing_hash
from ventral.figures.spec import specs
from ventral.models.layer_choice import relative_depths, resolve_layers
from ventral.models.model_entry import trained_families
from ventral.models.sources import model_entry
from ventral.models.user_files import code_hash, user_files
from ventral.recordings.kinds import recording_entry
from ventral.stimuli.kinds import stimulus_entry
from ventral.training import networks
from ventral.training.training_data import TrainingData

NOT_OF_THE_NETWORK = ("baseline", "kind", "last", "where")


class Study:
    """The stimulus sets, models, networks and recordings of one study.

    Parameters
    ----------
    config : dict
        A configuration with its defaults, as `ventral.config.complete` gives it.

    Attributes
    ----------
    config : dict
    networks : dict of dict
        Every network that the study trains, by its name.
    models : dict of dict
        Every model of the study, trained networks included and baselines last, by its name.
    layers : dict of list of str
        The layers of each model, in the order in which they finish.
    recordings : dict of dict
        The entry of each recording, by its name.

    Raises
    ------
    Fault
        The layers of a model are not known.
    """

    def __init__(self, config: dict) -> None:
        self.config = config
        self.networks = networks.networks_of(config)
        self.models = networks.models_of(config)
        self.layers = {model: resolve_layers(spec) for model, spec in self.models.items()}
        self.recordings = config["recordings"]
        self._code_hashes: dict[str, str] = {}
        self._training_hashes: dict[str, str | None] = {}

    # Stimulus sets
    @cached_property
    def stimulus_sets(self) -> list[str]:
        """Every stimulus set, including those that recordings bring."""
        return list(dict.fromkeys([*self.config["stimuli"], *chain(*map(self.pictures_of, self.recordings))]))

    @cached_property
    def measured_sets(self) -> list[str]:
        """Every stimulus set that models are shown: all but those that networks are trained on."""
        training = networks.trained_on(self.config)
        return [stimuli for stimuli in self.stimulus_sets if stimuli not in training]

    @cached_property
    def small_sets(self) -> list[str]:
        """Measured sets that are known to have few images. Models are shown all of them in one job."""
        entries = self.config["stimuli"]
        return [name for name in self.measured_sets if name in entries and stimulus_entry(entries[name]).is_small()]

    @cached_property
    def large_sets(self) -> list[str]:
        """All other measured sets, each of which is shown to a model in a job of its own."""
        return [stimuli for stimuli in self.measured_sets if stimuli not in self.small_sets]

    @property
    def sets_of_jobs(self) -> dict[str, list[str]]:
        """The measured sets that share jobs, by the ending of the names of these jobs: nothing, or @ and the set."""
        own = {f"@{stimuli}": [stimuli] for stimuli in self.large_sets}
        return {"": self.small_sets} | own if self.small_sets else own

    def stimuli_of(self, recording: str) -> str:
        """The stimulus set that the responses of a recording belong to: the one it names, or its own images."""
        return self.recordings[recording].get("stimuli", recording)

    def pictures_of(self, recording: str) -> list[str]:
        """The one stimulus set of a recording; empty if it has no pictures."""
        return [self.stimuli_of(recording)] if recording_entry(self.recordings[recording]).has_pictures else []

    def stimuli_spec(self, stimuli: str) -> dict:
        """How a stimulus set is made; if a recording brings it, `recording` is its name."""
        entry = self.config["stimuli"].get(stimuli) or self.recordings[stimuli] | {"recording": stimuli}
        return {"seed": self.config["seed"]} | {key: value for key, value in entry.items() if key != "pooling"}

    def stimuli_hash(self, stimuli: str) -> str | None:
        """Hash of the files that a stimulus set is made from; None if there are none."""
        spec = self.stimuli_spec(stimuli)
        return listing_hash((recording_entry(spec) if "recording" in spec else stimulus_entry(spec)).files())

    def augmented_sets(self, stimuli: str) -> list[str]:
        """The one stimulus set whose images a set augments; empty for all other sets."""
        spec = self.stimuli_spec(stimuli)
        return [spec["stimuli"]] if spec["kind"] == "augmentations" and spec.get("stimuli") else []

    def parameters_of(self, stimuli: str) -> list[str]:
        """The parameters that a stimulus set varies while everything else is fixed."""
        if stimuli not in self.config["stimuli"]:
            return recording_entry(self.recordings[stimuli]).varied()
        return stimulus_entry(self.config["stimuli"][stimuli]).varied()

    def is_independent(self, stimuli: str) -> bool:
        """Whether no image of a set is a variant of another, as among the images that a recording brings."""
        return stimuli not in self.config["stimuli"] or not self.parameters_of(stimuli)

    def is_labeled(self, stimuli: str) -> bool:
        """Whether a set has independent images with class labels, as far as this is known before the set is made."""
        if stimuli not in self.config["stimuli"]:
            return recording_entry(self.recordings[stimuli]).labeled()
        return self.is_independent(stimuli) and stimulus_entry(self.config["stimuli"][stimuli]).labeled()

    def poolings(self, sets: Iterable[str]) -> dict[str, str]:
        """How responses to each of these stimulus sets are pooled over positions: none, avg or max."""
        return {name: (self.config["stimuli"].get(name) or self.recordings[name])["pooling"] for name in sets}

    # Recordings
    @cached_property
    def behavioral(self) -> list[str]:
        """Recordings of observers' choices, which have no geometry."""
        return self.holding("choices")

    @cached_property
    def neural(self) -> list[str]:
        """Recordings of units."""
        return self.holding("units")

    @cached_property
    def represented(self) -> list[str]:
        """Recordings whose areas can be compared with layers and with each other: those of units and of distances."""
        return [name for name in self.recordings if name not in self.behavioral]

    def holding(self, what: str) -> list[str]:
        """Recordings of "units", "choices" or "distances"."""
        return [name for name, spec in self.recordings.items() if recording_entry(spec).holds == what]

    def set_on_other_components(self, recording: str) -> list[str]:
        """The one stimulus set of a recording whose responses are projected on components of another set; or none."""
        own, of_units = self.stimuli_of(recording), recording in self.neural
        return [own] if of_units and self.config["predictivity"].get("components_from", own) != own else []

    @cached_property
    def species(self) -> dict[str, str]:
        """The species of the observers of each recording; "" if it is not known."""
        return {name: recording_entry(spec).species or "" for name, spec in self.recordings.items()}

    def recording_spec(self, recording: str) -> dict:
        """How a recording is made."""
        return {"seed": self.config["seed"]} | self.recordings[recording]

    def files_read(self) -> list[str]:
        """The user's own files whose checksums the provenance of the study names."""
        models = [file for model in self.models for file in self.weights_of(model) if not self.is_result(file)]
        own = [str(file) for spec in self.recordings.values() for file in recording_entry(spec).files()]
        return list(dict.fromkeys([*models, *own]))

    def recording_hash(self, recording: str) -> str | None:
        """Hash of the files that a recording is made from, but for those with a checksum; None if there are none."""
        entry = recording_entry(self.recordings[recording])
        return hash_of([*entry.files(), *entry.large_files()])

    def files_of_recording(self, recording: str) -> list[str]:
        """The files of a recording of the user's own; empty for all others."""
        entry = recording_entry(self.recordings[recording])
        return list(map(str, entry.files())) if "file" in self.recordings[recording] else []

    # Models
    def model_spec(self, model: str) -> dict:
        """How a model is made, with the names of its layers."""
        entry = {key: value for key, value in self.models[model].items() if key not in NOT_OF_THE_NETWORK}
        return {"seed": self.config["seed"]} | entry | {"layers": self.layers[model]}

    def code_hash(self, model: str) -> str:
        """Hash of the user's own code and files behind a model; '' if there are none."""
        if model not in self._code_hashes:
            self._code_hashes[model] = code_hash(self.models[model])
        return self._code_hashes[model]

    def weights_of(self, model: str) -> list[str]:
        """The local files that a model's weights come from, including those that are still to be trained."""
        return model_entry(self.models[model]).weights_files()

    def weights_hash(self, model: str) -> str | None:
        """Hash of the local files, and the state of the package, that a model's weights come from; None for others."""
        own = [file for file in self.weights_of(model) if not self.is_result(file)]
        return " ".join(filter(None, (hash_of(own), model_entry(self.models[model]).weights_release()))) or None

    def is_result(self, file: str | Path) -> bool:
        """Whether a file is in the results folder of the study."""
        return Path(file).resolve().is_relative_to(Path(self.config["results"]).resolve())

    def own_files(self, name: str) -> list[str]:
        """The user's own files that a model or a network to be trained reads, without its weights and Python code."""
        files = user_files(self.models[name])
        return sorted(str(file) for file in files if file.suffix != ".py" and not file.is_relative_to(LIBRARY))

    def layer_table(self) -> list[dict[str, object]]:
        """One row per layer: its place in its model, and what the model is."""
        rows = []
        for model, layers in self.layers.items():
            spec, depths = self.models[model], relative_depths(self.models[model])
            about = {"model": model, "baseline": spec["baseline"], "source": spec["source"]}
            family = self.networks.get(model, {"entry": model})["entry"]
            about |= {"kind": model_entry(spec).training_kind(), "family": family}
            rows += [about | {"layer": layer, "position": i, "depth": depths[layer]} for i, layer in enumerate(layers)]
        return rows

    @property
    def families(self) -> dict[str, str]:
        """The family of every trained network, by its model."""
        return trained_families(self.layer_table())

    def of_layers(self, pattern: str, **names: Iterable[str]) -> list[str]:
        """A path for every layer of every model.

        Parameters
        ----------
        pattern : str
            A path with {model} and {layer} in it, and the other names in the same form.
        **names : list of str
            Values of the other names, such as `stimuli`; each layer has a path for every combination of them.
        """
        combinations = [dict(zip(names, values, strict=True)) for values in product(*names.values())]
        layers = [(model, layer) for model, own in self.layers.items() for layer in own]
        return [pattern.format(model=m, layer=layer, **values) for (m, layer), values in product(layers, combinations)]

    @cached_property
    def accuracy(self) -> Accuracy | None:
        """The images that classifiers of networks name, and their classes; None if the study names none."""
        return Accuracy.of(self.config["accuracy"]) if "accuracy" in self.config else None

    @property
    def accuracy_hash(self) -> str | None:
        """Hash of the file that names the classes of outputs; None if there is none."""
        return hash_of(self.accuracy.files()) if self.accuracy else None

    # Networks to be trained
    def training_sets(self, network: str) -> list[str]:
        """The one stimulus set that a network is trained on; empty if its images are not of the study."""
        data = self.networks[network]["data"]
        return [data["stimuli"]] if data.get("stimuli") else []

    def folders_of_training(self, network: str) -> list[str]:
        """The one folder or list outside the study that holds the images a network is trained on; empty for others."""
        return TrainingData.of(self.networks[network]["data"]).folders()

    def training_hash(self, network: str) -> str | None:
        """Hash of the files outside the study that a network is trained on; None if there are none."""
        data = self.networks[network]["data"]
        if str(data) not in self._training_hashes:  # may be a million files, which many networks share
            self._training_hashes[str(data)] = listing_hash(TrainingData.of(data).files())
        return self._training_hashes[str(data)]

    # Resources
    @property
    def gpus(self) -> int:
        """GPUs that a job asks a cluster for; a job on a workstation leases one by itself."""
        return 1 if self.config["device"] == "cuda" else 0

    def several_gpus(self, network: str) -> str:
        """What training on several GPUs requests from Slurm, a text that Snakemake does not reduce; empty for one."""
        processes = self.networks[network]["processes"]
        return f"gpu:{processes}" if self.gpus and processes > 1 else ""

    # Summary and figures
    tables_of_relations = ("relations", "commonality", "complementarity", "mixed", "chance")  # of Related

    @property
    def summary_tables(self) -> list[str]:
        """Names of the summary tables that figures and the report are made from."""
        of_training = ["equivariance", "training"] if self.networks else []
        of_classifiers = ["accuracy"] if self.accuracy else []
        of_units = ["paired", "universality"] if self.neural else []
        of_layers = ["geometry", "predictivity", "layers", *self.tables_of_relations, "spectra", "similarity"]
        return [*of_layers, *of_units, *of_classifiers, *of_training] if self.layers else ["similarity"]

    @cached_property
    def figures(self) -> list[str]:
        """Names of the figures that the study has the data for, in the order of the report."""
        return [name for name, figure in specs().items() if figure.applies(self)]

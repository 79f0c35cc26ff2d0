"""Checks the configuration of a study and names all faults before any job runs.

The schema (`config.schema.json`) contains types, limits and defaults; `ventral.config.json_schema` makes it from the
classes of entries, and `ventral.config.schema` applies it. This module checks what the schema cannot express: whether
the parts of a configuration agree with each other and with the files that they name.
"""

import copy
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ventral.accuracy.accuracy_entry import Accuracy
from ventral.config.entry import caught
from ventral.config.missing_weights import left_out
from ventral.config.opened_files import file_faults
from ventral.config.places import repetition_problem, results_problems
from ventral.config.predictivity_faults import component_faults, split_faults
from ventral.config.schema import SCHEMA, fill, sentences, violations
from ventral.config.study_file import duplicates
from ventral.core.device import gpus
from ventral.core.errors import Fault
from ventral.core.names import did_you_mean
from ventral.metrics import AVERAGE
from ventral.models.layer_choice import layer_problems, layers_of
from ventral.models.sources import model_entry, named
from ventral.models.user_files import file_problems
from ventral.models.weights import unfitting_weights
from ventral.recordings.kinds import recording_entry
from ventral.stimuli.kinds import stimulus_entry
from ventral.stimuli.stimulus_entry import Surroundings
from ventral.stimuli.torchvision_sets import folder_of
from ventral.training import networks

SECTIONS = ("stimuli", "models", "networks", "recordings")


def complete(
    config: dict,
    files: Iterable[str | Path] = (),
    here: bool = False,
    checked: bool = False,
    without: Mapping[str, dict[str, str]] | None = None,
    closely: bool = False,
) -> dict:
    """Check a configuration and fill in its defaults.

    Parameters
    ----------
    config : dict
        The configuration as Snakemake read and merged it.
    files : paths
        The YAML files that it came from. They are read again to find keys that are written twice.
    here : bool
        Whether the study is about to run on this machine. If so, a GPU that it asks for must be present, and files of
        weights are opened and compared with their networks.
    checked : bool
        Whether another process has checked that the parts of the configuration agree with each other and with the files
        that they name, which may be on the machine of that process.
    without : mapping, optional
        The models that this process has left out; by default they are found here.
    closely : bool
        Whether all files that the study uses are opened, including weights, which takes seconds.

    Returns
    -------
    dict
        A copy of the configuration with its defaults. With `missing_weights: leave_out`, models without their weights
        are in `left_out`, not in `models`.

    Raises
    ------
    Fault
        The configuration has faults. Each line names one: the path of the key, what is wrong, and the nearest valid
        name.
    """
    schema = json.loads(SCHEMA.read_text())
    faults = [fault for file in files for fault in duplicates(file)]
    errors = violations(config, schema)
    faults += [fault for error in errors for fault in sentences(error, schema)]
    broken = {tuple(error.absolute_path)[:2] for error in errors}
    broken |= {(*error.absolute_path, error.instance) for error in errors if "propertyNames" in error.schema_path}
    filled = fill(copy.deepcopy(config), schema, schema) if isinstance(config, dict) else {}
    models = _entries(filled, "models")
    models.update({name: named(spec, name) for name, spec in models.items() if isinstance(spec, dict)})
    if filled.get("missing_weights") == "leave_out":
        sound = dict(_sound(models, "models", broken))
        filled["left_out"] = left_out(sound) if without is None else dict(without)
        filled["models"] = {name: spec for name, spec in models.items() if name not in filled["left_out"]}
        if filled["left_out"] and not filled["models"] and not filled.get("networks"):
            faults.append(f"models: no model has its weights; {_first(filled['left_out'])}")
    if not checked and all(isinstance(filled.get(section, {}), dict) for section in SECTIONS):  # else all seem unknown
        faults += cross_checks(filled, broken)
        faults += weights_faults(filled, broken, here or closely)
        if closely:
            kinds = ("stimuli", "networks", "recordings")
            faults += file_faults(*(dict(_sound(_entries(filled, kind), kind, broken)) for kind in kinds), faults)
    if here and filled.get("device") == "cuda" and not gpus():
        faults.append("device: cuda needs an NVIDIA GPU, and this machine shows none; auto uses the CPU instead.")
    if faults:
        listed = "\n".join(f"  {fault}" for fault in dict.fromkeys(faults))
        count = "1 fault" if len(set(faults)) == 1 else f"{len(set(faults))} faults"
        raise Fault(f"The configuration has {count}; nothing was run.\n{listed}")
    return filled


def _first(left_out: dict[str, dict[str, str]]) -> str:
    """The first model that is left out, and why."""
    return next(f"{name}: {about['reason']}" for name, about in left_out.items())


def cross_checks(config: dict, broken: set[tuple]) -> Iterator[str]:
    """Faults that the schema cannot express, in entries that the schema allows.

    Parameters
    ----------
    config : dict
        A configuration with its defaults.
    broken : set of (section, name)
        Beginnings of the paths of keys that violate the schema.
    """
    sections = {section: dict(_sound(_entries(config, section), section, broken)) for section in SECTIONS}
    training = networks.trained_on({"networks": sections["networks"]})
    yield from _result_faults(config, sections, training, broken)
    yield from _repeated_names(config, broken)
    yield from _stimulus_faults(config, sections["stimuli"], training)
    yield from _accuracy_faults(config, sections["stimuli"], training, broken)
    yield from split_faults(_entries(_entries(config, "predictivity"), "splits"), sections["recordings"])
    yield from _component_faults(config, sections, training, broken)
    yield from _network_faults(config, sections)
    yield from _model_faults(config, sections["models"])
    yield from _recording_faults(config, sections, training)
    if not (_entries(config, "models") or _entries(config, "networks") or config.get("left_out")):
        yield from _faults_without_models(config, sections["recordings"], broken)


def _result_faults(config: dict, sections: dict, training: list[str], broken: set[tuple]) -> Iterator[str]:
    """Check that models have images to be shown, and that results may be written to their folder."""
    if not _entries(config, "recordings") and not {*_entries(config, "stimuli")} - {*training}:
        aside = " that no network is trained on" if training else ""
        yield f"stimuli: the study has no images{aside}; name a stimulus set, or a recording that brings its own."
    if isinstance(config.get("results"), str) and ("results",) not in broken:
        read = folders_read(sections["stimuli"], sections["networks"])
        yield from (f"results: {problem}" for problem in results_problems(config["results"], read))
        if _entries(config, "pathvars").get("results", config["results"]) != config["results"]:
            yield "pathvars.results: the results folder is set by `results` only; leave this key out."


def _repeated_names(config: dict, broken: set[tuple]) -> Iterator[str]:
    """Check that Snakemake accepts the names as parts of paths, and that tables can tell them apart."""
    for section in ("stimuli", "models", "recordings"):
        names = () if (section,) in broken else _entries(config, section)
        repeated = {name: repetition_problem(name) for name in names}
        yield from (f"{section}.{name}: the name {problem}." for name, problem in repeated.items() if problem)
        if section == "recordings" and AVERAGE in names:
            yield f"recordings.{AVERAGE}: this is what averages over recordings are called; choose another name."


def _stimulus_faults(config: dict, sound: dict, training: list[str]) -> Iterator[str]:
    """Check the entries of `stimuli` and the files that they name."""
    recorded = _entries(config, "recordings")
    brought = [name for name, spec in recorded.items() if isinstance(spec, dict) and "stimuli" not in spec]
    others = Surroundings(_entries(config, "stimuli"), brought, training)
    for name, spec in sound.items():
        for problem in stimulus_entry(spec).problems(name, others):
            yield f"stimuli.{name}.{problem}"


def _network_faults(config: dict, sections: dict) -> Iterator[str]:
    """Check the entries of `networks`."""
    models = _entries(config, "models")
    sets = {key: {} for key in _entries(config, "stimuli")} | sections["stimuli"]
    known = {"results": config.get("results"), "models": models, "stimuli": sets}
    yield from (f"networks.{problem}" for problem in networks.same_names(sections["networks"]))
    for name, spec in sections["networks"].items():
        if name in models:
            yield f"networks.{name}: a model has this name too and would count as one of its networks; rename one."
        yield from (f"networks.{name}.{problem}" for problem in file_problems(spec, config.get("results")))
        yield from (f"networks.{name}.{problem}" for problem in networks.problems(name, spec, known))


def _model_faults(config: dict, sound: dict) -> Iterator[str]:
    """Check the entries of `models`."""
    for name, spec in sound.items():
        problems = [*model_entry(spec).problems(), *file_problems(spec, config.get("results"))]
        yield from (f"models.{name}.{problem}" for problem in problems)
        if any(problem.startswith("arguments.") for problem in problems):
            continue  # building its network could download weights
        unknown = list(caught(f"models.{name}", layers_of, spec))
        yield from unknown or (f"models.{name}.{problem}" for problem in layer_problems(name, spec))


def _recording_faults(config: dict, sections: dict, training: list[str]) -> Iterator[str]:
    """Check the entries of `recordings`."""
    stimuli = _entries(config, "stimuli")
    for name, spec in sections["recordings"].items():
        if "stimuli" in spec and spec["stimuli"] not in stimuli:
            wrong = spec["stimuli"]
            yield f"recordings.{name}.stimuli: there is no stimulus set {wrong!r}{did_you_mean(wrong, stimuli)}."
        if spec.get("stimuli") in training:
            yield (
                f"recordings.{name}.stimuli: networks are trained on {spec['stimuli']!r}, so nothing is measured "
                f"on it; name another set, or the same images under another name."
            )
        entry = recording_entry(spec)
        if "stimuli" not in spec and name in stimuli and entry.has_pictures:
            yield f"recordings.{name}: brings its own images, so no stimulus set may have its name; rename one of them."
        elif "stimuli" not in spec and name in stimuli:
            yield f"recordings.{name}: a stimulus set has its name too; write `stimuli: {name}`, or rename one of them."
        if not entry.has_pictures and (_entries(config, "models") or _entries(config, "networks")):
            yield f"recordings.{name}: needs the key 'stimuli'. Models are shown the images of this set."
        shown = sections["stimuli"].get(spec.get("stimuli"))
        problems = entry.problems() or entry.content_problems(name)
        for problem in [*problems, *(entry.problems_with(stimulus_entry(shown)) if shown else ())]:
            yield f"recordings.{name}.{problem}"


def _component_faults(config: dict, sections: dict, training: list[str], broken: set[tuple]) -> Iterator[str]:
    """Check the set whose components predict recordings, if there is one."""
    other = _entries(config, "predictivity").get("components_from")
    stimuli = {name: {} for name in _entries(config, "stimuli")} | sections["stimuli"]
    if isinstance(other, str) and ("recordings", other) not in broken:
        yield from component_faults(other, stimuli, sections["recordings"], training)


def _faults_without_models(config: dict, recordings: dict, broken: set[tuple]) -> Iterator[str]:
    """Check that a study of recordings alone has units or distances, and asks nothing of models."""
    if not _entries(config, "recordings") and () not in broken:
        yield "models: the study has no models and no recordings; name some."
    for name, spec in recordings.items():
        if recording_entry(spec).holds == "choices":
            yield f"recordings.{name}: it has no areas, so a study without models measures nothing of it; add `models`."
    if "accuracy" in config:
        yield "accuracy: the study has no models; add `models`, or leave this key out."
    if "components_from" in _entries(config, "predictivity"):
        yield "predictivity.components_from: the study has no models; add `models`, or leave this key out."


def _accuracy_faults(config: dict, sound: dict, training: list[str], broken: set[tuple]) -> Iterator[str]:
    """Check the images that classifiers name, and their classes."""
    spec = _entries(config, "accuracy")
    if spec and not any(path[:1] == ("accuracy",) for path in broken):
        problems = Accuracy.of(spec).problems(_entries(config, "stimuli"), sound, training)
        yield from (f"accuracy.{problem}" for problem in problems)


def weights_faults(config: dict, broken: set[tuple], here: bool) -> Iterator[str]:
    """Check that weights are published and, if the study runs here, that those in files fit their networks."""
    models = _sound(_entries(config, "models"), "models", broken)
    sound = {
        name: spec
        for name, spec in models
        if not [*model_entry(spec).problems()] and not [*caught("", layers_of, spec)]
    }
    for name, problem in unfitting_weights(sound, here):
        yield f"models.{name}.{'file' if 'file' in sound[name] else 'weights'}: {problem}"


def folders_read(stimuli: dict, trained: dict) -> dict[str, str]:
    """Folders that the study reads images from, by the key that names each."""
    keys = ("folder", "meshes", "backgrounds")
    found = {f"stimuli.{name}.{key}": spec[key] for name, spec in stimuli.items() for key in keys if key in spec}
    for name, spec in trained.items():
        data = spec["data"]
        if "folder" in data:
            found[f"networks.{name}.data.folder"] = data["folder"]
        elif "torchvision" in data and "root" in data:
            found[f"networks.{name}.data.root"] = str(folder_of(data))
    return found


def _entries(config: dict, section: str) -> dict:
    """The entries of a section; none if the section is not a mapping."""
    entries = config.get(section)
    return entries if isinstance(entries, dict) else {}


def _sound(entries: dict, section: str, broken: set[tuple]) -> Iterator[tuple[str, dict]]:
    """The entries that do not violate the schema."""
    return (
        (name, spec)
        for name, spec in entries.items()
        if isinstance(name, str) and isinstance(spec, dict) and (section, name) not in broken
    )

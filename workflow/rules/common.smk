"""What the rules ask of the study: names, slices of the configuration, and the code behind a stage."""

import functools
import os
import re
from pathlib import Path

from ventral.config import complete
from ventral.killed import begin_run, clear_stale_lock
from ventral.models.layers import relative_depths, resolve_layers
from ventral.models.user_files import code_hash
from ventral.networks import (
    files_of,
    models_of,
    networks_of,
    trained_on,
    without_baseline,
)
from ventral.recordings import behavioural, unchecked_files, varied
from ventral.recordings import labelled as brings_labels
from ventral.stages import stage_hash
from ventral.stamps import hash_of, listing_hash
from ventral.stimuli.files import files_behind
from ventral.stimuli.folders import has_class_folders
from ventral.store import Fault, checksum_beside, remove_partial

try:
    # Jobs do not look again at what the main process has seen, and a cluster's jobs may run where there is a GPU.
    config = complete(
        config,
        workflow.configfiles,
        here=workflow.is_main_process and workflow.resource_settings.nodes is None,
    )
    NETWORKS, MODELS = networks_of(config), models_of(config)
    LAYERS = {model: resolve_layers(spec) for model, spec in MODELS.items()}
except Fault as fault:
    raise SystemExit(str(fault))

MARK_OF_THIS_RUN = (
    clear_stale_lock(config["results"]) if workflow.is_main_process else None
)

# A job in an environment of its own finds the library, and everybody's job the user's own Python modules.
os.environ.update(
    PYTHONPATH=os.pathsep.join(
        [
            str(Path(workflow.basedir) / "workflow"),
            os.getcwd(),
            *filter(None, [os.environ.get("PYTHONPATH")]),
        ]
    )
)

# Recordings of units, which have a geometry, and those of choices, which have none.
BEHAVIOURAL = [name for name, spec in config["recordings"].items() if behavioural(spec)]
NEURAL = [name for name in config["recordings"] if name not in BEHAVIOURAL]

# What sets of these kinds vary by their nature.
VARIED_BY_KIND = {
    "movies": ["time"],
    "augmentations": ["augmentation", "spatial", "photometric"],
}


wildcard_constraints:
    stimuli="[^/]+",
    recording="[^/]+",
    model="[^/]+",
    layer="[^/]+",
    network="[^/]+",


def any_of(names):
    """The pattern of a wildcard that is one of these names; of no name where there are none."""
    return "|".join(map(re.escape, names)) or "(?!)"


def stimuli_of(recording):
    """The stimulus set that a recording's responses belong to; its own images unless it names another."""
    return config["recordings"][recording].get("stimuli", recording)


def every_set():
    """Every stimulus set of the study, those that recordings bring included."""
    return list(
        dict.fromkeys([*config["stimuli"], *map(stimuli_of, config["recordings"])])
    )


def stimulus_sets():
    """Every stimulus set that models are shown: all but those that networks are trained on."""
    return [stimuli for stimuli in every_set() if stimuli not in trained_on(config)]


def stimuli_spec(stimuli):
    """How one stimulus set is made."""
    own = config["stimuli"].get(stimuli) or config["recordings"][stimuli] | {
        "recording": stimuli
    }
    return {"seed": config["seed"]} | {key: own[key] for key in own if key != "pooling"}


def source_of(stimuli):
    """The stimulus set whose images another one augments."""
    source = stimuli_spec(stimuli).get("stimuli")
    kind = stimuli_spec(stimuli)["kind"]
    return (
        f"<results>/stimuli/{source}.h5" if kind == "augmentations" and source else []
    )


def parameters_of(stimuli):
    """What a stimulus set varies while all else is held."""
    if stimuli not in config["stimuli"]:
        return varied(config["recordings"][stimuli])
    spec = config["stimuli"][stimuli]
    return spec.get("parameters") or VARIED_BY_KIND.get(spec["kind"], [])


def independent(stimuli):
    """Whether the images of a set are no variants of each other; those that a recording brings are not."""
    return stimuli not in config["stimuli"] or not parameters_of(stimuli)


def labelled(stimuli):
    """Whether independent images of a set have classes, as far as can be told before it is made."""
    if stimuli not in config["stimuli"]:
        return brings_labels(config["recordings"][stimuli])
    source = config["stimuli"][stimuli].get("folder")
    plain = source and Path(source).is_dir() and not has_class_folders(source)
    return independent(stimuli) and not plain


def pooling(stimuli):
    """What is done over space to the responses to one stimulus set."""
    return (config["stimuli"].get(stimuli) or config["recordings"][stimuli])["pooling"]


def model_spec(model):
    """How one model is made, with the names of its layers."""
    own = {
        key: value
        for key, value in MODELS[model].items()
        if key not in ("baseline", "last")
    }
    return {"seed": config["seed"]} | own | {"layers": LAYERS[model]}


def layer_table():
    """One row per layer: its place in its model, and what the model is."""
    rows = []
    for model, layers in LAYERS.items():
        spec = MODELS[model]
        kind = {"model": model, "baseline": spec["baseline"], "source": spec["source"]}
        kind["family"] = NETWORKS[model]["entry"] if model in NETWORKS else model
        depths = relative_depths(spec)
        rows += [
            kind | {"layer": layer, "position": i, "depth": depths[layer]}
            for i, layer in enumerate(layers)
        ]
    return rows


def recording_spec(recording):
    """How one recording is made."""
    return {"seed": config["seed"]} | config["recordings"][recording]


def stimuli_files(stimuli):
    """Hash of the files that a stimulus set is made from; None for built-in ones."""
    spec = stimuli_spec(stimuli)
    brought = unchecked_files(spec) if "recording" in spec else []
    return listing_hash([*files_behind(spec), *brought])


def recording_files(recording):
    """Hash of a recording's own file, or of those that have no checksum; None where there are none."""
    spec = recording_spec(recording)
    own = [spec["file"]] if "file" in spec else []
    return hash_of([*own, *unchecked_files(spec)])


@functools.cache
def hash_of_place(*data):
    """Hash of the files of a folder of images or of a data set, which may be a million."""
    return listing_hash(files_of(dict(data)))


def training_files(network):
    """Hash of the files outside the study that a network is trained on; None where there are none."""
    return hash_of_place(*NETWORKS[network]["data"].items())


def training_set(network):
    """The stimulus set of the study that a network is trained on, if it is one."""
    stimuli = NETWORKS[network]["data"].get("stimuli")
    return f"<results>/stimuli/{stimuli}.h5" if stimuli else []


def weights_of(model):
    """The local files that a model's weights come from, those still to be trained included."""
    spec = MODELS[model]
    if spec["source"] == "trained":
        return [f"<results>/networks/{model}/network.pth"]
    return [
        file
        for file in (spec.get("file"), spec.get("weights"))
        if file and Path(file).is_file()
    ]


@functools.cache
def code_of(model):
    """Hash of the user's own code and files behind a model; '' where there are none."""
    return code_hash(MODELS[model])


def weights_hash(model):
    """Hash of the local files that a model's weights come from; None for those that the study makes itself."""
    results = Path(config["results"]).resolve()
    return hash_of(
        file
        for file in weights_of(model)
        if MODELS[model]["source"] != "trained"
        and not Path(file).resolve().is_relative_to(results)
    )


def requested_gpus():
    """GPUs that a job asks a cluster for; a workstation's are leased by the job itself."""
    return 1 if config["device"] == "cuda" else 0


def several_gpus(network):
    """What a training on several GPUs asks Slurm for; as a number it would be cut to what jobs may share."""
    processes = NETWORKS[network]["processes"]
    return f"gpu:{processes}" if requested_gpus() and processes > 1 else ""


def of_layers(pattern, **names):
    """A path for every layer of every model, and for each of the other names given."""
    return [
        path
        for model, layers in LAYERS.items()
        for path in expand(pattern, model=model, layer=layers, **names)
    ]


def checksums(*tables):
    """The files that say what is in these tables, so that who reads them can check it."""
    return [str(checksum_beside(table)) for table in tables]


def closing_line():
    """What was made, in one line."""
    counts = {
        "stimulus set": len(every_set()),
        "trained network": len(NETWORKS),
        "model": len(LAYERS),
        "layer": sum(map(len, LAYERS.values())),
        "recording": len(config["recordings"]),
    }
    made = ", ".join(
        f"{count} {name}{'' if count == 1 else 's'}"
        for name, count in counts.items()
        if count or name != "trained network"
    )
    page = Path(config["results"]) / "report.html"
    return f"Done: {made}. Report: {page}" if page.exists() else "Done."

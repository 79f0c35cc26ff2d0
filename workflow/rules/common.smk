"""What the rules ask of the study: names, slices of the configuration, and the code behind a stage."""

import hashlib
import os
from pathlib import Path

from ventral.config import complete
from ventral.killed import clear_stale_lock, note_where_jobs_run
from ventral.models.layers import code_hash, relative_depths, resolve_layers
from ventral.recordings import labelled as brings_labels
from ventral.recordings import varied
from ventral.stages import stage_hash
from ventral.stimuli.files import list_folder, list_images, list_meshes
from ventral.store import Fault

try:
    config = complete(config, workflow.configfiles)
    LAYERS = {model: resolve_layers(spec) for model, spec in config["models"].items()}
except Fault as fault:
    raise SystemExit(str(fault))

MARK_OF_THIS_RUN = clear_stale_lock() if workflow.is_main_process else None

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


def stimuli_of(recording):
    """The stimulus set that a recording's responses belong to; its own images unless it names another."""
    return config["recordings"][recording].get("stimuli", recording)


def stimulus_sets():
    """Every stimulus set of the study, those that recordings bring included."""
    return list(
        dict.fromkeys([*config["stimuli"], *map(stimuli_of, config["recordings"])])
    )


def stimuli_spec(stimuli):
    """How one stimulus set is made."""
    own = config["stimuli"].get(stimuli) or config["recordings"][stimuli] | {
        "recording": stimuli
    }
    return {"seed": config["seed"]} | {key: own[key] for key in own if key != "pooling"}


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
    plain = (
        source
        and Path(source).is_dir()
        and not any(map(Path.is_dir, Path(source).iterdir()))
    )
    return independent(stimuli) and not plain


def pooling(stimuli):
    """What is done over space to the responses to one stimulus set."""
    return (config["stimuli"].get(stimuli) or config["recordings"][stimuli])["pooling"]


def model_spec(model):
    """How one model is made, with the names of its layers."""
    own = {
        key: value
        for key, value in config["models"][model].items()
        if key not in ("baseline", "last")
    }
    return {"seed": config["seed"]} | own | {"layers": LAYERS[model]}


def layer_table():
    """One row per layer: its place in its model, and what the model is."""
    rows = []
    for model, layers in LAYERS.items():
        spec = config["models"][model]
        kind = {"model": model, "baseline": spec["baseline"], "source": spec["source"]}
        depths = relative_depths(spec)
        rows += [
            kind | {"layer": layer, "position": i, "depth": depths[layer]}
            for i, layer in enumerate(layers)
        ]
    return rows


def recording_spec(recording):
    """How one recording is made."""
    return {"seed": config["seed"]} | config["recordings"][recording]


def files_behind(spec):
    """Hash of the names, sizes and times of the files that a stimulus set is made from; none for built-in ones."""
    files = list_folder(spec) if "folder" in spec else []
    if "backgrounds" in spec:
        files += list_images(spec["backgrounds"])
    if "meshes" in spec:
        files += [
            mesh for meshes in list_meshes(spec["meshes"]).values() for mesh in meshes
        ]
    listing = [
        (str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files
    ]
    return hashlib.sha256(repr(listing).encode()).hexdigest()[:16] if files else None


def weights_of(model):
    """The local files that a model's weights come from."""
    spec = config["models"][model]
    return [
        file
        for file in (spec.get("file"), spec.get("weights"))
        if file and Path(file).is_file()
    ]


def requested_gpus():
    """GPUs that a job asks a cluster for; a workstation's are leased by the job itself."""
    return 1 if config["device"] == "cuda" else 0


def of_layers(pattern, **names):
    """A path for every layer of every model, and for each of the other names given."""
    return [
        path
        for model, layers in LAYERS.items()
        for path in expand(pattern, model=model, layer=layers, **names)
    ]


def closing_line():
    """What was made, in one line."""
    counts = {
        "stimulus set": len(stimulus_sets()),
        "model": len(LAYERS),
        "layer": sum(map(len, LAYERS.values())),
        "recording": len(config["recordings"]),
    }
    made = ", ".join(
        f"{count} {name}{'' if count == 1 else 's'}" for name, count in counts.items()
    )
    page = Path(config["results"]) / "report.html"
    return f"Done: {made}. Report: {page}" if page.exists() else "Done."

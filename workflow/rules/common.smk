"""What the rules ask of the study: names, slices of the configuration, and the code behind a stage."""

from snakemake.exceptions import WorkflowError

from ventral.config import complete
from ventral.models.layers import resolve_layers
from ventral.stages import stage_hash
from ventral.store import Fault

try:
    config = complete(config, workflow.configfiles)
    LAYERS = {model: resolve_layers(spec) for model, spec in config["models"].items()}
except Fault as fault:
    raise SystemExit(str(fault))


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
    return list(dict.fromkeys([*config["stimuli"], *map(stimuli_of, config["recordings"])]))


def stimuli_spec(stimuli):
    """How one stimulus set is made."""
    own = config["stimuli"].get(stimuli) or config["recordings"][stimuli] | {"recording": stimuli}
    return {"seed": config["seed"]} | {key: own[key] for key in own if key != "pooling"}


def pooling(stimuli):
    """What is done over space to the responses to one stimulus set."""
    return (config["stimuli"].get(stimuli) or config["recordings"][stimuli])["pooling"]


def model_spec(model):
    """How one model is made, with the names of its layers."""
    return {"seed": config["seed"], "architecture": model} | config["models"][model] | {"layers": LAYERS[model]}


def recording_spec(recording):
    """How one recording is made."""
    return {"seed": config["seed"]} | config["recordings"][recording]


def gpus():
    """GPUs that a job asks a cluster for; a workstation's are leased by the job itself."""
    return 1 if config["device"] == "cuda" else 0


def of_layers(pattern, **names):
    """A path for every layer of every model, and for each of the other names given."""
    return [
        path
        for model, layers in LAYERS.items()
        for path in expand(pattern, model=model, layer=layers, **names)
    ]

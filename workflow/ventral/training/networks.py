"""Networks that a study trains: what an entry of `networks` stands for, and what can be wrong with one.

An entry is one objective. Each seed of it makes one network, called `{entry}_seed{seed}`, or each λ (the share of an
equivariant term) and each seed, `{entry}_lambda{λ}_seed{seed}`. The study measures it as a model of the same name.
Light to import, because every job parses the Snakefile.
"""

from collections.abc import Iterator
from pathlib import Path

from ventral.core.errors import Fault
from ventral.models.layer_choice import layer_problems, layers_of
from ventral.training.objectives import network_entry

OF_A_MODEL = ("layers", "last")
OF_THE_SWEEP = ("lambda", "seeds")
OF_THE_CODE = ("architecture", "arguments", "files")


def networks_of(config: dict) -> dict[str, dict]:
    """Every network that a study trains.

    Parameters
    ----------
    config : dict
        A configuration with its defaults, as `ventral.config.complete` gives it.

    Returns
    -------
    dict of dict
        By the network's name: entry, lambda, seed, and the entry's other keys.
    """
    return {
        network: {"entry": entry}
        | member
        | {key: value for key, value in spec.items() if key not in (*OF_THE_SWEEP, *OF_A_MODEL)}
        for entry, spec in config.get("networks", {}).items()
        for network, member in network_entry(spec).members(entry).items()
    }


def models_of(config: dict) -> dict[str, dict]:
    """Every model of a study: those that are listed, the networks that it trains, and baselines last."""
    models = config["models"] | {
        network: model_of(network, spec | {key: config["networks"][spec["entry"]][key] for key in OF_A_MODEL}, config)
        for network, spec in networks_of(config).items()
    }
    return dict(sorted(models.items(), key=lambda named: named[1].get("baseline", False)))


def model_of(network: str, spec: dict, config: dict) -> dict:
    """The entry that a trained network has among the models."""
    return {
        "source": "trained",
        **{key: spec[key] for key in OF_THE_CODE if key in spec},
        "file": f"{config['results']}/networks/{network}/network.pth",
        "preprocess": {"size": spec["size"]},
        "baseline": False,
        "kind": network_entry(spec).training_kind,
        **{key: spec[key] for key in OF_A_MODEL},
    }


def trained_on(config: dict) -> list[str]:
    """Stimulus sets that networks are trained on; nothing is measured on them."""
    sets = (spec["data"].get("stimuli") for spec in config.get("networks", {}).values())
    return list(dict.fromkeys(filter(None, sets)))


def shown_in_training(config: dict) -> dict[str, str]:
    """Stimulus sets that are measured although networks are trained on their images (or some of them).

    Parameters
    ----------
    config : dict
        A configuration with its defaults.

    Returns
    -------
    dict of str
        By the set's name, where its images come from: a folder, or the set whose draws they repeat.
    """
    stimuli, training = config.get("stimuli", {}), trained_on(config)
    origins = [_origin(name, stimuli) for name in training]
    for spec in config.get("networks", {}).values():
        origins += [Path(spec["data"][key]).resolve() for key in ("folder", "root") if key in spec["data"]]
    measured = {name: _origin(name, stimuli) for name in stimuli if name not in training}
    return {name: str(own) for name, own in measured.items() if any(_overlap(own, other) for other in origins)}


def _origin(name: str, stimuli: dict) -> Path | str:
    """The folder that the images of a set come from, or the set whose name their random draws are made from."""
    spec = stimuli.get(name, {})
    if "folder" in spec:
        return Path(spec["folder"]).resolve()
    return _origin(spec["stimuli"], stimuli) if "stimuli" in spec else spec.get("like", name)


def _overlap(first: Path | str, second: Path | str) -> bool:
    """Whether two origins are the same, or one folder lies in the other."""
    if isinstance(first, str) or isinstance(second, str):
        return first == second
    return first.is_relative_to(second) or second.is_relative_to(first)


def without_baseline(config: dict) -> list[str]:
    """Entries without λ = 0, so that no differences from λ = 0 can be given."""
    return [entry for entry, spec in config.get("networks", {}).items() if 0 not in spec.get("lambda", [0])]


def same_names(entries: dict[str, dict]) -> Iterator[str]:
    """Entries that train a network of the same name as an earlier one, each as `entry: sentence`."""
    made: dict[str, str] = {}
    for entry, spec in entries.items():
        members = network_entry(spec).members(entry)
        if repeated := [network for network in members if network in made]:
            yield f"{entry}: the entry {made[repeated[0]]} also trains a network {repeated[0]}; rename one of the two."
        made.update(dict.fromkeys(members, entry))


def problems(entry: str, spec: dict, config: dict) -> Iterator[str]:
    """What is wrong with an entry beyond the schema, each as `key: sentence`."""
    objective = network_entry(spec)
    yield from objective.problems(config["stimuli"])
    for network in objective.members(entry):
        if network in config["models"]:
            yield f"seeds: the network {network} has the name of a model; rename the entry or the model."
    model = model_of(entry, spec, config)
    try:
        layers_of(model)
    except Fault as fault:
        yield f"architecture: {fault}"
        return
    yield from layer_problems(entry, model)

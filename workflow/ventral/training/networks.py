"""Networks that a study trains: what an entry of `networks` stands for, and what can be wrong with one.

An entry is one objective. Each λ (the share of its equivariant term) and each seed of it make one network, called
`{entry}_lambda{λ}_seed{seed}`, which the study then measures as a model of the same name. Light to import, because
every job parses the Snakefile.
"""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from ventral.core.errors import Fault
from ventral.core.names import did_you_mean
from ventral.models.layer_choice import layer_problems, layers_of
from ventral.stimuli.folders import files_in, refuse_splits
from ventral.stimuli.image_lists import IMAGES, list_images, with_list
from ventral.stimuli.torchvision_sets import SPLITS, folder_of, split_of

SOURCES = ("stimuli", "folder", "torchvision")
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
        network: {"entry": entry, "lambda": weight + 0.0, "seed": seed}
        | {key: value for key, value in spec.items() if key not in (*OF_THE_SWEEP, *OF_A_MODEL)}
        for entry, spec in config.get("networks", {}).items()
        for weight in spec["lambda"]
        for seed in spec["seeds"]
        for network in [named(entry, weight, seed)]
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
    """Entries without λ = 0, which the differences of the others would be taken from."""
    return [entry for entry, spec in config.get("networks", {}).items() if 0 not in spec["lambda"]]


def files_of(data: dict) -> list[Path]:
    """Files outside the study that a network is trained on."""
    if "folder" in data:
        return with_list(data["folder"], list_images(data["folder"]))
    return sorted(files_in(folder_of(data))) if "torchvision" in data else []


def named(entry: str, weight: float, seed: int) -> str:
    """The name of one network."""
    return f"{entry}_lambda{weight + 0.0:g}_seed{seed}"  # −0 is 0


def problems(entry: str, spec: dict, config: dict) -> Iterator[str]:
    """What is wrong with an entry beyond the schema, each as `key: sentence`."""
    yield from _numbers(spec)
    yield from _data(spec, config)
    for network in (named(entry, weight, seed) for weight in spec["lambda"] for seed in spec["seeds"]):
        if network in config["models"]:
            yield f"lambda: the network {network} has the name of a model; rename the entry or the model."
    model = model_of(entry, spec, config)
    try:
        layers_of(model)
    except Fault as fault:
        yield f"architecture: {fault}"
        return
    yield from layer_problems(entry, model)


def _numbers(spec: dict) -> Iterator[str]:
    """Numbers of one entry that do not go together."""
    batch, parts, processes = spec["batch"], spec["accumulate"], spec["processes"]
    names = [f"{weight:g}" for weight in spec["lambda"]]
    if len({*names}) < len(names):
        yield f"lambda: {', '.join(names)} does not tell all values apart; six digits of each count."
    if batch % processes:
        yield f"processes: {processes} processes cannot share {batch} pairs evenly; let `processes` divide `batch`."
    elif batch // processes % parts:
        yield (
            f"accumulate: {batch // processes} pairs per process do not make {parts} equal parts; let `accumulate` "
            f"divide `batch` over `processes`."
        )
    elif batch // processes // parts < 2:
        yield "batch: leaves less than two pairs to each part, and every objective compares pairs."
    if spec["ema"] is not None and spec["objective"] != "mmcr":
        yield f"ema: only mmcr takes averaged copies as further views, not {spec['objective']}; leave it out."
    low, high = spec["augmentation"].get("crop_area", (0, 1))
    if low > high:
        yield f"augmentation.crop_area: [{low}, {high}] goes down; write [low, high]."
    if spec["optimizer"]["warmup"] > spec["epochs"]:
        yield f"optimizer.warmup: {spec['optimizer']['warmup']} epochs are more than the {spec['epochs']} of training."


def _data(spec: dict, config: dict) -> Iterator[str]:
    """Images that are not there, that are too few, or that something is measured on."""
    data = spec["data"]
    if len([key for key in SOURCES if key in data]) > 1:
        yield f"data: needs one of {', '.join(SOURCES)}, not several."
        return
    if "torchvision" in data:
        if "root" not in data:
            yield "data.root: says where torchvision's files lie; nothing is fetched."
        elif not Path(data["root"]).is_dir():
            yield f"data.root: the folder {data['root']} does not exist; nothing is fetched."
        else:
            yield from _standard(data)
        return
    for key in ("root", "split"):
        if key in data:
            yield f"data.{key}: belongs to `torchvision` only."
    if "stimuli" in data and data["stimuli"] not in config["stimuli"]:
        wrong = data["stimuli"]
        yield f"data.stimuli: there is no stimulus set {wrong!r}{did_you_mean(wrong, config['stimuli'])}."
        return
    try:
        known = _at_most(data, config, 2 * spec["batch"])
    except Fault as fault:
        if "folder" in data:
            yield f"data.folder: {fault}"
        return
    if known is not None and known < 2 * spec["batch"]:
        yield (
            f"batch: {spec['batch']} pairs need as many images in each half of the data, and there are {known} in all; "
            f"take no more than {known // 2}."
        )


def _standard(data: dict) -> Iterator[str]:
    """A split or a folder that a data set of torchvision does not have."""
    if data["torchvision"] in SPLITS:
        try:
            split_of(data)
        except Fault as fault:
            yield f"data.split: {fault}"
    if not folder_of(data).is_dir():
        yield (
            f"data.root: {data['torchvision']} is not there, as the folder {folder_of(data)} does not exist; nothing "
            f"is fetched."
        )
    elif data["torchvision"] == "ImageFolder":
        try:
            refuse_splits(folder_of(data), IMAGES)
        except Fault as fault:
            yield f"data.root: {fault}"


def _at_most(data: dict, config: dict, enough: int) -> int | None:
    """How many images there are, counted no further than needed; None where that is not known yet."""
    own = config["stimuli"][data["stimuli"]] if "stimuli" in data else data
    if own.get("kind") == "scenes" and "base_scenes" in own:
        return own["base_scenes"] * (own["levels"] * len(own["parameters"]) or 1)
    if own.get("kind", "images") != "images" or "folder" not in own:
        return None
    folder = Path(own["folder"])
    if not folder.is_dir():  # a list, an array, or nothing
        files = list_images(folder)
        return len(files) if len(files) > 1 else None
    refuse_splits(folder, IMAGES)
    count = sum(1 for _ in islice(files_in(folder, IMAGES), enough))
    return count or len(list_images(folder))

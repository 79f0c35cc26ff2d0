"""A whole study: the top level of a configuration. Imported where its schema is made, and not in jobs."""

import operator
from dataclasses import dataclass, field
from functools import reduce
from typing import Annotated, Any, ClassVar, Literal

from annotated_types import Gt, Lt, MinLen
from pydantic import Discriminator

from ventral.accuracy.accuracy_entry import Accuracy
from ventral.config.entry import Count, Entry, Key, Seed, Several
from ventral.models import sources as models
from ventral.recordings import kinds as recordings
from ventral.stimuli import kinds as stimuli
from ventral.training.objectives import OBJECTIVES

NAME = {
    "description": "In files, figures and tables.",
    "type": "string",
    "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]*$(?!\n)",
    "maxLength": 100,
}


AnyStimuli = Annotated[reduce(operator.or_, dict.fromkeys(stimuli.KINDS.values())), Discriminator("kind")]
AnyModel = Annotated[reduce(operator.or_, models.FOR_CONFIGS.values()), Discriminator("source")]
AnyNetwork = Annotated[reduce(operator.or_, dict.fromkeys(OBJECTIVES.values())), Discriminator("objective")]
AnyRecording = Annotated[reduce(operator.or_, dict.fromkeys(recordings.KINDS.values())), Discriminator("kind")]


@dataclass(frozen=True, kw_only=True)
class Geometry(Entry):
    """How the geometry of representations is measured."""

    thresholds: Annotated[
        list[Annotated[float, Gt(0), Lt(1)]],
        MinLen(1),
        Key("Shares of the variance between scenes that define their subspace. Figures show 0.9.", uniqueItems=True),
    ] = field(default_factory=lambda: [0.5, 0.8, 0.9, 0.95, 0.99])


@dataclass(frozen=True, kw_only=True)
class Splits(Entry):
    """How images are held out."""

    kind: Annotated[
        Literal["kfold", "brainscore", "fixed"],
        Key(
            "Images dealt into folds; ten stratified shuffles with 90 % in training; or the parts that the data set "
            "comes with. For behavior the images of every object are dealt into folds, whatever the kind."
        ),
    ] = "kfold"
    folds: Several = 5
    seed: Seed = 1


@dataclass(frozen=True, kw_only=True)
class Predictivity(Entry):
    """How recordings are predicted from layers."""

    splits: Splits = field(default_factory=Splits)
    components_from: Annotated[
        str | None,
        Key(
            "A stimulus set, or a recording that brings its images. Recordings with other images are then also "
            "predicted from the first principal components that layers have on this set."
        ),
    ] = None


@dataclass(frozen=True, kw_only=True)
class Study(Entry):
    """Which images, which networks, which recordings, and what is measured of them."""

    any_of: ClassVar[tuple[str, ...]] = ("models", "networks", "recordings")

    title: Annotated[str, Key("Heading of the report.")] = "Ventral study"
    results: Annotated[
        str,
        Key("The folder that everything is written to. Give each study its own.", format="path", pattern="^[^<>{}*]*$"),
    ] = "results"
    seed: Annotated[
        Seed, Key("Every random number of the study depends on this seed and on the names in this file.")
    ] = 0
    device: Annotated[
        Literal["auto", "cpu", "cuda"],
        Key("Where networks run and Gram matrices are computed; auto uses a GPU if there is one."),
    ] = "auto"
    keep_activations: Annotated[
        bool,
        Key(
            "Whether to keep cached activations, or to delete them once their Gram matrices, and coordinates of "
            "`components_from`, exist. If they are deleted, a workstation holds those of one model at a time, with "
            "the exceptions in `models.md`."
        ),
    ] = True
    projection: Annotated[
        Count | None,
        Key(
            "Project layers with more features than this at random to this many, for recordings of tens of thousands "
            "of images; `ideas/gram.md` has the error. By default all features count."
        ),
    ] = None
    missing_weights: Annotated[
        Literal["refuse", "leave_out"],
        Key(
            "Whether models whose weights are missing are a fault, or are left out of the study and listed in the "
            "report. Weights that can be downloaded are not missing."
        ),
    ] = "refuse"
    stimuli: Annotated[dict[str, AnyStimuli], Key("Sets of images, by name.", propertyNames=NAME)] = field(
        default_factory=dict
    )
    models: Annotated[dict[str, AnyModel], MinLen(1), Key("Networks and baselines, by name.", propertyNames=NAME)] = (
        field(default_factory=dict)
    )
    networks: Annotated[
        dict[str, AnyNetwork],
        MinLen(1),
        Key(
            "Networks to be trained, by a name of yours; each seed, and each λ if there are several, becomes a model.",
            propertyNames=NAME,
        ),
    ] = field(default_factory=dict)
    recordings: Annotated[
        dict[str, AnyRecording],
        Key(
            "Neural recordings, by name. One that brings images is also a stimulus set of this name. A study may hold "
            "recordings alone, and then measures the geometry of their areas.",
            propertyNames=NAME,
        ),
    ] = field(default_factory=dict)
    accuracy: Annotated[Accuracy | None, Key()] = None
    geometry: Geometry = field(default_factory=Geometry)
    predictivity: Predictivity = field(default_factory=Predictivity)
    pathvars: Annotated[dict[str, Any] | None, Key("Snakemake's own path variables.")] = None

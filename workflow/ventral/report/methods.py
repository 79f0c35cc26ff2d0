"""Definitions and sources of what a study measures, and a paragraph on them that a paper can use."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import pandas as pd

from ventral import catalog
from ventral.figures.labels import count, listed
from ventral.metrics import Method
from ventral.report.citations import bibliography, cited, of_doi
from ventral.report.provenance import Recording, Stimuli
from ventral.training.objectives import network_entry

TRAINING = Method(
    "Equivariant training",
    "In each epoch the images are dealt into two random halves, and each pair of rows gets the same two "
    "augmentations A and B. The loss is (1 − λ) · L([z₁A; z₂A], [z₁B; z₂B]) + λ · L(z̃₁A − z̃₁B, z̃₂A − z̃₂B), where "
    "z and z̃ are two projections of one encoder and L is Barlow Twins, NT-Xent or MMCR. λ = 0 is the invariant "
    "baseline. Networks of one seed see the same images and augmentations and start from the same weights, so "
    "differences are paired by seed. All measures are of the encoder without its projectors.",
    "Yerxa, Feather, Simoncelli & Chung, NeurIPS 37 (2024), “Contrastive-equivariant self-supervised learning improves "
    "alignment with primate visual area IT”.",
    ("yerxa2024",),
)
ASSOCIATIONS = (
    "Geometry and scores were related across layers by Pearson’s and Spearman’s correlations, within each kind of "
    "training and given other columns. Their 95 % intervals and p values are from a jackknife that leaves out one "
    "family of networks at a time, with Fisher’s z and Student’s t. False discovery rates were controlled over "
    "distinct relations"
)
ASSOCIATED = ("benjamini1995",)
NOISE = ("goris2014",)  # of simulated areas


@dataclass(frozen=True)
class Paragraph:
    """Methods of a study as a paper can tell them.

    Attributes
    ----------
    text : str
    references : list of str
        The papers that the text cites, in the order of the bibliography.
    bibtex : str
        Their entries.
    """

    text: str
    references: list[str]
    bibtex: str


def methods(summary: dict[str, pd.DataFrame]) -> dict[Method, list[str]]:
    """The methods that a study uses, each with the names of its metrics or tables."""
    tables = [table.metric for table in summary.values() if "metric" in table]
    measured = pd.concat(tables).unique() if tables else []
    of_methods = {method: [one.name for one in metrics] for method, metrics in catalog.methods(measured).items()}
    return of_methods | ({TRAINING: ["equivariance.csv"]} if "equivariance" in summary else {})


def paragraph(
    summary: dict[str, pd.DataFrame],
    stimuli: Iterable[Stimuli] = (),
    recordings: Iterable[Recording] = (),
    networks: Mapping[str, Mapping] = {},
) -> Paragraph:
    """The paragraph of a study, or of a table that relates models.

    Parameters
    ----------
    summary : dict of DataFrames
    stimuli, recordings
        Those of the study, described.
    networks : mapping
        The networks that the study trains, as in its configuration.
    """
    used = methods(summary)
    layers = summary.get("layers")
    sentences = [
        f"The geometry of recorded areas was measured with Ventral {library_version()}".rstrip()
        if layers is None
        else shown(layers, [one for one in stimuli if not one.trained_on]),
        *(trained(name, entry) for name, entry in networks.items()),
        *(recorded(one) for one in recordings),
        *measured([method for method in used if method != TRAINING]),
        *([f"{ASSOCIATIONS} {cited(ASSOCIATED)}"] if layers is not None and relates(summary["relations"]) else []),
    ]
    text = " ".join(f"{sentence}." for sentence in sentences)
    papers = [paper for paper in bibliography().values() if paper.cited in text]
    return Paragraph(text, [paper.listed for paper in papers], "\n\n".join(paper.bibtex for paper in papers))


def relates(relations: pd.DataFrame) -> bool:
    """Whether a table has a relation with a value."""
    return bool(relations.value.notna().any())


def shown(layers: pd.DataFrame, stimuli: list[Stimuli]) -> str:
    """How many layers of which networks were analyzed, and on which images."""
    baseline = layers.baseline.astype(bool) if "baseline" in layers else pd.Series(False, layers.index)
    models, baselines = layers.model[~baseline].nunique(), layers.model[baseline].nunique()
    kinds = layers[~baseline].drop_duplicates("model").kind.value_counts() if "kind" in layers else pd.Series()
    of_kinds = [f"{n:,} {kind.replace('_', '-')}" for kind, n in kinds.items() if kind]
    text = f"{count(len(layers), 'layer')} of {count(models, 'network')}"
    text += f" ({listed(of_kinds)})" if of_kinds else ""
    text += f" and {count(baselines, 'baseline')}" if baselines else ""
    text += f" were analyzed with Ventral {library_version()}".rstrip()
    if not stimuli:
        return text
    return f"{text}, on {count(sum(one.images for one in stimuli), 'image')} of {count(len(stimuli), 'stimulus set')}"


def trained(name: str, entry: Mapping) -> str:
    """How the networks of one entry were trained."""
    objective = network_entry(entry)
    equivariant = TRAINING.references if any(entry.get("lambda", [0])) else ()
    keys = (*([objective.reference] if objective.reference else []), *equivariant)
    return f"Networks of {name} were trained with the objective {entry['objective']} {cited(keys)}".rstrip()


def recorded(recording: Recording) -> str:
    """What was recorded and by whom, or simulated."""
    what = count(recording.choices, "choice") if recording.choices else f"responses of {count(recording.units, 'unit')}"
    if recording.measure:
        what = f"distances between images ({recording.measure}) of {count(recording.observers, 'observer')}"
    if recording.simulated:
        return f"The recording {recording.name} holds {what} that were simulated, with noise after {cited(NOISE)[1:-1]}"
    return (
        f"The recording {recording.name} holds {what} {cited(of_doi(recording.citation)) or f'({recording.citation})'}"
    )


def measured(of_study: list[Method]) -> Iterator[str]:
    """Every method by its heading, with its papers."""
    if of_study:
        named = [f"{method.heading[0].lower()}{method.heading[1:]} {cited(method.references)}" for method in of_study]
        yield f"Measures and controls are: {'; '.join(name.rstrip() for name in named)}"


def library_version() -> str:
    """The version of Ventral; empty if it runs from a checkout that is not installed."""
    try:
        return version("ventral")
    except PackageNotFoundError:
        return ""

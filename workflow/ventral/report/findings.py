"""The results of the tables in sentences that a reader can quote."""

from collections.abc import Iterator

import pandas as pd

from ventral.across_models.associations import BEST
from ventral.catalog import BEHAVIOR, DISTANCES, HEADLINE
from ventral.figures.factorization import SHOWN as FACTORIZATION
from ventral.figures.invariance import SHOWN as INVARIANCE
from ventral.figures.labels import areas, count, listed, provenance, quantity_label, score_column
from ventral.models.model_entry import UNTRAINED
from ventral.report.area_sentences import area_sentence
from ventral.report.claims import Claim, rows_of
from ventral.report.evidence import Evidence, apart, at, metric_of, with_geometry
from ventral.report.geometry_section import (
    class_sentences,
    corrected_sentences,
    dimensionality_sentence,
    equivariance_sentences,
    pair_sentences,
    parameter_sentences,
    sample_sentence,
)
from ventral.report.provenance import Recording, Stimuli
from ventral.report.relation_words import estimate, points
from ventral.report.training_section import sweep_sentences, training_notes
from ventral.training.networks import shown_in_training, without_baseline

TABLES = {HEADLINE: "table-best-layers", BEHAVIOR: "table-behavior", DISTANCES: "table-distances"}
TOP_1 = "head_top_1"


def overview(summary: dict[str, pd.DataFrame], stimuli: list[Stimuli], recordings: list[Recording]) -> str:
    """What was measured, on how many images, networks and recordings."""
    layers = summary["layers"]
    networks, baselines = layers[~layers.baseline], layers[layers.baseline]
    of_baselines = f" and {count(baselines.model.nunique(), 'baseline')}" if len(baselines) else ""
    shown = [one for one in stimuli if not one.trained_on]
    training = summary.get("training")
    trains = "" if training is None else f"trains {count(training.network.nunique(), 'network')}, "
    text = (
        f"The study {trains}shows "
        f"{count(sum(one.images for one in shown), 'image')} of "
        f"{count(len(shown), 'stimulus set')} to {count(networks.model.nunique(), 'network')}{of_baselines}, "
        f"measures the geometry of {count(len(layers), 'layer')}"
    )
    if not recordings:
        return text + ". It has no recordings, so predictivity is not measured."
    units, choices = sum(one.units for one in recordings), sum(one.choices for one in recordings)
    n_areas = count(sum(len(one.areas) for one in recordings if one.units), "area")
    predicted = [f"{count(units, 'unit')} in {n_areas}"] if units else []
    predicted += [count(choices, "choice")] if choices else []
    matrices = sum(one.matrices for one in recordings)
    predicted += [f"{count(matrices, 'matrix')} of distances"] if matrices else []
    made = [one.name for one in recordings if one.simulated]
    kind = "simulated " if len(made) == len(recordings) else ""
    aside = f" ({listed(made)}: simulated)" if made and not kind else ""
    return (
        f"{text}, and asks how well each layer predicts {listed(predicted)} of "
        f"{count(len(recordings), f'{kind}recording')}{aside}."
    )


def recorded_overview(recordings: list[Recording]) -> str:
    """What was recorded in a study without models."""
    of_units, of_distances = [one for one in recordings if one.units], [one for one in recordings if one.matrices]
    done = []
    if of_units:
        n_areas, units = sum(len(one.areas) for one in of_units), sum(one.units for one in of_units)
        measured = f"{count(n_areas, 'area')} of {count(len(of_units), 'recording')}, with {count(units, 'unit')}"
        done.append(f"measures the geometry of {measured}")
    if of_distances:
        matrices = count(sum(one.matrices for one in of_distances), "matrix")
        done.append(f"compares {matrices} of distances of {count(len(of_distances), 'recording')}")
    return f"The study {listed(done)}. It has no models, so nothing is predicted."


def caveats(summary: dict[str, pd.DataFrame], config: dict) -> list[str]:
    """Warnings that a reader must know before interpreting a number."""
    notes = []
    predictivity, layers = summary["predictivity"], summary["layers"]
    if provenance(predictivity):
        notes.append(
            f"{provenance(predictivity)} Predicting simulated responses shows how the method works, not how the brain "
            f"works."
        )
    if len(predictivity) and not layers.baseline.any():
        notes.append(
            "No model is marked as a baseline, so it is not known how well pixels or local energy would predict; "
            "the default study has both."
        )
    networks = layers.model[~layers.baseline].unique()
    if left_out := config.get("left_out"):
        names = listed(list(left_out))
        notes.append(f"{names}: left out, because their weights are not there; see the section on models.")
    random = list(layers.model[~layers.baseline & (layers.kind == UNTRAINED)].unique())
    if random:
        which = "All networks have" if len(random) == len(networks) else f"{listed(random)}: these networks have"
        notes.append(f"{which} random weights; their numbers do not describe trained networks.")
    return notes + training_notes(summary, without_baseline(config), shown_in_training(config))


def findings(summary: dict[str, pd.DataFrame]) -> dict[str, list[Claim]]:
    """Claims by topic; topics without results are left out."""
    topics = {
        "Predictivity": [area_claim(summary, area) for area in areas(summary["predictivity"]).itertuples()],
        "Accuracy and predictivity": [*accuracy_sentences(summary)],
        "Factorization and invariance": [
            *(sentence for shown in (FACTORIZATION, INVARIANCE) for sentence in parameter_sentences(summary, shown)),
            *corrected_sentences(summary),
            *pair_sentences(summary),
        ],
        "Dimensionality and classes": [
            *dimensionality_sentence(summary),
            *sample_sentence(summary),
            *class_sentences(summary),
        ],
        "Equivariance": [*equivariance_sentences(summary)],
        "Equivariant training": [*sweep_sentences(summary)],
    }
    return {topic: claims for topic, claims in topics.items() if claims}


def area_claim(summary: dict[str, pd.DataFrame], area) -> Claim:
    """What predicts an area best, with the table that lists its layers."""
    rows = rows_of("predictivity.csv", recording=area.recording, area=area.area, metric=area.metric)
    table = TABLES[area.metric]
    return Claim(capitalized(area_sentence(summary, area)), table, rows)


def capitalized(sentence: str) -> str:
    """A sentence that begins with a capital letter."""
    return sentence[0].upper() + sentence[1:]


def accuracy_sentences(summary: dict[str, pd.DataFrame]) -> Iterator[Claim]:
    """How the accuracy of networks goes with the predictivity of the best layer of each, area by area."""
    evidence = Evidence(summary["relations"])
    table = summary["relations"].fillna({"within": "", "given": ""})
    table = at(table[(table.across == BEST) & (table.statistic == "pearson")], *evidence.question)
    table = table[with_geometry(table, lambda column: metric_of(column) == TOP_1)].dropna(subset="value")
    for area in areas(summary["predictivity"]).itertuples():
        for row in table[table.score == score_column(area)].itertuples():
            text = (
                f"Predictivity of {area.label} by the best layer of each network, with "
                f"{quantity_label(row.geometry, row.scale)}: {estimate(row)}, over {points(row, evidence)}"
            )
            text += "." if apart(row) else "; no relation is established."
            rows = rows_of("relations.csv", across=row.across, geometry=row.geometry, score=row.score)
            yield Claim(text, "table-relations", rows)

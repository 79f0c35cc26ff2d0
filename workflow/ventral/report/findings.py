"""The results of the tables in sentences that a reader can quote."""

from collections.abc import Iterator

import pandas as pd

from ventral.catalog import METRICS, record
from ventral.figures.factorization import SHOWN as FACTORIZATION
from ventral.figures.invariance import SHOWN as INVARIANCE
from ventral.figures.labels import (
    CEILING,
    HEADLINE,
    SHUFFLED,
    area_label,
    areas,
    count,
    listed,
    networks_of_families,
    number,
    provenance,
    quantity_label,
    score_column,
    scores,
    with_interval,
)
from ventral.metrics import Quantity, Role
from ventral.models.model_entry import UNKNOWN, UNTRAINED
from ventral.report.geometry_section import (
    ED,
    class_sentences,
    corrected_sentences,
    dimensionality_sentence,
    equivariance_sentences,
    pair_sentences,
    parameter_sentences,
    sample_sentence,
)
from ventral.report.provenance import Recording, Stimuli
from ventral.report.training_section import sweep_sentences, training_notes
from ventral.training.networks import shown_in_training, without_baseline

TOP_1 = "head_top_1"
GEOMETRY = [metric.name for metric in METRICS.values() if metric.role is Role.GEOMETRY]


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
    n_areas = count(sum(len(one.areas) for one in recordings), "area")
    predicted = [f"{count(units, 'unit')} in {n_areas}"] if units else []
    predicted += [count(choices, "choice")] if choices else []
    made = [one.name for one in recordings if one.simulated]
    kind = "simulated " if len(made) == len(recordings) else ""
    aside = f" ({listed(made)}: simulated)" if made and not kind else ""
    return (
        f"{text}, and asks how well each layer predicts {listed(predicted)} of "
        f"{count(len(recordings), f'{kind}recording')}{aside}."
    )


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
        notes.append(f"{listed(left_out)}: left out, because their weights are not there; see the section on models.")
    random = list(layers.model[~layers.baseline & (layers.kind == UNTRAINED)].unique())
    if random:
        which = "All networks have" if len(random) == len(networks) else f"{listed(random)}: these networks have"
        notes.append(f"{which} random weights; their numbers do not describe trained networks.")
    families = layers.family[~layers.baseline].nunique()
    if 0 < families < 4:
        notes.append("Relations across models need four networks or more, so none is given.")
        if families < len(networks):
            notes[-1] += " Networks of one entry of training count as one, because they share data and initial weights."
    return notes + training_notes(summary, without_baseline(config), shown_in_training(config))


def findings(summary: dict[str, pd.DataFrame]) -> dict[str, list[str]]:
    """Sentences by topic; topics without results are left out."""
    topics = {
        "Predictivity": [area_sentence(summary, area) for area in areas(summary["predictivity"]).itertuples()],
        "Geometry and predictivity": [*relation_sentences(summary), *accuracy_sentences(summary)],
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
    return {
        topic: [sentence[0].upper() + sentence[1:] for sentence in sentences]
        for topic, sentences in topics.items()
        if sentences
    }


def area_sentence(summary: dict[str, pd.DataFrame], area) -> str:
    """The best layer of an area, compared with the ceiling, other training, baselines and control."""
    rows = scores(summary["predictivity"], area.recording, area.area, area.metric)
    rows = rows.merge(summary["layers"][["model", "layer", "baseline"]], on=["model", "layer"])
    networks, baselines = rows[~rows.baseline].dropna(subset="value"), rows[rows.baseline].dropna(subset="value")
    if networks.empty:
        return f"{area.label}: no layer of a network has a score."
    best = networks.loc[networks.value.idxmax()]
    rivals = int((networks.high >= best.low).sum()) - 1
    score, counted = record(area.metric).heading, record(area.metric).counts
    text = (
        f"{area.label}: the best of {count(len(networks), 'layer')} is {best.layer} of {best.model}, "
        f"{score} = {with_interval(best.value, best.low, best.high)} over {count(int(best.n), counted)}"
    )
    if rivals > 0:
        text += f"; its interval overlaps that of {count(rivals, 'other layer')}"
    text += "." + ceiling_text(summary["predictivity"], area)
    if best.kind == UNTRAINED:
        text += rival_text("trained network", networks[~networks.kind.isin([UNTRAINED, UNKNOWN])], best, score)
    else:
        text += rival_text("untrained network", networks[networks.kind == UNTRAINED], best, score)
    text += rival_text("baseline", baselines, best, score)
    control = scores(summary["predictivity"], area.recording, area.area, SHUFFLED[area.metric]).value
    if control.notna().any():
        text += f" With shuffled images no layer exceeds {score} = {number(control.max())}."
    return text


def rival_text(what: str, rows: pd.DataFrame, best: pd.Series, score: str) -> str:
    """The best of some other layers, compared with the best of all; empty if there are none."""
    if rows.empty:
        return ""
    rival = rows.loc[rows.value.idxmax()]
    text = f" The best {what}, {rival.model}, has {score} = {with_interval(rival.value, rival.low, rival.high)}"
    return text + (", which is higher." if rival.value > best.value else ".")


def ceiling_text(predictivity: pd.DataFrame, area) -> str:
    """The reliability of an area's scored responses, and the score of a perfect model."""
    ceiling = scores(predictivity, area.recording, area.area, CEILING[area.metric]).value.dropna()
    if ceiling.empty:
        return " Its ceiling is not known, because there are no trials."
    c, scored = ceiling.iloc[0], "scored responses" if area.metric == HEADLINE else "observers' choices"
    return (
        f" The reliability of the {scored} is c = {number(c)}, so a perfect model would reach "
        f"√c = {number(max(0, c) ** 0.5)}."
    )


def relation_sentences(summary: dict[str, pd.DataFrame]) -> Iterator[str]:
    """Dimensionality and predictivity of each area, as in the literature, and the strongest relation of all."""
    table = summary["relations"]
    table = table[(table.across == "layers") & (table.statistic == "pearson") & table.metric.isin(list(CEILING))]
    table = table[table.geometry.map(lambda column: Quantity.parse(column).metric).isin(GEOMETRY)]
    table = table.dropna(subset="value")
    for area in areas(summary["predictivity"]).itertuples():
        x, y = str(Quantity(ED, stimuli=area.stimuli)), score_column(area)
        row = table[(table.geometry == x) & (table.predictivity == y)]
        if len(row):
            yield f"{area.label}: predictivity with the logarithm of dimensionality, {verdict(row.iloc[0])}."
    if len(table):
        clear = table[(table.low > 0) | (table.high < 0)]
        best = table.loc[(clear if len(clear) else table).value.abs().idxmax()]
        area = area_label(best.recording, best.area, best.simulated)
        yield (
            f"Of {count(len(table), 'relation')} between geometry and predictivity across layers, {len(clear):,} have "
            f"an interval that excludes 0. The strongest {'of these ' if len(clear) else ''}is that of "
            f"{quantity_label(best.geometry, best.scale)} with the predictivity of {area}, {verdict(best)}. "
            f"The strongest of many relations is partly strong by chance."
        )


def accuracy_sentences(summary: dict[str, pd.DataFrame]) -> Iterator[str]:
    """How the accuracy of networks goes with the predictivity of the best layer of each, area by area."""
    table = summary["relations"]
    table = table[(table.across == "models, best layer") & (table.statistic == "pearson")].dropna(subset="value")
    table = table[table.geometry.map(lambda column: Quantity.parse(column).metric) == TOP_1]
    for area in areas(summary["predictivity"]).itertuples():
        for row in table[table.predictivity == score_column(area)].itertuples():
            accuracy = quantity_label(row.geometry, row.scale)
            yield f"{area.label}: predictivity of the best layer with {accuracy}, {verdict(row)}."


def verdict(row: pd.Series) -> str:
    """A correlation with its interval and counts, and whether the interval excludes 0."""
    text = f"r = {with_interval(row.value, row.low, row.high)} over {count(int(row.n), 'layer')} of "
    text += networks_of_families(int(row.models), int(row.families))
    if row.low <= 0 <= row.high:
        return text + "; the interval includes 0, so no relation is established"
    return text + "; the interval excludes 0"

"""Sentences on the areas of recordings: which layer predicts each best, and whether others do as well.

Layers are compared within units (`ventral.across_models.paired`), because two layers can differ reliably although their
intervals overlap. Models that were trained in different ways are never in one number.
"""

from collections.abc import Mapping

import pandas as pd

from ventral.across_models.paired import CONTROL, KINDS, LAYERS, MODELS, PLACE
from ventral.catalog import BEHAVIOR, DISTANCES, HEADLINE, record
from ventral.figures.labels import CEILING, SHUFFLED, count, listed, number, scores, with_interval
from ventral.models.model_entry import BASELINE

ERROR = 0.05  # false discovery rate
SCORED = {HEADLINE: "scored responses", BEHAVIOR: "observers’ choices"}
NAMED = 4  # more layers or models than this are counted and not named


def area_sentence(summary: dict[str, pd.DataFrame], area) -> str:
    """The best layer of an area, its ceiling, layers that are as good, the best of other kinds, and controls."""
    measured = scores(summary["predictivity"], area.recording, area.area, area.metric).dropna(subset="value")
    if measured.empty:
        return f"{area.label}: no layer has a score."
    compared = scores(summary.get("paired", pd.DataFrame(columns=PLACE)), area.recording, area.area, area.metric)
    kinds = {kind: rows for kind, rows in measured.groupby("kind", sort=False)}
    ranked = sorted(kinds, key=lambda kind: (kind == BASELINE, -kinds[kind].value.max()))
    own, *others = (kinds[kind] for kind in ranked)
    best = own.loc[own.value.idxmax()]
    text = f"{area.label}: {best_text(own, best)}."
    if len(compared):
        text += peers_text(own, best, compared)
    text += ceiling_text(summary["predictivity"], area)
    text += "".join(rival_text(rows, best, compared) for rows in others)
    if len(compared) and len(measured) > 1:
        text += " Differences are medians over units, and best layers were chosen on other units."
    return text + control_text(summary["predictivity"], area, measured, compared)


def best_text(own: pd.DataFrame, best: pd.Series) -> str:
    """The best layer of the models of its kind, and its score."""
    who = best.layer if own.model.nunique() == 1 else f"{best.layer} of {best.model}"
    text = f"the best of {len(own):,} layers of {group(own)} is {who}"
    if len(own) == 1:
        text = f"the only layer of {group(own)} is {who}"
    metric = record(best.metric)
    value = with_interval(best.value, best.low, best.high)
    return f"{text}, {metric.heading} = {value} over {count(int(best.n), metric.counts)}"


def group(rows: pd.DataFrame) -> str:
    """Models of one kind: "3 supervised networks", or "the baseline gabor" if there is only one."""
    models = rows.model.unique()
    return f"the {noun(rows.kind.iloc[0])} {models[0]}" if len(models) == 1 else count(len(models), noun(*{*rows.kind}))


def noun(kind: str) -> str:
    """What a model of a kind is called."""
    return BASELINE if kind == BASELINE else f"{kind.replace('_', '-')} network"


def ceiling_text(predictivity: pd.DataFrame, area) -> str:
    """The reliability of an area's scored responses, and the score of a perfect model."""
    ceiling = scores(predictivity, area.recording, area.area, CEILING[area.metric]).value.dropna()
    if ceiling.empty:
        lacking = "there is one observer" if area.metric == DISTANCES else "there are no trials"
        return f" The ceiling is not known, because {lacking}."
    if area.metric == DISTANCES:
        return agreement_text(predictivity, area)
    c, scored = ceiling.iloc[0], SCORED[area.metric]
    return (
        f" The reliability of the {scored} is c = {number(c)}, so a perfect model would reach "
        f"√c = {number(max(0, c) ** 0.5)}."
    )


def agreement_text(predictivity: pd.DataFrame, area) -> str:
    """How well observers' distances agree, which bounds the score of a perfect model."""
    lower, upper = (
        scores(predictivity, area.recording, area.area, f"{DISTANCES}_{side}").value.max()
        for side in ("lower", "upper")
    )
    return (
        f" Observers correlate with the mean of the others by {number(lower)} and with that of all by {number(upper)}; "
        "a perfect model lies between."
    )


def peers_text(own: pd.DataFrame, best: pd.Series, compared: pd.DataFrame) -> str:
    """Which other models of the kind, and which other layers of the model, cannot be told apart from the best."""
    models = {
        model: between(compared, MODELS, "model", best.model, model)
        for model in own.model.unique()
        if model != best.model
    }
    layers = compared[(compared.compared == LAYERS) & (compared.model == best.model)]
    text = alike_text({model: row for model, row in models.items() if row is not None}, noun(best.kind))
    return text + alike_text({row.other_layer: row for row in layers.itertuples()}, "layer", f" of {best.model}")


def alike_text(differences: Mapping, thing: str, whose: str = "") -> str:
    """Which of some models or layers cannot be told apart from the best, by the differences of the best from each."""
    if not differences:
        return ""
    alike = [name for name, row in differences.items() if not (row.low > 0 and row.q < ERROR)]
    names = listed(alike) if len(alike) <= NAMED else f"{len(alike):,}"
    if len(differences) == 1:
        other = f"the other {thing}{whose}"
        return (
            f" T{other[1:]}, {names}, cannot be told apart from it." if alike else f" It predicts better than {other}."
        )
    others = f"{count(len(differences), f'other {thing}')}{whose}"
    return (
        f" Of {others}, {names} cannot be told apart from it."
        if alike
        else f" It predicts better than each of the {others}."
    )


def rival_text(rows: pd.DataFrame, best: pd.Series, compared: pd.DataFrame) -> str:
    """The best layer of another kind of models, and how far it is from the best of the first kind."""
    rival = rows.loc[rows.value.idxmax()]
    who = f"The best of {group(rows)}, {rival.model} ({rival.layer}),"
    if rows.model.nunique() == 1:
        who = f"The {noun(rival.kind)} {rival.model} ({rival.layer})"
    text = f" {who} has {record(rival.metric).heading} = {with_interval(rival.value, rival.low, rival.high)}"
    pair = between(compared, KINDS, "kind", best.kind, rival.kind) if len(compared) else None
    if pair is None or pd.isna(pair.low):
        return text + (", which is higher." if rival.value > best.value else ".")
    if pair.low <= 0 <= pair.high:
        return f"{text}; the difference, {with_interval(pair.difference, pair.low, pair.high)}, may be 0."
    if pair.low > 0:
        return f"{text}, lower by {with_interval(pair.difference, pair.low, pair.high)}."
    return f"{text}, higher by {with_interval(-pair.difference, -pair.high, -pair.low)}."


def between(compared: pd.DataFrame, sort: str, column: str, first: str, second: str) -> pd.Series | None:
    """The comparison of two kinds or models, as the difference of the first from the second; None if there is none."""
    rows = compared[compared.compared == sort]
    for sign, one, other in ((1, first, second), (-1, second, first)):
        found = rows[(rows[column] == one) & (rows[f"other_{column}"] == other)]
        if len(found):
            row = found.iloc[0]
            low, high = sorted((sign * row.low, sign * row.high))
            return pd.Series({"difference": sign * row.difference, "low": low, "high": high, "q": row.q})
    return None


def control_text(predictivity: pd.DataFrame, area, measured: pd.DataFrame, compared: pd.DataFrame) -> str:
    """The highest score with shuffled images, and layers that are no better than their own control."""
    control = scores(predictivity, area.recording, area.area, SHUFFLED[area.metric]).dropna(subset="value")
    if control.empty:
        return ""
    text = f" With shuffled images no layer exceeds {record(area.metric).heading} = {number(control.value.max())}."
    if len(compared):
        own = compared[compared.compared == CONTROL]
        failed = own[~(own.low > 0)]
    else:
        own = measured.merge(control[["model", "layer", "value"]], on=["model", "layer"], suffixes=("", "_control"))
        failed = own[~(own.low > own.value_control)]
    if failed.empty:
        return text
    names = [f"{row.layer} of {row.model}" for row in failed.itertuples()]
    which = f"{len(names):,} of {count(len(own), 'layer')}" if len(names) > NAMED else listed(names)
    return f"{text} No better than their own shuffled control: {which}."

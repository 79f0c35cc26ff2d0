"""Sentences on the areas of recordings: which layer predicts each best, and what it is compared with."""

import pandas as pd

from ventral.catalog import record
from ventral.figures.labels import CEILING, HEADLINE, SHUFFLED, count, number, scores, with_interval
from ventral.models.model_entry import UNKNOWN, UNTRAINED


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

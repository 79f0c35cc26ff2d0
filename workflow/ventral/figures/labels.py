"""Texts of figures and the report: quantities, recordings, numbers."""

import math
from collections.abc import Iterable

import pandas as pd

from ventral.catalog import HEADLINES, METRICS, record
from ventral.metrics import AVERAGE, Quantity

SHUFFLED = {name: METRICS[name].control for name in HEADLINES}
CEILING = {name: METRICS[name].ceiling for name in HEADLINES}


def area_label(recording: str, area: str, simulated: bool) -> str:
    """An area and its recording, always with the word "simulated" if the recording is; or what an average is of."""
    if recording == AVERAGE:
        return f"average of {area}"
    aside = [] if recording in area.split() else [recording]
    if simulated and "simulated" not in f"{area} {recording}".lower():
        aside.append("simulated")
    return f"{area} ({', '.join(aside)})" if aside else area


def quantity_label(column: str, scale: str) -> str:
    """A geometry column of the table of layers, in words; a column that no study named has its own name."""
    log = "log " if scale == "log" else ""
    try:
        quantity = Quantity.parse(column)
    except ValueError:
        return log + column
    words = record(quantity.metric).label
    if quantity.parameter.endswith("-shot"):
        words = f"{quantity.parameter} {words}"
    elif quantity.parameter:
        words += f" for {quantity.parameter}" + (f" against {quantity.against}" if quantity.against else "")
    return f"{log}{words} on {quantity.stimuli}"


def score_column(area) -> str:
    """The column of the table of layers that holds the score of a row of `areas`."""
    return str(Quantity(area.metric, recording=area.recording, area=area.area))


def areas(predictivity: pd.DataFrame, metrics: Iterable[str] = HEADLINES) -> pd.DataFrame:
    """One row per area of each recording that has one of the scores, `metric`: recording, area, simulated, …, label."""
    scored = predictivity[predictivity.metric.isin(list(metrics))]
    shown = scored[["recording", "area", "simulated", "stimuli", "metric"]].drop_duplicates().reset_index(drop=True)
    labels = [area_label(row.recording, row.area, row.simulated) for row in shown.itertuples()]
    return shown.assign(label=pd.Series(labels, index=shown.index, dtype=str))


def scores(predictivity: pd.DataFrame, recording: str, area: str, metric: str) -> pd.DataFrame:
    """Rows of one metric in one area."""
    here = (predictivity.recording == recording) & (predictivity.area == area)
    return predictivity[here & (predictivity.metric == metric)]


def score_text(predictivity: pd.DataFrame) -> str:
    """What predictivity means in figures, for units, observers' choices and their distances, if there are any."""
    units, pairs, observers = (predictivity.n[predictivity.metric == metric] for metric in HEADLINES)
    of_units = (
        f"the median over {bounds(units)} units of the correlation between held-out responses and those that a ridge "
        f"regression from the layer predicts"
    )
    of_choices = (
        f"i2n, the correlation between the sensitivities of a read-out of the layer and of the observers over "
        f"{bounds(pairs)} pairs of an image and a distractor"
    )
    of_distances = (
        f"Spearman’s correlation between the distances of the layer and those of an observer, the mean over "
        f"{bounds(observers)} observers"
    )
    told = [] if units.empty and not (pairs.empty and observers.empty) else [of_units]
    told += [] if pairs.empty else [f"of behavior {of_choices}" if told else of_choices]
    told += [] if observers.empty else [f"of distances {of_distances}" if told else of_distances]
    return ", and ".join(told)


def provenance(predictivity: pd.DataFrame) -> str:
    """One sentence that says which recordings are simulated; empty if none is."""
    recordings = predictivity.drop_duplicates("recording")
    made = recordings.recording[recordings.simulated.astype(bool)].tolist()
    if not made:
        return ""
    if len(made) == len(recordings):
        return "All responses are simulated; none was recorded from a brain."
    return f"The responses of the {plural(len(made), 'recording')} {listed(made)} are simulated."


def number(value: float, digits: int = 2) -> str:
    """A number with a true minus sign, or a dash if it is missing."""
    return "–" if not math.isfinite(value) else f"{value:.{digits}f}".replace("-", "−")


def with_interval(value: float, low: float, high: float, digits: int = 2) -> str:
    """A value and its interval, if there is one."""
    limits = f" [{number(low, digits)}, {number(high, digits)}]" if math.isfinite(low + high) else ""
    return number(value, digits) + limits


def count(n: int, thing: str) -> str:
    """A count and its noun."""
    return f"{n:,} {plural(n, thing)}"


def models_shown(layers: pd.DataFrame) -> str:
    """How many networks and baselines there are."""
    baseline = layers.drop_duplicates("model").baseline.astype(bool)
    text = count(int((~baseline).sum()), "network")
    return text + (f" and {count(int(baseline.sum()), 'baseline')} (gray)" if baseline.any() else "")


def networks_of_families(models: int, families: int) -> str:
    """The number of networks behind a relation, and of families if networks share one."""
    of_families = f" in {families:,} {'family' if families == 1 else 'families'}" if families < models else ""
    return count(models, "network") + of_families


def left_out(relations: pd.DataFrame) -> str:
    """What the jackknife of relations leaves out: one model, or one family if networks share one."""
    if (relations.families < relations.models).any():
        return "one family (networks of one entry of training, and any other model by itself)"
    return "one model"


def plural(n: int, thing: str) -> str:
    """The singular or plural of a noun, for a count."""
    if n == 1:
        return thing
    return f"{thing[:-1]}ces" if thing.endswith("ix") else f"{thing}es" if thing.endswith("s") else f"{thing}s"


def listed(words: list[str]) -> str:
    """Words joined as in a sentence."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def bounds(numbers: pd.Series) -> str:
    """One count, or the range of several; empty if there is none."""
    if numbers.empty:
        return ""
    low, high = int(numbers.min()), int(numbers.max())
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"

"""The answer on the first screen: what goes with predictivity, how surely, and what remains of it; what does not; and
what cannot be told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ventral.across_models.associations import LAYERS
from ventral.across_models.averages import is_average
from ventral.across_models.layer_table import TRAINED, UNTRAINED
from ventral.figures.labels import count, listed, number, quantity_label
from ventral.report.claims import Claim, rows_of
from ventral.report.evidence import Evidence, apart, at, of_same_labels
from ventral.report.reason_sentences import reasons
from ventral.report.relation_words import (
    TABLE,
    anchor,
    estimate,
    held_words,
    kind_name,
    networks_asked,
    points,
    probability,
    source,
    source_of,
    subject,
)
from ventral.report.second_opinions import mixed_text, prediction_text
from ventral.statistics.family_jackknife import FEWEST_FAMILIES

MOST_SCORES = 6  # with a sentence of their own
MOST_NAMES = 6  # of quantities in a sentence
MOST_OTHERS = 2  # that are named beside the leading one


@dataclass(frozen=True)
class Answer:
    """What the first screen says.

    Attributes
    ----------
    goes, not_established, unknown : lists of Claim
        What goes with predictivity and what remains of it; what does not; and what cannot be told.
    """

    goes: list[Claim]
    not_established: list[Claim]
    unknown: list[Claim]

    @property
    def topics(self) -> dict[str, list[Claim]]:
        """The claims by what they answer."""
        return {
            "What goes with predictivity": self.goes,
            "What does not": self.not_established,
            "What cannot be told here": self.unknown,
        }


def answer(summary: dict[str, pd.DataFrame]) -> Answer:
    """The answer of the tables of a study, or of `ventral.summary.relate`.

    Parameters
    ----------
    summary : dict of DataFrames
        relations; chance, commonality, complementarity, mixed and layers, if they are there.
    """
    evidence = Evidence(summary["relations"])
    leaders = [row for score in evidence.scores[:MOST_SCORES] if (row := evidence.leading(score)) is not None]
    established = [row for row in leaders if row.established]
    found = (claim for row in established for claim in (goes(evidence, row, summary), *reasons(evidence, row, summary)))
    return Answer(
        [*found, *chance_claims(summary, evidence)],
        [*(nothing(evidence, row, summary) for row in leaders if not row.established), *never(evidence)],
        list(unknown(evidence)),
    )


def goes(evidence: Evidence, row: Any, summary: dict[str, pd.DataFrame]) -> Claim:
    """What goes with one score, what remains within kinds and given other columns, and what other statistics say."""
    direction = "rises" if row.value > 0 else "falls"
    text = (
        f"{subject(row)} {direction} with {quantity_label(row.geometry, row.scale)}, {estimate(row)}, "
        f"q {probability(row.q)}, over {points(row, evidence)}."
    )
    text += kinds_text(evidence, row) + held_text(evidence, row)
    text += prediction_text(evidence, row, summary.get("complementarity")) + mixed_text(row, summary.get("mixed"))
    text += others_text(evidence, row)
    return Claim(text, anchor(row), source(row))


def nothing(evidence: Evidence, row: Any, summary: dict[str, pd.DataFrame]) -> Claim:
    """That no relation with a score is established, and what the difference between kinds makes of it."""
    tested, name = int((evidence.asked.score == row.score).sum()), quantity_label(row.geometry, row.scale)
    strongest = f"the strongest of {tested} relations is that with {name}" if tested > 1 else f"with {name}"
    text = (
        f"{subject(row)}: no relation is established over {points(row, evidence)}; {strongest}, {estimate(row)}, "
        f"q {probability(row.q)}."
    )
    text += kinds_text(evidence, row) + difference_text(evidence, row, summary.get("commonality"))
    return Claim(text, anchor(row), source(row))


def others_text(evidence: Evidence, row: Any) -> str:
    """Which other quantities go with a score, and how many."""
    others = evidence.asked[(evidence.asked.score == row.score) & (evidence.asked.geometry != row.geometry)]
    related = others[others.established].sort_values("value", key=abs, ascending=False)
    if related.empty:
        return f" None of {len(others)} other quantities is related to it." if len(others) > 1 else ""
    names = [
        f"{quantity_label(one.geometry, one.scale)} ({estimate(one)})" for one in related.head(MOST_OTHERS).itertuples()
    ]
    more = len(related) - len(names)
    are = "is" if len(related) == 1 else "are"
    quantities = "quantity" if len(others) == 1 else "quantities"
    text = f" Of {len(others)} other {quantities}, {len(related)} {are} related to it too"
    return f"{text}: {listed([*names, *([f'{more} more'] if more else [])])}."


def kinds_text(evidence: Evidence, row: Any) -> str:
    """The relation within each kind of training that has an interval."""
    kinds = sorted(evidence.kinds, key=lambda kind: kind.lower() == UNTRAINED)
    of_kinds = [(kind, evidence.of(row, kind)) for kind in kinds if kind != evidence.question[0]]
    told = [
        f"{kind_name(kind)} {estimate(one, '')}" for kind, one in of_kinds if one is not None and one.low == one.low
    ]
    return f" Within kinds of training: {', '.join(told)}." if told else ""


def held_text(evidence: Evidence, row: Any) -> str:
    """Whether a relation remains given depth, size, accuracy and kind at once."""
    fixed = evidence.fixed(row)
    if fixed is None:
        return ""
    verdict = "it remains" if apart(fixed) and fixed.value * row.value > 0 else "it is no longer established"
    return f" Given {held_words(evidence.held)}, {verdict}: {estimate(fixed)}."


def difference_text(evidence: Evidence, row: Any, commonality: pd.DataFrame | None) -> str:
    """That a relation over all networks is mostly the difference between trained and untrained ones."""
    together, fixed = evidence.of(row, ""), evidence.of(row, "", "trained")
    if not evidence.pooled or together is None or not apart(together) or fixed is None:
        return ""
    if apart(fixed) or not fixed.value**2 < together.value**2 / 2:
        return ""
    text = (
        f" Trained and untrained networks taken together have {estimate(together)}, but this is mostly the difference"
    )
    text += f" between them: given “trained?”, {estimate(fixed)}."
    for share in added(row, commonality):
        text += f" Of the variance of the score, “trained?” explains {number(share.r2_other, 3)}, and both explain "
        text += f"{number(share.r2_both, 3)}."
    return text


def added(row: Any, commonality: pd.DataFrame | None) -> Iterator:
    """How much of the variance of a score its geometry explains beside whether networks are trained."""
    if commonality is not None:
        chosen = (commonality.geometry == row.geometry) & (commonality.score == row.score)
        shares = commonality[chosen & (commonality.across == LAYERS) & (commonality.other == TRAINED)]
        yield from shares.dropna(subset="unique").itertuples()


def chance_claims(summary: dict[str, pd.DataFrame], evidence: Evidence) -> Iterator[Claim]:
    """How many relations are established, beside what chance gives."""
    asked = evidence.asked[evidence.asked.p.notna() & ~evidence.asked.score.map(is_average).astype(bool)]
    if asked.empty:
        return
    for row in expected(summary.get("chance"), evidence):
        text = (
            f"Of {row.relations:,} relations {networks_asked(evidence)}, {row.passed_q:,} have q < .05, where chance "
            f"gives {number(row.chance_q, 1)} (95 %: up to {row.chance_q_high:.0f}); {row.passed_p:,} have p < .05, "
            f"where chance gives {number(row.chance_p, 1)} (95 %: up to {row.chance_p_high:.0f})."
        )
        if row.scores > 1:
            text += f" The {row.scores:.0f} scores are worth {number(row.effective_scores, 1)} independent ones."
        yield Claim(text, "table-chance", rows_of("chance.csv", across=LAYERS, within=row.within))
        return
    established = int(asked.established.sum())
    are = "is" if established == 1 else "are"
    yield Claim(
        f"Of {count(len(asked), 'relation')} {networks_asked(evidence)}, {established} {are} established at a false "
        f"discovery rate of 5 %.",
        f"table-{TABLE}",
        source_of(evidence),
    )


def expected(chance: pd.DataFrame | None, evidence: Evidence) -> Iterator:
    """The row that says what chance gives for the question, if permutations tell it."""
    if chance is not None:
        rows = at(chance.fillna({"within": "", "given": ""}), *evidence.question)
        yield from rows[(rows.across == LAYERS) & rows.chance_q.notna()].itertuples()


def never(evidence: Evidence) -> Iterator[Claim]:
    """Quantities that are established for no score."""
    asked = evidence.asked[evidence.asked.p.notna()]
    of_geometry = asked.groupby(["geometry", "scale"], sort=False).established.any()
    names = [quantity_label(geometry, scale) for geometry, scale in of_geometry.index[~of_geometry]]
    if names and of_geometry.any():
        few = names if len(names) <= MOST_NAMES else [*names[:MOST_NAMES], f"{len(names) - MOST_NAMES} more"]
        yield Claim(
            f"Of {len(of_geometry)} quantities, {len(names)} {'goes' if len(names) == 1 else 'go'} with no score here: "
            f"{listed(few)}.",
            f"table-{TABLE}",
            source_of(evidence),
        )


def unknown(evidence: Evidence) -> Iterator[Claim]:
    """What the relations cannot tell: too few families, and areas that respond to labels."""
    too_few = [kind for kind in evidence.kinds if at(evidence.rows, kind, "").families.max() < FEWEST_FAMILIES]
    if len(evidence.relations) and evidence.relations.low.isna().all():
        enough = evidence.relations.families.max() >= FEWEST_FAMILIES
        yield Claim(
            "No relation has an interval: columns that do not vary and perfect correlations (r = ±1) have none."
            if enough
            else "No relation has an interval, which needs networks of four families or more (networks that share data "
            "and initial weights are one)."
        )
    elif too_few:
        yield Claim(
            f"There are too few {listed([kind_name(kind) for kind in too_few])} networks for relations among them: "
            f"an interval needs four families (networks that share data and initial weights are one)."
        )
    read_out = evidence.relations[of_same_labels(evidence.relations)].geometry.nunique()
    if read_out:
        yield Claim(
            f"Relations of simulated areas with quantities that are read out of the labels of images ({read_out} here) "
            f"are left out above, because the areas respond to the same labels."
        )

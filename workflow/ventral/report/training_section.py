"""Results on the networks that a study trains, in sentences and as a table."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ventral.figures.equivariance import PANELS, Panel, of_panel, values
from ventral.figures.labels import area_label, count, listed, number, with_interval
from ventral.report.claims import Claim, rows_of
from ventral.report.sortable import Cell, Table, figure, interval, text

ENDS = ("difference_low", "difference_high")


def sweep_sentences(summary: dict[str, pd.DataFrame]) -> Iterator[Claim]:
    """For each entry, how every quantity of the figure differs from λ = 0, and whether this is established."""
    means, _ = values(summary)
    for entry, own in means.groupby("entry", sort=False) if len(means) else ():
        changes = [change(line, panel) for panel in PANELS for line in lines_of(own, panel)]
        n = int(own.n.max())
        told = (
            f"A change is established if its 95 % interval over {count(n, 'seed')} excludes 0."
            if n > 1
            else "There is one seed, so none of this is established: another seed may show the opposite."
        )
        yield Claim(
            f"Networks of {entry} ({own.objective.iloc[0].replace('_', ' ')}, {own.layer.iloc[0]}), from λ = 0 to "
            f"{own['lambda'].max():g}: {'; '.join(changes)}. {told}",
            "table-sweep",
            rows_of("equivariance.csv", entry=entry, layer=own.layer.iloc[0]),
        )


def change(line: pd.DataFrame, panel: Panel) -> str:
    """The change along one line of the figure as text."""
    last = line.iloc[-1]
    place = f" in {area_label(last.recording, last.area, last.simulated)}" if last.recording else ""
    name = panel.title[0].lower() + panel.title[1:] + place
    mean = round(panel.sign * last.difference, 3) + 0.0  # avoids −0
    low, high = (panel.sign * last[ends] for ends in ENDS[:: panel.sign])
    if not np.isfinite(mean):
        return f"{name} is undefined"
    said = f"{name} changes by {'+' if mean > 0 else ''}{number(mean, 3)}"
    if np.isfinite(low + high):
        said += f" [{number(low, 3)}, {number(high, 3)}]{'' if low * high > 0 else ', which is not established'}"
    steps = np.diff([0.0, *(panel.sign * line.difference[line["lambda"] > 0])])
    if len(steps) > 1 and np.isfinite(steps).all():
        ways = {(True, False): "rising at every step", (False, True): "falling at every step"}
        said += f" ({ways.get((bool((steps > 0).all()), bool((steps < 0).all())), 'not in one direction')})"
    return said


def training_notes(
    summary: dict[str, pd.DataFrame], without_baseline: list[str], shown_in_training: dict[str, str] | None = None
) -> list[str]:
    """Warnings about the networks that the study trained."""
    notes = []
    seeds = summary["training"].groupby("entry", sort=False).seed.nunique() if "training" in summary else pd.Series()
    alone = [entry for entry, n in seeds.items() if n == 1]
    if alone:
        which = "Networks" if len(alone) == len(seeds) else f"Networks of {listed(alone)}"
        notes.append(f"{which} were trained with one seed only, so differences between them have no interval.")
    if without_baseline:
        notes.append(f"{listed(without_baseline)}: trained without λ = 0, so no differences from it are given.")
    for stimuli, origin in (shown_in_training or {}).items():
        notes.append(f"{stimuli}: Networks of this study were trained on these images (from {origin}).")
    return notes


def sweep_table(summary: dict[str, pd.DataFrame]) -> Table:
    """The quantities of the figure and their differences from λ = 0, for every λ in the deepest layers."""
    means, _ = values(summary)
    entries = means.groupby("entry", sort=False) if len(means) else ()
    return Table(
        "sweep",
        "Trained networks against λ",
        "Means over seeds in the deepest layer, with 95 % intervals of Student’s t if there are two seeds or more. "
        "Differences are from the network of the same seed with λ = 0. All layers are in equivariance.csv.",
        [
            ("networks", "as named in the configuration"),
            ("quantity", "a cosine of 1 means the same axes, 0 separate ones"),
            ("where", "area, or images"),
            ("λ", "share of the equivariant term"),
            ("value", ""),
            ("difference", "from λ = 0, paired by seed"),
            ("seeds", ""),
        ],
        [row for entry, own in entries for row in sweep_rows(entry, own)],
    )


def sweep_rows(entry: str, means: pd.DataFrame) -> Iterator[list[Cell]]:
    """Every quantity of the networks of one entry, for every λ."""
    for panel, line in [(one, line) for one in PANELS for line in lines_of(means, one)]:
        first = line.iloc[0]
        place = area_label(first.recording, first.area, first.simulated) if first.recording else first.stimuli
        for row in line.rename(columns={"lambda": "weight"}).itertuples():
            yield [
                *map(text, (entry, panel.quantity, place)),
                figure(row.weight, 3),
                interval(row),
                Cell(with_interval(row.difference, row.difference_low, row.difference_high, 3), float(row.difference)),
                Cell(f"{int(row.n)}", int(row.n)),
            ]


def lines_of(means: pd.DataFrame, panel: Panel) -> list[pd.DataFrame]:
    """The lines of one panel, each sorted by λ."""
    keys = ["recording", "area", "stimuli"]
    return [line.sort_values("lambda") for _, line in of_panel(means, panel).groupby(keys, sort=False)]

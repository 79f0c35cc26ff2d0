"""The pictures of the page: interactive charts, and the static figures that no chart stands for."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ventral.figures.drawing import caption
from ventral.figures.spec import specs
from ventral.report.charts.chart import Chart, Drawing
from ventral.report.embed import picture


@dataclass(frozen=True)
class Picture:
    """One picture and its texts.

    `image` is a data URI, which a chart shows only without JavaScript, and `inches` is its width. The page draws an
    inch of all figures alike, so that their texts have one size.
    """

    id: str
    place: int
    heading: str
    caption: str
    alt: str
    image: str
    inches: float = 0.0
    chart: bool = False
    first: bool = False


def pictures(
    drawings: dict[str, Drawing],
    charts: dict[str, Chart],
    figures: Iterable[str | Path],
    summary: dict[str, pd.DataFrame],
) -> list[Picture]:
    """Every chart that is drawn, and every figure that none of them replaces, in the order of the page."""
    static = {Path(file).stem: static_picture(Path(file), summary) for file in figures}
    shown = [interactive_picture(name, charts[name], drawing, static) for name, drawing in drawings.items()]
    replaced = {charts[name].figure for name in drawings}
    shown += [one for name, one in static.items() if name not in replaced]
    return sorted(shown, key=lambda one: one.place)


def static_picture(file: Path, summary: dict[str, pd.DataFrame]) -> Picture:
    """One figure of `ventral.figures` with its caption and its alternative text."""
    spec = specs()[file.stem]
    text = caption(file.stem, {name: summary[name] for name in spec.tables if name in summary})
    return Picture(
        f"figure-{file.stem}", spec.place, spec.heading, text, alternative(spec.heading, text), *picture(file)
    )


def interactive_picture(name: str, chart: Chart, drawing: Drawing, static: dict[str, Picture]) -> Picture:
    """One chart, with the figure that stands for it without JavaScript."""
    image, inches = (static[chart.figure].image, static[chart.figure].inches) if chart.figure in static else ("", 0.0)
    alt = alternative(chart.heading, drawing.caption)
    return Picture(name, chart.place, chart.heading, drawing.caption, alt, image, inches, True, chart.first)


def alternative(heading: str, text: str) -> str:
    """The alternative text of a picture: its heading and the first sentence of its caption."""
    return f"Figure: {heading}. {text.split('. ')[0]}."

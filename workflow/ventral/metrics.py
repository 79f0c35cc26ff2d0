"""What a metric is, and how a quantity (a metric of something) is named as a column of `layers.csv`.

Every module that measures something lists its metrics in `METRICS`. `ventral.catalog` collects them, and tables,
relations, figures, the report and the documentation read them there.
"""

import re
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

SCENE = "scene"  # what a parameter is compared with unless another parameter is named
AVERAGE = "average"  # stands for the recording in the name of an average over recordings


class Role(Enum):
    """What a metric is for. Relations correlate every GEOMETRY and every ACCURACY with every SCORE, and no others."""

    GEOMETRY = "geometry"
    ACCURACY = "accuracy"
    SCORE = "score"
    CEILING = "ceiling"
    CONTROL = "control"
    FLOOR = "floor"


@dataclass(frozen=True)
class Method:
    """One idea of the methods section, which one metric or several share.

    Attributes
    ----------
    heading : str
    text : str
        Definition, intervals and controls.
    source : str
        Paper and equation; "" without one.
    references : tuple of str
        Keys of the papers in `ventral/report/references.bib`.
    of_labels : bool
        Whether its metrics are computed from the labels of images, to which simulated areas respond.
    """

    heading: str
    text: str
    source: str = ""
    references: tuple[str, ...] = ()
    of_labels: bool = False


@dataclass(frozen=True)
class Metric:
    """One metric.

    Attributes
    ----------
    name : str
        As in the column `metric` of every table.
    label : str
        On axes and in sentences.
    role : Role
    text : str
        One sentence that defines it, with what a large value means.
    method : Method
    bounds : (float or None, float or None)
        The smallest and the largest possible value; None if there is no limit. Unbiased estimates can exceed the bounds
        because of sampling error.
    unit : str
        "" for a number without a unit.
    log : bool
        Whether relations use its logarithm.
    same_as : str
        Another metric of which it is a fixed increasing function in every area, so that relations use only that one;
        or a decreasing one, whose relations have the other sign.
    variant_of : str
        Another metric that measures the same quantity with another threshold, number of guesses, read-out or measure
        of similarity; relations of both are one question, and the one that comes first in the registry stands for it.
    settings : bool
        Whether its parameters are settings of one quantity, such as numbers of images, of which the first stands for
        all; other parameters, such as pose, are different quantities.
    heading : str
        Of its column in the tables of the report; "" if it has none.
    counts : str
        The singular of what `n` counts.
    ceiling, control : str
        For a score: the metrics that hold its noise ceiling and its control.
    """

    name: str
    label: str
    role: Role
    text: str
    method: Method
    bounds: tuple[float | None, float | None] = (None, None)
    unit: str = ""
    log: bool = False
    same_as: str = ""
    variant_of: str = ""
    settings: bool = False
    heading: str = ""
    counts: str = "image"
    ceiling: str = ""
    control: str = ""

    @property
    def related(self) -> bool:
        """Whether relations use it."""
        return self.role in (Role.GEOMETRY, Role.ACCURACY, Role.SCORE) and not self.same_as

    def as_control(self, name: str, label: str, text: str, **others: Any) -> "Metric":
        """The same metric of something that it is compared with, under its own name and without a column of the report.

        Parameters
        ----------
        name, label, text : str
        **others
            Further attributes that differ.
        """
        kept = {"heading": "", "control": ""} | others
        return replace(self, name=name, label=label, text=text, role=Role.CONTROL, **kept)


@dataclass(frozen=True)
class Quantity:
    """A metric of something. This is the only place that knows how the columns of `layers.csv` are named.

    Geometry is named `metric@stimuli`, `metric[parameter]@stimuli` or `metric[parameter|against]@stimuli`, and
    predictivity `metric@recording/area`.

    Attributes
    ----------
    metric : str
        Without "[" and "@".
    parameter : str
        What is varied, or the number of images; "" if there is none. Without "|" and "]".
    against : str
        The parameter that it is compared with; "" for the scenes. Without "]".
    stimuli : str
        For geometry: the stimulus set, without "/".
    recording, area : str
        For predictivity. The recording has no "/" in its name; the area may have any name. An average has the recording
        "average" and says in place of the area what it is of: `ridge_r@average/macaque areas`.
    """

    metric: str
    parameter: str = ""
    against: str = ""
    stimuli: str = ""
    recording: str = ""
    area: str = ""

    def __str__(self) -> str:
        inside = f"{self.parameter}|{self.against}" if self.against else self.parameter
        where = f"{self.recording}/{self.area}" if self.recording else self.stimuli
        return f"{self.metric}[{inside}]@{where}" if inside else f"{self.metric}@{where}"

    @classmethod
    def parse(cls, column: str) -> "Quantity":
        """The quantity that a column holds.

        Raises
        ------
        ValueError
            The text is not the name of such a column.
        """
        match = re.fullmatch(r"([^\[@]+)(?:\[([^]|]*)(?:\|([^]]*))?\])?@(?:([^/]*)|([^/]+)/(.*))", column, re.DOTALL)
        if not match:
            raise ValueError(f"{column!r} is no quantity; they are named metric[parameter|against]@stimuli.")
        return cls(*(part or "" for part in match.groups()))

    @classmethod
    def of(cls, **row: str) -> "Quantity":
        """The quantity of a row of a long table, in which `against` may be "scene"."""
        return cls(**row | {"against": "" if row["against"] == SCENE else row["against"]})

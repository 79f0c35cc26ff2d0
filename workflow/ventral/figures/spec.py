"""What the rules and the report know of a figure, without importing what draws it.

A figure is one module of `ventral.figures` with `FIGURE = Spec(…)` and two functions of the summary tables: `draw`
returns a matplotlib figure, and `caption` the text under it. The arguments of `Spec` are literals, which `specs` reads
from the text of the module: every job parses the Snakefile, and none of them should import matplotlib for it.
"""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ventral.core.discover import binding
from ventral.stimuli.motions import CLIPS

if TYPE_CHECKING:
    from ventral.study import Study

AREAS = "recorded areas"
REPRESENTATIONS = "two representations"
NEEDS: dict[str, Callable[["Study"], bool]] = {
    "": lambda study: True,
    "a parameter": lambda study: any(map(study.parameters_of, study.measured_sets)),
    "clips": lambda study: any({*CLIPS} & {*study.parameters_of(stimuli)} for stimuli in study.measured_sets),
    "two parameters": lambda study: any(len(study.parameters_of(stimuli)) > 1 for stimuli in study.measured_sets),
    "independent images": lambda study: any(map(study.is_independent, study.measured_sets)),
    "classes": lambda study: any(map(study.is_labeled, study.measured_sets)),
    "a recording": lambda study: bool(study.recordings),
    "recorded units": lambda study: bool(study.neural),
    AREAS: lambda study: bool(study.neural),
    "trained networks": lambda study: bool(study.networks),
    REPRESENTATIONS: lambda study: (
        sum(map(len, study.layers.values())) + len(study.represented) > 1 or not study.layers
    ),
}


@dataclass(frozen=True)
class Spec:
    """One figure, which has the name of its module.

    Attributes
    ----------
    place : int
        Figures with a smaller place come first in the report.
    heading : str
        Of its section in the report.
    needs : str
        What a study must have for it, one of `NEEDS`.
    tables : names of summary tables
        That it is drawn from.
    about : str
        Its caption in Snakemake's own report, in reStructuredText.
    """

    place: int
    heading: str
    needs: str
    tables: tuple[str, ...]
    about: str

    def applies(self, study: "Study") -> bool:
        """Whether a study has what the figure needs, which is models unless it shows recorded areas."""
        return NEEDS[self.needs](study) and (bool(study.layers) or self.needs in (AREAS, REPRESENTATIONS))


@cache
def specs() -> dict[str, Spec]:
    """Every figure by name, in the order of the report."""
    figures = {file.stem: read(file) for file in binding(Path(__file__).parent, "FIGURE")}
    return dict(sorted(figures.items(), key=lambda pair: pair[1].place))


def read(file: Path) -> Spec:
    """The spec that a module binds to `FIGURE`, without running the module."""
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "FIGURE":
            return Spec(**{argument.arg: ast.literal_eval(argument.value) for argument in node.value.keywords})
    raise ValueError(f"{file.name} has no FIGURE = Spec(…) at its top level.")

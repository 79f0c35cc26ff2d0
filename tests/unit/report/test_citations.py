"""Every paper that a study can cite is in the bibliography, and the bibliography is complete."""

import pkgutil
import re
import unicodedata
from importlib import import_module

import pytest
import synthetic

from ventral.catalog import METRICS
from ventral.recordings import kinds
from ventral.recordings.kinds import brainscore
from ventral.report.citations import BIBLIOGRAPHY, bibliography, cited, of_doi
from ventral.report.methods import ASSOCIATED, NOISE, TRAINING, paragraph
from ventral.report.provenance import Recording, Stimuli
from ventral.training.objectives import OBJECTIVES

METHODS = [*dict.fromkeys([*(metric.method for metric in METRICS.values()), TRAINING])]  # in order, for pytest-xdist


def test_every_entry_has_what_a_reference_needs():
    text = BIBLIOGRAPHY.read_text(encoding="utf-8")
    papers = bibliography()
    assert len(papers) == text.count("\n@") + 1 and [*papers] == sorted(papers)
    for paper in papers.values():
        assert {"author", "title", "year"} <= paper.fields.keys(), paper.key
        assert ("journal" in paper.fields) + ("booktitle" in paper.fields) == 1, paper.key
        family = unicodedata.normalize("NFD", paper.authors[0].partition(",")[0].lower())
        assert paper.key == family.encode("ascii", "ignore").decode() + paper.fields["year"]
        assert all(", " in author for author in paper.authors), paper.key
        assert "{" not in paper.listed and paper.bibtex.count("{") == paper.bibtex.count("}")
    assert len({paper.cited for paper in papers.values()}) == len(papers)


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.heading)
def test_the_references_of_a_method_are_those_that_its_source_names(method):
    papers = [bibliography()[key] for key in method.references]
    for paper in papers:
        assert paper.authors[0].partition(",")[0] in method.source and paper.fields["year"] in method.source
    assert len(papers) == len(re.findall(r"\(\d{4}\)", method.source))


def test_every_entry_is_used_by_a_method_an_objective_or_a_recording():
    used = {key for method in METHODS for key in method.references} | {*ASSOCIATED, *NOISE}
    used |= {objective.reference for objective in OBJECTIVES.values() if objective.reference}
    modules = [import_module(f"{kinds.__name__}.{found.name}") for found in pkgutil.iter_modules(kinds.__path__)]
    citations = [module.CITATION for module in modules if hasattr(module, "CITATION")]
    citations += [one.citation for one in brainscore.PUBLISHED.values()]
    used |= {key for citation in citations for key in of_doi(citation)}
    assert used == {*bibliography()}


def test_papers_are_cited_by_their_authors_and_year():
    assert cited(["elmoznino2024", "chen2010"]) == "(Elmoznino & Bonner, 2024; Chen et al., 2010)" and cited([]) == ""
    listed = bibliography()["walther2016"].listed
    assert listed.startswith("Walther, Alexander; Nili, Hamed; ") and "137, 188–200." in listed


def test_the_paragraph_cites_what_the_study_used_and_nothing_else():
    none = [0] * 5  # units that were dropped, what is missing, and choices
    recordings = [
        Recording("macaque", False, 52, 640, 8, [("V4", 52)], *none, "", "", "Cowley, doi:10.1038/s41586-026-10150-1"),
        Recording("made", True, 60, 400, 8, [("V1", 60)], *none, "", "", "nobody"),
        Recording("judged", False, 0, 90, 0, [], *none, "", "", "J (2026)", matrices=6, observers=3, measure="judged"),
        Recording("ours", False, 9, 400, 8, [("V1", 9)], *none, "", "", "Our laboratory (2026)"),
    ]
    study = synthetic.study(5)
    sweep = {"objective": "mmcr", "lambda": [0, 0.2], "architecture": "resnet18", "data": {"folder": "x"}}
    told = paragraph(study, [Stimuli("scenes", 400, 10, [], "", "")], recordings, {"sweep": sweep})
    for part in ("22 layers of 5 networks (5 untrained) and 2 baselines", "400 images of 1 stimulus set"):
        assert part in told.text
    for part in ("(Cowley et al., 2026)", "Goris et al., 2014", "(Our laboratory (2026))", "(Lindsey & Issa, 2024)"):
        assert part in told.text
    assert "(judged) of 3 observers" in told.text
    assert "objective mmcr (Yerxa et al., 2023; Yerxa et al., 2024)" in told.text and "Doersch" not in told.text
    assert all(any(paper.listed == line for paper in bibliography().values()) for line in told.references)
    assert told.bibtex.count("@") == len(told.references) and "majaj2015" not in told.bibtex
    assert "Chen, Song Xi" in "".join(told.references)

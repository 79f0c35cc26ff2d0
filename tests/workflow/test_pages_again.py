"""Pages without Snakemake: of a whole study, of one whose models failed, and of several studies."""

import shutil

from ventral.__main__ import main


def page_of(study, *arguments: str) -> str:
    out = study.folder / "again.html"
    main(["report", str(study.folder / "results"), "--out", str(out), *arguments])
    return out.read_text()


def test_the_page_of_a_whole_study_is_the_same(finished):
    assert page_of(finished) == (finished.folder / "results" / "report.html").read_text()


def test_a_study_whose_model_failed_has_a_page_that_says_so(finished, capsys):
    results = finished.folder / "results"
    shutil.rmtree(results / "geometry" / "scenes" / "pixels")
    (results / "summary" / "layers.csv").unlink()
    page = page_of(finished)
    assert "pixels" in capsys.readouterr().err
    assert "pixels is left out" in page and "squeezenet" in page
    assert not (results / "summary" / "layers.csv").exists()  # the summary of a part is not that of the study

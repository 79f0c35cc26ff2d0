"""Areas, names and titles are drawn as they are: nothing of them is mathematical text, a format or markup."""

import warnings
import xml.etree.ElementTree as ElementTree

import pytest
import synthetic
from matplotlib import rc_context
from matplotlib.text import Text

from ventral.figures.drawing import caption, draw, save
from ventral.figures.spec import specs
from ventral.report.page import write_report
from ventral.summary.layers import summarize

STRANGE = ("V$\\frac{$", "$x^2$", "=1+1", "@SUM(a)|b]/c", "<b>&\"'", "_V1", "%s {x} {} \\", "-", "V₄")
BROKEN = ("V4\nleft", "bell\x07", "tab\tbed", "\x1b[31mred")


def study(areas):
    """A study with every figure, whose recorded areas have these names."""
    places, shown = synthetic.models(3, 2, 1), synthetic.recordings("simulated", "real")
    sets = ("scenes", "naturalistic", "real")
    measured = synthetic.geometry(places, sets, ("pose", "light"))
    tables = summarize(measured, synthetic.predictivity(places, shown, areas), places, shown)
    tables |= {"spectra": synthetic.spectra(places, sets), "areas": synthetic.recorded_geometry(shown, areas)}
    tables |= {"universality": synthetic.universality(places, shown, areas)}
    return tables | {"similarity": synthetic.similarity(places, shown, sets, areas)}


STUDY = study((*STRANGE, *BROKEN))
SHOW_AREAS = ("depth", "dimensionality", "similarity")


@pytest.mark.parametrize("name", specs())
def test_areas_are_drawn_letter_by_letter(name, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save(name, STUDY, tmp_path / "figure.svg", tmp_path / "figure.png")
    parts = [part for one in ElementTree.parse(tmp_path / "figure.svg").iter() for part in (one.text, one.tail) if part]
    drawn = "\n".join(parts)
    assert "mathdefault" not in drawn and "^{" not in drawn
    for area in (*STRANGE, "V4 left", "bell�", "tab bed", "�[31mred") if name in SHOW_AREAS else ():
        assert area in drawn, area


@pytest.mark.parametrize("name", specs())
def test_no_text_of_a_figure_is_read_as_a_formula(name):
    figure = draw(name, STUDY)
    with rc_context({"text.parse_math": True}):  # as a notebook would show it
        figure.draw_without_rendering()
    assert not any(text.get_parse_math() for text in figure.findobj(Text) if "$" in text.get_text())


def test_powers_of_ten_are_plain_text():
    figure = draw("spectra", STUDY)
    figure.draw_without_rendering()
    labels = {label.get_text() for label in (*figure.axes[0].get_xticklabels(), *figure.axes[0].get_yticklabels())}
    assert {"10⁰", "10²", "10⁻²"} <= labels and not any("$" in label for label in labels)


def test_titles_names_and_areas_are_escaped_in_the_report(tmp_path):
    title = "<script>alert(1)</script> V$\\frac{$ {{ 7*7 }}"
    model = {"source": "torchvision", "architecture": "alexnet", "weights": None, "baseline": False, "preprocess": {}}
    config = {"title": title, "seed": 0, "models": dict.fromkeys(STUDY["layers"].model.unique(), model)}
    write_report(tmp_path / "report.html", STUDY, config, [], [], [])
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page and "{{ 7*7 }}" in page
    assert '<b>&"' not in page and "&lt;b&gt;&amp;&#34;" in page
    for name in specs():
        assert "\x07" not in caption(name, STUDY)

"""Figures: they hold for every shape of study, say what is simulated, and are the same bytes each time."""

import itertools
import warnings
import xml.etree.ElementTree as ElementTree

import pandas as pd
import pytest
import synthetic
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from ventral.core.table_files import write_table
from ventral.figures.drawing import caption, draw, save
from ventral.figures.labels import area_label, number, quantity_label, with_interval
from ventral.figures.spec import specs
from ventral.figures.style import COLORS, HEADING, SIZE, marks
from ventral.summary import read_summary

STUDIES = {
    "default": synthetic.study(),
    "one model": synthetic.study(1, 3, 0),
    "many models": synthetic.study(20, 2, 2, parameters=("pose",)),
    "many pairs": synthetic.study(20, 1, 1),
    "trained": synthetic.trained(("a", "b"), seeds=(0, 1)),
    "no recordings": synthetic.study(3, 12, 1, ()),
    "choices": synthetic.study(5, 3, 1, ("choices",)),
    "no parameters": synthetic.study(2, 1, 2, ("macaque_v4_210325", "macaque_v4_201025"), ()),
    "five parameters": synthetic.study(2, 2, 0, ("simulated", "macaque_v4_210325"), ("a", "b", "c", "d", "e")),
}
SIZES = {str(count): synthetic.study(count, 1, 1, parameters=("pose", "light")) for count in (1, 6, 46)}


def words(figure):
    """All text of a figure."""
    texts = figure.findobj(lambda artist: hasattr(artist, "get_text"))
    return " ".join(text.get_text() for text in texts)


@pytest.mark.slow
@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("name", specs())
def test_every_figure_draws_every_study_without_a_warning(name, study, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = draw(name, STUDIES[study])
        figure.savefig(tmp_path / "figure.svg")
    ElementTree.parse(tmp_path / "figure.svg")
    width, height = figure.get_size_inches()
    assert 4 <= width <= 9 and height <= 16  # a report's column


@pytest.mark.parametrize("name", specs())
def test_a_figure_is_drawn_from_the_tables_that_it_names(name):
    study = STUDIES["trained"]
    named = {table: study[table] for table in specs()[name].tables}
    assert words(draw(name, named)) == words(draw(name, study)) and caption(name, named) == caption(name, study)


@pytest.mark.parametrize("name", specs())
def test_text_stays_inside_and_axes_are_labeled(name):
    figure = draw(name, STUDIES["default"])
    figure.draw_without_rendering()
    renderer = FigureCanvasAgg(figure).get_renderer()
    for ax in figure.axes:
        left, right = ax.title.get_window_extent(renderer).x0, ax._left_title.get_window_extent(renderer).x1
        assert left >= 0 and right <= figure.bbox.width + 1
        shows_ticks = any(label.get_text() for label in ax.get_xticklabels() if label.get_visible())
        assert ax.get_xlabel() or not shows_ticks


@pytest.mark.parametrize("name", ["spectra", "sample_size"])
@pytest.mark.parametrize("model", ["equivariant_lambda0.2_seed0", "n" * 100])
def test_long_names_over_panels_do_not_meet(name, model):
    study = dict(STUDIES["default"])
    models = study["layers"].model.unique()
    long = {one: f"{model}{i}" for i, one in enumerate(models)}
    for key, table in study.items():
        if table is not None and "model" in table:
            study[key] = table.assign(model=table.model.replace(long))
    figure = draw(name, study)
    figure.draw_without_rendering()
    renderer = FigureCanvasAgg(figure).get_renderer()
    places = [ax._left_title.get_window_extent(renderer) for ax in figure.axes]
    assert len(places) > 2 and all(place.width for place in places)
    for i, one in enumerate(places):
        assert not any(one.overlaps(other) for other in places[i + 1 :])


def test_the_same_tables_give_the_same_bytes(tmp_path):
    for name in ("invariance", "depth", "spectra"):
        first, again = tmp_path / f"{name}_1", tmp_path / f"{name}_2"
        for path in (first, again):
            save(name, STUDIES["one model"], path.with_suffix(".svg"), path.with_suffix(".png"))
        for suffix in (".svg", ".png"):
            assert first.with_suffix(suffix).read_bytes() == again.with_suffix(suffix).read_bytes()


def test_text_of_an_svg_is_text_and_it_carries_its_caption(tmp_path):
    save("depth", STUDIES["one model"], tmp_path / "depth.svg", tmp_path / "depth.png")
    text = (tmp_path / "depth.svg").read_text()
    assert ">relative depth</text>" in text and "All responses are simulated" in " ".join(text.split())
    assert "<dc:date>" not in text


@pytest.mark.parametrize("name", ["dimensionality", "depth"])
def test_simulated_is_written_where_it_is_due_and_only_there(name):
    assert "simulated" in words(draw(name, STUDIES["default"])) and "simulated" in caption(name, STUDIES["default"])
    real = STUDIES["no parameters"]
    assert "simulated" not in words(draw(name, real)) and "simulated" not in caption(name, real)
    both = STUDIES["five parameters"]
    assert "some recordings simulated" in words(draw(name, both))
    assert "responses of the recording simulated are simulated" in caption(name, both)


def test_a_simulated_recording_cannot_hide_behind_its_name():
    assert area_label("session 3", "V4", True) == "V4 (session 3, simulated)"
    assert area_label("simulated", "V4", True) == "V4 (simulated)"
    assert area_label("simulated", "simulated V4", True) == "simulated V4"
    assert area_label("session 3", "V4", False) == "V4 (session 3)"


def test_quantities_in_words():
    assert quantity_label("effective_dimensionality@photos", "log") == "log effective dimensionality on photos"
    assert quantity_label("invariance[pose|light]@scenes", "linear") == "invariance for pose against light on scenes"
    assert quantity_label("few_shot_snr[5-shot]@photos", "linear") == "5-shot few-shot SNR on photos"


@pytest.mark.parametrize(
    ("name", "study"),
    [
        *(("dimensionality", "no recordings"), ("depth", "no recordings"), ("factorization", "no parameters")),
        *(("corrected_factorization", "no parameters"), ("parameter_pairs", "no parameters")),
        ("parameter_pairs", "many models"),
    ],
)
def test_a_figure_without_data_is_a_sentence(name, study):
    figure = draw(name, STUDIES[study])
    assert not figure.axes and words(figure).split() == caption(name, STUDIES[study]).split()


@pytest.mark.parametrize("name", ["sample_size", "classes"])
def test_sets_without_independent_images_have_neither_corrected_dimensionality_nor_classes(name):
    tables = STUDIES["one model"] | {"geometry": synthetic.geometry(synthetic.models(1, 3, 0), ("scenes",))}
    tables["geometry"] = tables["geometry"][tables["geometry"].metric != "corrected_effective_dimensionality"]
    figure = draw(name, tables)
    assert not figure.axes and words(figure).split() == caption(name, tables).split()


def test_numbers_of_the_pairs_are_those_of_the_deepest_layers():
    tables = STUDIES["default"]
    figure = draw("parameter_pairs", tables)
    row = {"parameter": "pose", "against": "lighting", "metric": "factorization"}
    geometry = tables["geometry"]
    chosen = (geometry[list(row)] == pd.Series(row)).all(axis=1) & (geometry.layer == "features.3")
    [value] = geometry.value[chosen & (geometry.model == "network2")]
    [panel] = [ax for ax in figure.axes if ax.get_title(loc="left").startswith("network2")]
    cells = {text.get_position(): text.get_text() for text in panel.texts}
    assert len(cells) == 4 * 5 - 4 and cells[2.5, 0.5] == number(value)  # first row, third column
    assert "±0.10 at the median" in caption("parameter_pairs", tables) and "90 %" in caption("parameter_pairs", tables)


def test_pairs_of_many_models_are_medians():
    figure, geometry = draw("parameter_pairs", STUDIES["many pairs"]), STUDIES["many pairs"]["geometry"]
    titles = [" ".join(ax.get_title(loc="left").split()) for ax in figure.axes[:2]]
    assert titles == ["median over 20 untrained networks", "gabor (baseline)"]
    chosen = geometry.model.str.startswith("network") & (geometry.metric == "factorization")
    chosen &= (geometry.parameter == "viewpoint") & (geometry.against == "pose")
    cells = {text.get_position(): text.get_text() for text in figure.axes[0].texts}
    assert cells[0.5, 3.5] == number(geometry.value[chosen].median())


def test_captions_of_corrected_values_tell_plain_from_corrected_and_what_bars_are():
    tables = STUDIES["default"]
    text = caption("corrected_factorization", tables)
    assert all(part in text for part in ("95 % jackknife intervals over scenes", "three", "20 shuffles", "400 images"))
    geometry = tables["geometry"]
    wide = geometry.assign(high=geometry.high.where(geometry.metric != "corrected_covariance_factorization", 1.7))
    assert "continue beyond it" in caption("corrected_factorization", tables | {"geometry": wide})
    far = geometry.assign(value=geometry.value.where(geometry.metric != "corrected_covariance_factorization", -3.0))
    assert "values beyond it (−3.00)" in caption("corrected_factorization", tables | {"geometry": far})
    [panel, *_] = draw("corrected_factorization", tables | {"geometry": far}).axes
    assert {"<"} < {line.get_marker() for line in panel.lines}
    lost = wide[(wide.metric != "corrected_covariance_factorization") | (wide.model != "network1")]
    assert "missing where it is undefined" in caption("corrected_factorization", tables | {"geometry": lost})
    text = caption("sample_size", tables)
    assert all(part in text for part in ("50, 100 and 200 images", "all 400 images", "jackknife", "“naturalistic”"))


def test_few_shot_classes_stand_above_the_chance_of_their_number():
    figure = draw("classes", STUDIES["default"])
    for ax in figure.axes:
        assert 0.1 in {line.get_ydata()[0] for line in ax.lines} and ax.get_ylim()[0] == 0
    assert "10 classes of “naturalistic”" in caption("classes", STUDIES["default"])
    both = STUDIES["no parameters"]
    assert len(draw("classes", both).axes) == 9 and "(macaque_v4_201025)" in words(draw("classes", both))


def test_captions_state_thresholds_counts_and_bars():
    text = caption("factorization", STUDIES["default"])
    assert all(part in text for part in ("90 %", "400 images", "8 networks", "2 baselines", "without error bars"))
    text = caption("dimensionality", STUDIES["default"])
    assert all(
        part in text for part in ("400 images", "60 units", "95 % interval", "a jackknife that leaves out one model")
    )


def test_the_correlation_of_a_panel_is_that_of_the_table():
    tables = STUDIES["default"]
    row = tables["relations"].query(
        "across == 'layers' and statistic == 'pearson' and geometry == 'effective_dimensionality@naturalistic'"
        " and score == 'ridge_r@simulated/IT' and within == '' and given == ''"
    )
    panel = draw("dimensionality", tables).axes[2].get_title(loc="left")
    assert with_interval(*row[["value", "low", "high"]].iloc[0]) in panel and "32 layers of 8 networks" in panel


def test_untrained_networks_are_told_from_trained_ones_in_every_figure_that_names_them():
    study = synthetic.study(3, 2, 1)
    for table in ("layers", "geometry", "predictivity"):
        study[table].loc[study[table].model != "network1", "kind"] = "supervised"
    drawn = marks(study["layers"])
    assert drawn["network1"].dashes != drawn["network0"].dashes == "-"
    for name in ("depth", "dimensionality", "factorization", "corrected_factorization", "spectra", "parameter_pairs"):
        shown = words(draw(name, study))
        assert "network1 (untrained)" in " ".join(shown.split()) and "network0 (untrained)" not in shown


def test_shuffled_values_stand_beside_factorization():
    study = synthetic.study(2, 2, 1)
    rows = study["geometry"]
    control = rows[(rows.metric == "factorization") & (rows.against == "scene") & (rows.threshold == 0.9)]
    control = control.assign(metric="factorization_shuffled", value=0.123, low=0.1, high=0.15)
    assert "shuffled" not in words(draw("factorization", study)) + caption("factorization", study)
    study["geometry"] = pd.concat([rows, control])
    figure = draw("factorization", study)
    assert "shuffled images" in words(figure) and "Compare each model with its own" in caption("factorization", study)
    marked = [line for line in figure.axes[0].lines if line.get_marker() == "|"]
    assert [line.get_xdata()[0] for line in marked] == [0.123] * 3


def test_models_keep_their_marks_and_baselines_are_gray():
    drawn = marks(STUDIES["many models"]["layers"])
    networks = [(mark.color, mark.marker) for mark in drawn.values() if not mark.baseline]
    assert len(set(networks)) == 20 and {color for color, _ in networks} == set(COLORS)
    assert marks(STUDIES["default"]["layers"])["network3"] == drawn["network3"]
    for mark in (mark for mark in drawn.values() if mark.baseline):
        assert mark.color[1:3] == mark.color[3:5] == mark.color[5:7]


def test_figures_are_the_same_from_tables_in_files(tmp_path):
    tables = STUDIES["one model"]
    for name, table in tables.items():
        write_table(table, tmp_path / f"{name}.csv")
    again = {name: read_summary(tmp_path / f"{name}.csv") for name in tables}
    for name in specs():
        assert words(draw(name, again)) == words(draw(name, tables)) and caption(name, again) == caption(name, tables)


def test_numbers_have_a_true_minus_and_gaps_a_dash():
    assert number(-0.123) == "−0.12" and number(float("nan")) == "–"
    assert with_interval(0.5, float("nan"), float("nan")) == "0.50"


@pytest.mark.parametrize("name", ["depth", "dimensionality"])
def test_choices_of_observers_have_their_panel_beside_areas(name):
    study = synthetic.study(recorded=("simulated", "choices"))
    assert "behaviour (choices)" in words(draw(name, study))
    assert "i2n" in caption(name, study) and "900 pairs of an image and a distractor" in caption(name, study)
    assert "i2n" not in caption(name, synthetic.study())


@pytest.mark.parametrize("models", SIZES)
@pytest.mark.parametrize("name", specs())
def test_text_has_one_size_whatever_the_number_of_models(name, models):
    figure = draw(name, SIZES[models])
    sizes = {text.get_fontsize() for text in figure.findobj(Text) if text is not figure._suptitle and text.get_text()}
    assert sizes == {SIZE}
    assert figure._suptitle is None or figure._suptitle.get_fontsize() == HEADING


@pytest.mark.parametrize("models", SIZES)
def test_names_of_the_similarity_map_do_not_meet(models):
    figure = draw("similarity", SIZES[models])
    renderer = FigureCanvasAgg(figure).get_renderer()
    for ax in figure.axes[:2]:
        for labels in (ax.get_xticklabels(), ax.get_yticklabels()):
            places = [label.get_window_extent(renderer) for label in labels]
            assert not any(one.overlaps(other) for one, other in itertools.pairwise(places))

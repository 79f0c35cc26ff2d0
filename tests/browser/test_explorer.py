"""The explorer of the report in a browser: what is seen, chosen, written to files, and kept in its link."""

import csv

import pytest
from drawn_charts import figure_of
from matplotlib.path import Path as Polygon

PUBLISHED = {"Supervised": "0.79", "Self-Supervised": "0.91", "Untrained": "0.55"}  # r of ln ED with IT


@pytest.fixture
def explorer(look, table_page):
    """The explorer of the published layers, with its page."""

    def opened(address="", **options):
        page = look(table_page, **options)
        if address:
            page.evaluate("address => location.hash = address", address)
        return page, figure_of(page, "explorer")

    return opened


def texts(figure):
    """The sentences above the chart."""
    return figure.locator("[data-part=summary] li").all_inner_texts()


def wait_for_count(page, count):
    page.wait_for_function(
        "count => document.querySelector('[data-part=summary] li').textContent.startsWith(count)", arg=f"{count} layer"
    )


def test_lines_have_the_published_correlations_within_kinds_and_none_over_all(explorer):
    _, figure = explorer("explorer?x=effective_dimensionality&y=score_it&xlog=1")
    told = texts(figure)
    assert told[0] == "568 layers of 568 shown"
    assert {text.split(": r = ")[0]: text.split(": r = ")[1][:4] for text in told[1:]} == PUBLISHED
    assert all("[" in text for text in told[1:])


def test_filters_change_what_is_seen_and_the_link_keeps_it(explorer):
    page, figure = explorer()
    figure.get_by_role("checkbox", name="Untrained").uncheck()
    wait_for_count(page, 528)
    figure.get_by_role("searchbox").fill("resnet50 layer4")
    figure.locator("select[name=y]").select_option("score_it")
    figure.locator("select[name=line]").select_option("trained networks")
    page.wait_for_function("location.hash.includes('score_it') && location.hash.includes('trained')")
    told, address = texts(figure), page.evaluate("location.hash")
    assert len(told) == 2 and told[1].startswith("trained networks: r = ")
    _, other = explorer(address)
    assert texts(other) == told
    assert not other.get_by_role("checkbox", name="Untrained").is_checked()


PLACES = """() => {  // of the points that are drawn, in pixels of the canvas
  const view = views.get(document.querySelector("[data-part=plot]"));
  return view.data("source_0").map(row => placeIn(view, row));
}"""


def test_a_lasso_lists_the_layers_inside_and_files_have_them(explorer, tmp_path):
    page, figure = explorer("explorer?x=effective_dimensionality&y=score_it&xlog=1")
    figure.get_by_role("button", name="List all shown").press("Enter")
    assert figure.locator("tbody tr").count() == 200
    canvas = figure.locator("[data-part=plot] canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    shape = [(0.3, 0.1), (0.7, 0.1), (0.7, 0.7), (0.6, 0.7), (0.6, 0.2), (0.4, 0.2), (0.4, 0.7), (0.3, 0.7)]  # an arch
    corners = [(x * box["width"], y * box["height"]) for x, y in shape]
    page.mouse.move(box["x"] + corners[0][0], box["y"] + corners[0][1])
    page.mouse.down()
    for x, y in corners[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y)
    page.mouse.up()
    page.wait_for_function("/^[0-9]+ chosen/.test(document.querySelector('[data-part=chosen]').textContent)")
    count = int(figure.locator("[data-part=chosen]").inner_text().split()[0])
    places = page.evaluate(PLACES)
    inside = Polygon([*corners, corners[0]]).contains_points(places)
    hull = Polygon([corners[i] for i in (0, 1, 2, 7, 0)]).contains_points(places)
    assert count == inside.sum() and 0 < count < hull.sum()
    saved = {}
    for name in ("CSV", "SVG", "PNG"):
        with page.expect_download() as waiting:
            figure.get_by_role("button", name=name, exact=True).click()
        saved[name] = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(saved[name])
    rows = [*csv.DictReader(saved["CSV"].read_text().splitlines())]
    assert len(rows) == count and float(rows[0]["effective_dimensionality"]) > 0
    assert saved["SVG"].read_text().startswith("<svg")
    assert saved["PNG"].read_bytes().startswith(b"\x89PNG")


def test_a_click_on_the_map_opens_the_explorer(look, table_page):
    page = look(table_page)
    figure = figure_of(page, "relation_map")
    place = page.evaluate(
        """() => {
          const view = views.get(document.querySelector('figure[data-chart="relation_map"] .drawing'));
          const cells = item => item.marktype === "rect" && item.role === "mark" ? item.items
            : (item.items ?? []).flatMap(cells);
          const cell = cells(view.scenegraph().root)
            .find(one => one.datum?.row === "alpha" && one.datum.column === "score_it");
          const [left, top] = view.origin(), padding = view.padding();
          return { x: cell.x + cell.width / 2 + left + padding.left, y: cell.y + cell.height / 2 + top + padding.top };
        }"""
    )
    figure.locator("canvas").click(position=place)
    page.wait_for_function("location.hash.startsWith('#explorer?x=alpha&y=score_it')")
    chart = figure_of(page, "explorer")
    page.wait_for_function("document.querySelector('select[name=x]').value === 'alpha'")
    assert chart.locator("select[name=y]").input_value() == "score_it"


def test_the_view_stays_when_colors_change(explorer):
    page, figure = explorer("explorer?x=alpha&y=score_it", width=390)
    page.evaluate("setTheme('dark')")
    page.wait_for_function("document.querySelector('[data-part=plot] canvas')")
    assert figure.locator("select[name=x]").input_value() == "alpha"
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_map_offers_only_networks_that_have_cells(look, table_page):
    page = look(table_page)
    figure = figure_of(page, "relation_map")
    networks, across = (figure.locator(f"select[name={name}]") for name in ("condition", "across"))
    networks.select_option("within Supervised")
    layer = next(name for name in across.locator("option").all_inner_texts() if name.startswith("encode"))
    across.select_option(layer)
    page.wait_for_function("!document.querySelector('select[name=condition]').value.startsWith('within Sup')")
    assert networks.locator("option:checked").is_enabled()
    assert networks.locator("option[value='within Supervised']").is_disabled()
    hatches = page.evaluate(
        """() => {
          const view = views.get(document.querySelector('figure[data-chart="relation_map"] .drawing'));
          const rules = item => item.marktype === "rule" && item.role === "mark" ? item.items
            : (item.items ?? []).flatMap(rules);
          return rules(view.scenegraph().root).map(({ x, y, x2, y2 }) => [x - x2, y2 - y]);
        }"""
    )
    assert all(run == pytest.approx(rise) for run, rise in hatches)

"""The report in a browser: it is drawn, fits the screen, follows the theme, and works without a mouse."""

import time

import pytest
from drawn_charts import draw_all, figure_of

from ventral.report.charts.chart import charts

MARKS = """chart => {
  const count = item => item.items ? item.items.reduce((sum, one) => sum + count(one), 0) : 1;
  return count(views.get(document.querySelector(`figure[data-chart="${chart}"] .drawing`)).scenegraph().root);
}"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("colors", ["light", "dark"])
def test_all_charts_are_drawn_and_nothing_is_wider_than_the_screen(look, study_page, width, colors):
    page = look(study_page, width, colors)
    names = draw_all(page)
    assert names and {*names} <= {*charts()}
    for name in names:
        if page.evaluate(f"views.has(document.querySelector('figure[data-chart=\"{name}\"] .drawing'))"):
            assert page.evaluate(MARKS, name) > 10, name
    assert page.evaluate(OVERFLOW) <= 0
    light = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert light == (colors == "light")


def test_the_page_of_a_table_draws_its_charts(look, table_page):
    page = look(table_page)
    draw_all(page)
    assert "568" in page.locator("header").inner_text()
    assert page.locator("#table-relations").count() == 1


def test_a_chart_is_drawn_when_it_comes_into_view(look, study_page):
    page = look(study_page, width=390)
    last = page.locator("figure[data-chart]").last
    assert last.get_attribute("data-state") is None
    figure_of(page, last.get_attribute("data-chart"))


def test_a_point_names_its_model_when_the_mouse_is_over_it(look, study_page):
    page = look(study_page)
    figure = figure_of(page, "depth_curves")
    x, y = page.evaluate(PLACE_OF_A_POINT, "depth_curves")
    figure.locator("canvas").hover(position={"x": x, "y": y})
    tooltip = page.locator("#vg-tooltip-element.visible")
    tooltip.wait_for()
    assert "network" in tooltip.inner_text() and "features." in tooltip.inner_text()


PLACE_OF_A_POINT = """chart => {
  const view = views.get(document.querySelector(`figure[data-chart="${chart}"] .drawing`));
  const points = item => item.marktype === "symbol" && item.role === "mark" && item.items.length > 3 ? [item]
    : (item.items ?? []).flatMap(points);
  const point = points(view.scenegraph().root)[0].items[2], [left, top] = view.origin(), padding = view.padding();
  return [point.x + left + padding.left, point.y + top + padding.top];
}"""


def test_the_switch_changes_the_colors_of_the_page_and_of_charts(look, study_page):
    page = look(study_page)
    figure_of(page, "depth_curves")
    color = "chartTheme().axis.labelColor + getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(color)
    page.get_by_role("button", name="Dark colors").click()
    page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    assert page.evaluate(color) != light
    page.wait_for_function("""() => {
      const canvas = document.querySelector('figure[data-chart="depth_curves"] canvas');
      if (!canvas?.width) return false;
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      let light = 0;
      for (let i = 0; i < data.length; i += 4) light += data.slice(i, i + 4).every(part => part > 200);
      return light > 100; // letters and axes
    }""")
    page.reload()
    assert page.evaluate("isDark()")


def test_the_contents_stay_in_view_and_mark_the_section(look, study_page):
    page = look(study_page)
    page.get_by_role("navigation").get_by_role("link", name="Methods").click()
    page.locator('nav a[aria-current][href="#methods"]').wait_for()
    assert page.locator("nav.contents").bounding_box()["y"] == 0


def test_the_contents_of_a_narrow_screen_open_and_close_by_keyboard(look, study_page):
    page = look(study_page, width=390)
    links = page.locator("#contents-list")
    assert not links.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip the contents"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert links.is_visible()
    page.keyboard.press("Escape")
    assert not links.is_visible()
    assert page.evaluate("document.activeElement.className") == "toggle"


def test_tables_are_searched_and_sorted(look, study_page):
    page = look(study_page)
    region = page.get_by_role("region", name="Every score of every layer")
    shown = region.locator("tbody tr:visible")
    search = page.locator("#table-scores ~ .search").first
    before = shown.count()
    search.get_by_label("Search").fill("network3 features.1")
    assert 0 < shown.count() < before
    assert all("network3" in text and "features.1" in text for text in shown.all_inner_texts())
    assert f"{shown.count()} of {before} rows" in search.inner_text()
    search.get_by_label("Search").fill("")
    column = region.get_by_role("columnheader").nth(4)
    column.get_by_role("button").click()
    values = [float(text.split()[0].replace("−", "-")) for text in region.locator("td:nth-child(5)").all_inner_texts()]
    assert column.get_attribute("aria-sort") == "ascending" and values == sorted(values)


def test_a_link_leads_to_its_row_even_if_a_search_has_hidden_it(look, study_page):
    page = look(study_page)
    page.evaluate("document.querySelector('[aria-labelledby=table-scores] tbody tr').id = 'some-row'")
    row = page.locator("#some-row")
    page.locator("#table-scores ~ .search").first.get_by_label("Search").fill("no such row")
    assert not row.is_visible()
    page.evaluate("location.hash = 'some-row'")
    row.wait_for()


def test_a_wide_table_opens_fast(look, wide_page):
    start = time.perf_counter()
    page = look(wide_page)
    page.wait_for_function("document.readyState === 'complete'")
    assert time.perf_counter() - start < 15  # 3 s on a quiet machine: tests/benchmarks/page_opening.py

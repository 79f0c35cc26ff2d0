"""Charts of an open page of the report, for tests in a browser."""

DRAWN = "figure => figure.dataset.state === 'drawn'"


def figure_of(page, chart):
    """The figure of a chart, brought into view and drawn."""
    figure = page.locator(f'figure[data-chart="{chart}"]')
    figure.evaluate("figure => figure.scrollIntoView({ block: 'center', behavior: 'instant' })")
    page.wait_for_function(f"({DRAWN})(document.querySelector('figure[data-chart=\"{chart}\"]'))")
    return figure


def draw_all(page):
    """Bring every chart into view, one after the other; gives their names."""
    names = page.locator("figure[data-chart]").evaluate_all("figures => figures.map(figure => figure.dataset.chart)")
    for name in names:
        figure_of(page, name)
    return names

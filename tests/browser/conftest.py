"""Pages of the report in Debian's Chromium, without a network: a page that asks for anything but itself fails."""

import os
import shutil

import pandas as pd
import pytest
import synthetic
from playwright.sync_api import sync_playwright
from wide_table import wide_table

from ventral.report import write_report
from ventral.summary import relate

GEOMETRY = ["effective_dimensionality", "components_80", "alpha"]


@pytest.fixture(scope="session")
def chromium():
    """A running browser; skips where there is none."""
    program = shutil.which("chromium")
    if program is None:
        absent = pytest.fail if os.environ.get("VENTRAL_BROWSER") == "required" else pytest.skip
        absent("needs Debian's package chromium, to look at the report")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def study_page(tmp_path_factory):
    """The report of a synthetic study."""
    path = tmp_path_factory.mktemp("study") / "report.html"
    config = {"title": "A study", "seed": 0, "models": synthetic.NETWORKS | synthetic.BASELINES}
    write_report(path, synthetic.study(augmentations=True), config)
    return path


@pytest.fixture(scope="session")
def table_page(tmp_path_factory):
    """The report of the published table of 568 layers."""
    path = tmp_path_factory.mktemp("table") / "report.html"
    file = os.path.join(os.path.dirname(__file__), "../data/dimensionality/layers.csv")
    table = pd.read_csv(file, keep_default_na=False, na_values=[""])
    table["model"] = table[["architecture", "task", "kind", "source"]].agg(" ".join, axis=1)
    related = relate(table, GEOMETRY, ["score_it", "score_v4"], log=GEOMETRY[:2])
    write_report(path, {"layers": table, **vars(related)}, {"title": "Published layers"})
    return path


@pytest.fixture(scope="session")
def wide_page(tmp_path_factory):
    """The report of 600 layers with 200 numbers each."""
    path = tmp_path_factory.mktemp("wide") / "report.html"
    write_report(path, wide_table(), {"title": "A wide table"})
    return path


@pytest.fixture
def look(chromium):
    """Open a page: `look(path, width=1280, colors="light")`; at the end nothing may have failed or been asked for."""
    faults, contexts = [], []

    def opened(path, width=1280, colors="light"):
        context = chromium.new_context(
            viewport={"width": width, "height": 800}, color_scheme=colors, accept_downloads=True
        )
        contexts.append(context)

        def allow_own(route):
            own = route.request.url.split("#")[0] == path.as_uri()
            if not own:
                faults.append(f"asked for {route.request.url}")
            route.continue_() if own else route.abort()

        context.route("**/*", allow_own)
        page = context.new_page()
        page.on("console", lambda message: message.type == "error" and faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(path.as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
    assert faults == []

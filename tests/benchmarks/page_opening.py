"""How large pages of the report are, and how long Chromium takes to open them.

    python tests/benchmarks/page_opening.py [--runs N] [PAGE.html ...]

Without pages, the page of a random table of 600 rows and 200 numbers is measured, which has as many relations as a
table of that size. Opening ends when the page is loaded and everything near the first screen is drawn. "All charts" is
the time to draw all others one after the other. Times are medians over runs in seconds; processor time is that of the
page's thread until it is open.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT / "workflow"), str(ROOT / "tests/helpers")]

from drawn_charts import draw_all  # noqa: E402
from wide_table import wide_table  # noqa: E402

from ventral.report import write_report  # noqa: E402

NEAR = """[...document.querySelectorAll('figure.chart')].every(
  figure => figure.dataset.state || figure.getBoundingClientRect().top > innerHeight)"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        pages = arguments.pages or [written(Path(folder))]
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        print("| page | size, MB | open, s | processor, s | all charts, s |\n|---|---|---|---|---|")
        for page in pages:
            runs = [opened(browser, page.resolve()) for _ in range(arguments.runs)]
            seconds = " | ".join(f"{statistics.median(values):.2f}" for values in zip(*runs, strict=True))
            print(f"| {page} | {page.stat().st_size / 1e6:.1f} | {seconds} |")
        browser.close()


def written(folder: Path) -> Path:
    """The page of a wide table."""
    write_report(folder / "report.html", wide_table(), {"title": "600 layers, 200 numbers each"})
    return folder / "report.html"


def opened(browser: Browser, path: Path) -> tuple[float, float, float]:
    """Seconds and processor seconds to open a page, and seconds to draw all charts."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    metrics = page.context.new_cdp_session(page)
    metrics.send("Performance.enable", {"timeDomain": "threadTicks"})
    start = time.perf_counter()
    page.goto(path.as_uri())
    page.wait_for_function(NEAR)
    seconds = time.perf_counter() - start
    found = {one["name"]: one["value"] for one in metrics.send("Performance.getMetrics")["metrics"]}
    draw_all(page)
    drawn = time.perf_counter() - start - seconds
    page.close()
    return seconds, found["TaskDuration"], drawn


if __name__ == "__main__":
    main()

"""The notebook of the tutorials still runs, and shows what it gives."""

import ast
import contextlib
import io
import json

import matplotlib.pyplot as plt
import pytest
from checkout import ROOT

CELLS = json.loads((ROOT / "docs/tutorials/notebook.ipynb").read_text(encoding="utf-8"))["cells"]
CODE = [cell for cell in CELLS if cell["cell_type"] == "code"]


def run(source: str, names: dict) -> tuple[str, int]:
    """Run a cell as Jupyter does; its text, with the value of a last expression, and the number of figures."""
    tree = ast.parse(source)
    shown = isinstance(tree.body[-1], ast.Expr) and not source.rstrip().endswith(";")
    last = ast.Expression(tree.body.pop().value) if shown else None
    with contextlib.redirect_stdout(io.StringIO()) as text:
        exec(compile(tree, "cell", "exec"), names)
        value = eval(compile(last, "cell", "eval"), names) if last else None
    figures = len(plt.get_fignums())
    plt.close("all")
    return text.getvalue() + ("" if value is None else repr(value)), figures


@pytest.fixture(scope="module")
def outputs():
    names: dict = {}
    return [run("".join(cell["source"]), names) for cell in CODE]


def test_every_cell_has_the_output_that_is_shown(outputs):
    assert len(outputs) > 5
    for cell, (text, figures) in zip(CODE, outputs, strict=True):
        images = ["image/png" in output.get("data", {}) for output in cell["outputs"]]
        shown = [output.get("text") or output["data"]["text/plain"] for output in cell["outputs"]]
        texts = ["".join(text) for text, image in zip(shown, images, strict=True) if not image]
        assert ("".join(texts), sum(images)) == (text, figures), cell["source"]


def test_the_cells_were_run_in_order():
    assert [cell["execution_count"] for cell in CODE] == list(range(1, len(CODE) + 1))

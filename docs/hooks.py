"""What the site needs beside MkDocs: pages from executed notebooks, and docstrings as Sphinx would show them."""

import json

from mkdocs.structure.files import File


class Notebook(File):
    """A notebook, which MkDocs would otherwise offer as a download."""

    def is_documentation_page(self) -> bool:
        """Whether the file becomes a page."""
        return True


def on_files(files, config):
    """Called by MkDocs with all files of the documentation."""
    for file in list(files):
        if file.src_uri.endswith(".ipynb"):
            files.remove(file)
            files.append(Notebook(file.src_uri, file.src_dir, config.site_dir, config.use_directory_urls))
    return files


def on_page_read_source(page, config) -> str | None:
    """Called by MkDocs for the text of every page; None stands for the file as it is."""
    if not isinstance(page.file, Notebook):
        return None
    return "\n\n".join(map(_cell, json.loads(page.file.content_string)["cells"]))


def on_page_content(html: str, **_) -> str:
    """Called by MkDocs for every page. Docstrings announce a block of code by two colons; the site shows one."""
    return html.replace("::</p>", ":</p>")


def _cell(cell: dict) -> str:
    """Markdown of one cell with its outputs."""
    source = "".join(cell["source"])
    if cell["cell_type"] == "markdown":
        return source
    return "\n\n".join([f"```python\n{source}\n```", *map(_output, cell["outputs"])])


def _output(output: dict) -> str:
    """Markdown of one output: a figure, what was printed, or the value of the last line."""
    data = output.get("data", {})
    if "image/png" in data:
        return f"![Figure drawn by the code above](data:image/png;base64,{data['image/png'].strip()})"
    text = "".join(output.get("text") or data["text/plain"])
    return f"```text\n{text.rstrip()}\n```"

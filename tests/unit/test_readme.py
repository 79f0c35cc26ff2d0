"""What the README, the documentation and the pins say is true."""

import json
import pkgutil
import re

import numpy as np
import pytest
import yaml
from checkout import ROOT

README = (ROOT / "README.md").read_text()
SITE = sorted(page for suffix in ("md", "ipynb") for page in (ROOT / "docs").rglob(f"*.{suffix}"))
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *SITE]
NETWORKS = (ROOT / "docs/tutorials/training.md").read_text()


def test_the_notebook_example_runs_on_a_plain_array():
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names = {"responses": np.random.default_rng(0).standard_normal((60, 200)), "scenes": np.repeat(np.arange(10), 6)}
    exec(code, names)
    assert 1 < names["spectrum"](names["G"]).effective_dimensionality < 60


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_file_that_is_linked_exists(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_every_page_is_in_the_navigation():
    listed = re.findall(r": (\S+\.(?:md|ipynb))$", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE)
    assert sorted(listed) == sorted(str(page.relative_to(ROOT / "docs")) for page in SITE)


def test_every_name_of_the_library_in_the_documentation_exists():
    named = {name for page in PAGES for name in re.findall(r"(?:`|::: )(ventral(?:\.\w+)+)", page.read_text())}
    assert len(named) > 50
    for name in sorted(named):
        try:
            pkgutil.resolve_name(name)
        except (ImportError, AttributeError):
            pytest.fail(f"{name} is named in the documentation, and the library lacks it.")


def test_the_page_of_keys_is_current():
    from ventral.config.key_reference import page
    from ventral.config.schema import SCHEMA

    again = "python -m ventral.config.key_reference > docs/config.md"
    written = (ROOT / "docs/config.md").read_text(encoding="utf-8")
    assert written == page(json.loads(SCHEMA.read_text(encoding="utf-8"))), f"Write it again: {again}"


def test_the_model_example_is_a_sound_configuration():
    from ventral.config.complete import complete

    example = next(block for block in re.findall(r"```yaml\n(.*?)```", README, re.DOTALL) if "resnet50" in block)
    complete({"stimuli": {"scenes": {"kind": "scenes", "base_scenes": 4}}} | yaml.safe_load(example))


def test_the_training_example_is_a_sound_configuration(tmp_path):
    from ventral.config.complete import complete

    for i in range(512):
        (tmp_path / f"{i}.png").touch()
    example = next(block for block in re.findall(r"```yaml\n(.*?)```", NETWORKS, re.DOTALL) if "objective" in block)
    config = yaml.safe_load(example.replace("path/to/images", str(tmp_path)))
    complete({"stimuli": {"scenes": {"kind": "scenes", "base_scenes": 4}}} | config)


def test_conda_and_pip_install_the_same_versions():
    listed = (ROOT / "envs/requirements.txt").read_text().splitlines()
    pins = [line for line in listed if line and not line.startswith("#")]
    environment = yaml.safe_load((ROOT / "envs/environment.yaml").read_text())
    assert environment["dependencies"][-1]["pip"] == pins
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)

"""A study's file that cannot be read is named with its line, before Snakemake reads it."""

import pytest

from ventral.config.complete import duplicates
from ventral.config.study_file import check_arguments, named_files, read_study
from ventral.core.errors import Fault

BROKEN = {
    "a tab": (b"models:\n\ta: {source: timm}\n", 2),
    "a bracket left open": (b"seed: 1\nmodels: [a,\n", 3),
    "a colon too many": (b"seed: 1\ntitle: a: b\n", 2),
    "a quote left open": (b"seed: 1\ntitle: 'a\n", 3),
    "a wrong indent": (b"stimuli:\n    a: 1\n  b: 2\n", 3),
    "an alias of nothing": (b"seed: 1\nmodels: *a\n", 2),
    "an alias of itself": (b"seed: 1\nmodels: &a {b: *a}\n", 2),
    "two documents": (b"seed: 1\n---\nseed: 2\n", 2),
    "a tag of Python": (b"seed: 1\ntitle: !!python/object/apply:os.getcwd []\n", 2),
    "another encoding": ("seed: 1\ntitle: café\n".encode("latin-1"), 2),
    "UTF-16": ("seed: 1\n".encode("utf-16"), 1),
    "a control character": (b"seed: 1\ntitle: \x01\n", 2),
    "no date": (b"seed: 1\n\ntitle: 2026-13-45\n", 3),
}
SOUND = {
    "a byte-order mark": "seed: 1\n".encode("utf-8-sig"),
    "JSON with tabs": b'{\n\t"seed": 1\n}',
    "another line end": b"seed: 1\r\n",
    "aliases": b"a: &a {seed: 1}\nb: *a\n<<: *a\n",
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_line_that_cannot_be_read_is_named(tmp_path, what):
    content, line = BROKEN[what]
    file = tmp_path / "study.yaml"
    file.write_bytes(content)
    with pytest.raises(Fault) as caught:
        read_study(file)
    assert str(caught.value).startswith(f"{file}, line {line}") and "\n" not in str(caught.value)
    if what != "no date":  # the tree of nodes is sound
        assert what == "a tag of Python" or duplicates(file) == [str(caught.value)]


@pytest.mark.parametrize("content", [b"", b"# nothing\n", b"- a\n- b\n", b"hello\n", b"[1, 2]", b"{" * 5000, b"null"])
def test_a_file_without_keys_is_named(tmp_path, content):
    file = tmp_path / "study.yaml"
    file.write_bytes(content)
    with pytest.raises(Fault, match=r"study\.yaml"):
        read_study(file)


def test_a_template_is_refused_because_it_could_run_code(tmp_path):
    file = tmp_path / "study.yaml"
    file.write_text("__use_yte__: true\ntitle: ?open('made', 'w')\n")
    with pytest.raises(Fault, match="__use_yte__"):
        read_study(file)


@pytest.mark.parametrize("name", ["nowhere.yaml", "folder", "a" * 300])
def test_a_file_that_is_not_there_is_named(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(Fault, match=name):
        read_study(tmp_path / name)


@pytest.mark.parametrize("what", SOUND)
def test_a_sound_file_is_read(tmp_path, what):
    file = tmp_path / "study.yaml"
    file.write_bytes(SOUND[what])
    assert read_study(file)["seed"] == 1 and duplicates(file) == []


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        (["-n", "--configfile", "a.yaml", "b.yaml", "--cores", "1"], ["a.yaml", "b.yaml"]),
        (["--configfile=a.yaml", "all"], ["a.yaml"]),
        (["--configfiles", "a.yaml"], ["a.yaml"]),
        (["--configf", "a.yaml"], ["a.yaml"]),
        (["--config", "seed=1", "--cores", "2"], []),
        (["all"], []),
    ],
)
def test_files_of_a_command_line_are_found(arguments, files):
    found = list(named_files(arguments))
    assert found[: len(files)] == files and "1" not in found and "seed=1" not in found


def test_a_command_line_with_a_broken_file_ends_with_its_sentence(tmp_path):
    file = tmp_path / "study.yaml"
    file.write_text("a: [")
    with pytest.raises(SystemExit, match=r"study\.yaml, line 1"):
        check_arguments(["-n", "--configfile", str(file)])
    check_arguments(["-n"])

"""Reads the YAML file of a study; if a line cannot be read, names the line and says why.

Snakemake reads the file too, but its messages name neither the file nor the line. The default profile therefore calls
`check_arguments` before Snakemake reads a file that `--configfile` names, and the Snakefile calls `read_study` for
`config.yaml`.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from ventral.core.errors import Fault

OPTION = "--configfiles"
TEMPLATES = "__use_yte__"


def read_study(file: str | Path) -> dict:
    """Read the configuration of a study.

    Parameters
    ----------
    file : path
        YAML or JSON, in UTF-8.

    Raises
    ------
    Fault
        The file does not exist, is not text, is not valid YAML, or is not a mapping; or it asks to be read as a
        template, which could run code.
    """
    try:
        content = _content(_text(file), file)
    except RecursionError as error:
        raise Fault(f"{file} is nested too deeply to be read.") from error
    if content is None:
        raise Fault(f"{file} is empty; a study needs at least `recordings`, or `stimuli` and `models`.")
    if not isinstance(content, dict):
        kind = "a list" if isinstance(content, list) else f"the text {str(content)[:40]!r}"
        raise Fault(
            f"{file} holds {kind} instead of keys; a study is a mapping with `stimuli:` and `models:` at its top."
        )
    if TEMPLATES in content:
        raise Fault(f"{file}: {TEMPLATES} is not allowed in a study, because templates could run code; leave it out.")
    return content


def tree_of(file: str | Path) -> yaml.Node | None:
    """The tree of nodes of a study's file, each with its line; None for an empty file.

    Raises
    ------
    Fault
        As `read_study`.
    """
    text = _text(file)
    try:
        json.loads(text)
    except ValueError:
        return _composed(text, file)
    return _composed(text.replace("\t", " "), file)  # JSON, which may be indented with tabs


def duplicates(file: str | Path) -> list[str]:
    """Sentences about keys that occur twice in one mapping, of which YAML itself would silently take the last."""
    found = []

    def visit(node: yaml.Node, path: tuple[str, ...]) -> None:
        lines: dict[str, int] = {}
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                place = f"{'.'.join(path)}: " if path else ""
                found.append(f"{place}a key on line {line} of {file} is a list or a mapping; it must be a text.")
                continue
            here = (*path, key.value)
            if key.value in lines:
                found.append(f"{'.'.join(here)}: written twice in {file}, on lines {lines[key.value]} and {line}.")
            lines[key.value] = line
            visit(value, here)

    try:
        visit(tree_of(file), ())
    except Fault as fault:
        return [str(fault)]
    return found


def check_arguments(arguments: Sequence[str] | None = None) -> None:
    """End with one sentence and exit status 1 if a file that `--configfile` names cannot be read.

    Parameters
    ----------
    arguments : list of str, optional
        Arguments of a command line; by default those of this process.
    """
    try:
        for file in named_files(sys.argv[1:] if arguments is None else arguments):
            read_study(file)
    except Fault as fault:
        sys.exit(str(fault))


def named_files(arguments: Sequence[str]) -> Iterator[str]:
    """Files that a command line names with `--configfile`, an option that takes several and may be abbreviated."""
    taken = False
    for argument in arguments:
        option, equals, value = argument.partition("=")
        if argument.startswith("-"):
            taken = OPTION.startswith(option) and len(option) > len("--config")
            if taken and equals:
                yield value
        elif taken:
            yield argument


def _text(file: str | Path) -> str:
    try:
        content = Path(file).read_bytes()
    except OSError as error:
        raise Fault(f"The configuration {file} cannot be read ({error.strerror}); correct its path.") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Fault(
            f"{file}, line {line}: the byte 0x{content[error.start]:02x} is not UTF-8; save the file as UTF-8."
        ) from error


def _content(text: str, file: str | Path) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return _from_yaml(text, file)


def _from_yaml(text: str, file: str | Path) -> object:
    tree = _composed(text, file)
    try:
        return yaml.constructor.SafeConstructor().construct_document(tree) if tree else None
    except yaml.MarkedYAMLError as error:
        raise Fault(_sentence(file, error)) from error
    except (ValueError, OverflowError) as error:  # for example 2024-13-01, which looks like a date
        wrong = next(node for node in _nodes(tree, file) if not _readable(node))
        raise Fault(f"{file}, line {wrong.start_mark.line + 1}: {wrong.value!r} cannot be read ({error}).") from error


def _readable(node: yaml.Node) -> bool:
    if not isinstance(node, yaml.ScalarNode):
        return True
    try:
        yaml.constructor.SafeConstructor().construct_document(node)
    except (ValueError, OverflowError):
        return False
    return True


def _composed(text: str, file: str | Path) -> yaml.Node | None:
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise Fault(_sentence(file, error)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Fault(
            f"{file}, line {line}: the character U+{error.character:04X} is not allowed in YAML; remove it."
        ) from error
    if tree:
        list(_nodes(tree, file))  # raises a Fault at a circle of aliases, which would otherwise be followed forever
    return tree


def _nodes(node: yaml.Node, file: str | Path, above: tuple[yaml.Node, ...] = ()) -> Iterator[yaml.Node]:
    """A node and all nodes inside it.

    Raises
    ------
    Fault
        An alias is inside the mapping or list that it refers to.
    """
    if any(node is other for other in above):
        line = node.start_mark.line + 1
        raise Fault(f"{file}, line {line}: an alias inside this mapping or list refers to it; write the content out.")
    yield node
    if isinstance(node, yaml.CollectionNode):
        for part in node.value:
            for one in part if isinstance(part, tuple) else (part,):
                yield from _nodes(one, file, (*above, node))


def _sentence(file: str | Path, error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    problem = " ".join(filter(None, (error.context, error.problem)))
    place = f"{file}, line {mark.line + 1}, column {mark.column + 1}" if mark else str(file)
    if "'\\t'" in problem:
        return f"{place}: there is a tab where spaces are needed; indent YAML with spaces."
    if "single document" in problem:
        return f"{place}: a second document begins here with `---`; a study is one document."
    return f"{place}: this is not valid YAML ({problem})."

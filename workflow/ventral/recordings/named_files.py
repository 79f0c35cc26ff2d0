"""Files that a path or a pattern names, and what their names say of the matrices in them.

In a pattern, `*` stands for any text without a `/`, and `{observer}` and `{area}` for the observer and the area of a
file: `rdms/{area}/{observer}.csv` names every .csv file in every folder of `rdms`.
"""

import glob
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ventral.core.errors import Fault
from ventral.core.same_paths import expect_other_paths

FIELDS = ("observer", "area")
FIELD = re.compile(r"\{([^{}]*)\}")
WILD = re.compile(r"(\{[^{}]*\}|\*)")


@dataclass(frozen=True)
class NamedFile:
    """One file, and the observer and the area that its pattern reads in its name, as far as it names them."""

    path: Path
    names: Mapping[str, str] = field(default_factory=dict)


def named_files(texts: str | Sequence[str]) -> list[NamedFile]:
    """The files of paths and patterns, those of one pattern in the order of their names.

    Raises
    ------
    Fault
        A pattern has an unknown field or matches no file, or a file is named twice.
    """
    found = [file for text in ([texts] if isinstance(texts, str) else texts) for file in _matching(text)]
    expect_other_paths((file.path for file in found), "file")
    return found


def _matching(text: str) -> list[NamedFile]:
    """The file of a path, which may be missing, or the files that match a pattern."""
    if not WILD.search(text) or Path(text).is_file():
        return [NamedFile(Path(text))]
    if unknown := [name for name in FIELD.findall(text) if name not in FIELDS]:
        raise Fault(f"{text!r} has the field {{{unknown[0]}}}; a pattern may have {{observer}}, {{area}} and *.")
    parts = WILD.split(str(Path(text)))
    paths = map(Path, sorted(glob.glob("".join("*" if WILD.fullmatch(part) else glob.escape(part) for part in parts))))
    expression = re.compile(_expression(parts))
    matches = [(path, expression.fullmatch(str(path))) for path in paths if path.is_file()]
    found = [NamedFile(path, match.groupdict()) for path, match in matches if match]
    if not found:
        raise Fault(f"no file matches {text!r}; correct the pattern.")
    return found


def _expression(parts: Sequence[str]) -> str:
    """The regular expression of a pattern. A field that occurs again stands for the same text."""
    known, written = set(), []
    for part in parts:
        name = part[1:-1] if FIELD.fullmatch(part) else None
        if name is None:
            written.append("[^/]*" if part == "*" else re.escape(part))
        else:
            written.append(f"(?P={name})" if name in known else f"(?P<{name}>[^/]+)")
            known.add(name)
    return "".join(written)

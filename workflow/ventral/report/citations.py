"""Papers that a study builds on: how the text cites them, how they are listed, and their BibTeX entries.

`references.bib` holds every paper once. A method of the registry (`ventral.metrics.Method.references`) and a training
objective (`ventral.training.network_entry.NetworkEntry.reference`) name the keys of theirs.
"""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

BIBLIOGRAPHY = Path(__file__).with_name("references.bib")
WHERE = ("journal", "booktitle")


@dataclass(frozen=True)
class Paper:
    """One entry of the bibliography.

    Attributes
    ----------
    key : str
    fields : dict of str
        Without the braces that keep capital letters.
    bibtex : str
        The entry as it is in the file.
    """

    key: str
    fields: dict[str, str]
    bibtex: str

    @property
    def authors(self) -> list[str]:
        """Authors as "surname, given names"."""
        return self.fields["author"].split(" and ")

    @property
    def cited(self) -> str:
        """Surnames and year, such as "Elmoznino & Bonner, 2024"."""
        names = [author.partition(",")[0] for author in self.authors]
        who = f"{names[0]} et al." if len(names) > 2 else " & ".join(names)
        return f"{who}, {self.fields['year']}"

    @property
    def listed(self) -> str:
        """The paper in a list of references."""
        where = next(self.fields[name] for name in WHERE if name in self.fields)
        place = " ".join(filter(None, (where, self.fields.get("volume"))))
        place += f", {self.fields['pages'].replace('--', '–')}" if "pages" in self.fields else ""
        doi = f" https://doi.org/{self.fields['doi']}" if "doi" in self.fields else ""
        title = self.fields["title"].replace("--", "–")
        stop = "" if title.endswith("?") else "."
        return f"{'; '.join(self.authors)} ({self.fields['year']}). {title}{stop} {place}.{doi}"


@functools.cache
def bibliography() -> dict[str, Paper]:
    """All papers by key, in the order of the file."""
    text = BIBLIOGRAPHY.read_text(encoding="utf-8")
    found = re.finditer(r"^@\w+\{(\w+),\n(.*?)^\}$", text, re.DOTALL | re.MULTILINE)
    return {match[1]: Paper(match[1], fields_of(match[2]), match[0]) for match in found}


def fields_of(body: str) -> dict[str, str]:
    """The fields of one entry; each begins on a line of its own."""
    fields = re.findall(r"^  (\w+) = \{(.*?)\},?$(?=\n  \w|\n*\Z)", body, re.DOTALL | re.MULTILINE)
    return {name: re.sub(r"\s+", " ", value.replace("{", "").replace("}", "")) for name, value in fields}


def cited(keys: Iterable[str]) -> str:
    """Papers as a citation in parentheses; empty without any."""
    papers = [bibliography()[key].cited for key in keys]
    return f"({'; '.join(papers)})" if papers else ""


def of_doi(text: str) -> list[str]:
    """Keys of the papers whose digital object identifier a text has."""
    return [key for key, paper in bibliography().items() if "doi" in paper.fields and paper.fields["doi"] in text]

"""Patterns of wildcards and lists of paths in rules."""

import re

from ventral.core.rule_paths import checksums, one_of


def test_the_pattern_of_a_wildcard_matches_the_names_only():
    assert re.fullmatch(one_of(["a.b", "c"]), "a.b") and not re.fullmatch(one_of(["a.b", "c"]), "axb")
    assert not re.search(one_of([]), "")


def test_tables_have_their_checksums_beside_them():
    assert checksums("<results>/a/b.csv") == ["<results>/a/.b.csv.sha256"]

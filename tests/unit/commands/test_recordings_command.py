"""The command `ventral recordings` lists every kind with what it needs."""

from ventral.__main__ import main
from ventral.recordings.kinds import KINDS


def test_every_kind_says_what_it_is_and_needs(capsys):
    main(["recordings"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[::2]] == sorted(KINDS)
    for what, needs in zip(lines[::2], lines[1::2], strict=True):
        kind = what.split()[0]
        assert KINDS[kind].needs and needs.strip() == f"needs {KINDS[kind].needs}"

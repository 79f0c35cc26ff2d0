"""Any table becomes one row per model and layer: wide, long, or several that are joined."""

import numpy as np
import pytest

from ventral.across_models.wide_table import Roles, read_wide
from ventral.core.errors import Fault

SIMPLE = "model,layer,ed,it\na,1.10,2,.1\na,1.2,3,.2\nNone,1.10,NA,.3\n"
ROLES = Roles(["ed"], ["it"])


@pytest.fixture
def saved(tmp_path, monkeypatch):
    """Saves tables in the working folder and returns their names."""
    monkeypatch.chdir(tmp_path)

    def save(*contents, encoding="utf-8"):
        names = [f"table{i}.csv" for i, _ in enumerate(contents, 1)]
        for name, content in zip(names, contents, strict=True):
            (tmp_path / name).write_text(content, encoding=encoding)
        return names

    return save


def refused(names, roles=ROLES) -> str:
    with pytest.raises(Fault) as fault:
        read_wide(names, roles)
    return str(fault.value)


def test_names_are_texts_and_missing_numbers_are_missing(saved):
    rows = read_wide(saved(SIMPLE, encoding="utf-8-sig"), ROLES).rows
    assert list(rows.model) == ["a", "a", "None"] and list(rows.layer) == ["1.10", "1.2", "1.10"]
    assert list(rows.family) == list(rows.model) and set(rows.kind) == {""} and not rows.baseline.any()
    np.testing.assert_array_equal(rows.ed, [2, 3, np.nan])


def test_the_published_table_has_46_models(known_answers):
    roles = Roles(
        ["effective_dimensionality", "alpha"], ["score_??,score_v4"], model=("architecture", "task", "source")
    )
    table = read_wide([known_answers / "dimensionality" / "layers.csv"], roles)
    assert len(table.rows) == 568 and table.rows.model.nunique() == 46
    assert table.scores == ["score_it", "score_v4"]
    assert "ResNet18, None, PyTorch" in set(table.rows.model)  # an untrained network, not one without a task
    assert table.rows.kind.value_counts()["Untrained"] == 40


def test_a_long_table_gets_one_column_per_measure(saved):
    long = "net,benchmark,score,error,ed\nx,IT,.1,.01,5\nx,V4,.2,.02,5\ny,IT,.3,.03,6\n"
    table = read_wide(saved(long), Roles(["ed"], ["score by benchmark"], model=("net",)))
    assert table.scores == ["IT", "V4"] and "error" not in table.rows
    np.testing.assert_array_equal(table.rows[["ed", "IT", "V4"]], [[5, 0.1, 0.2], [6, 0.3, np.nan]])


def test_tables_are_joined_by_model_and_layer_where_both_have_them(saved):
    accuracy = "model,top_1,it\nNone,.1,9\na,.7,9\n"
    kinds = "model,layer,kind\na,1.10,trained\na,1.2,trained\nb,1,trained\n"
    table = read_wide(saved(SIMPLE, accuracy, kinds), Roles(["ed", "top_1"], ["it"]))
    assert list(table.rows.layer) == ["1.10", "1.2"] and list(table.rows.top_1) == [0.7, 0.7]
    assert list(table.rows.it) == [0.1, 0.2] and set(table.rows.kind) == {"trained"}
    assert [note for note in table.notes if "None, 1.10" in note and "table3.csv lacks" in note]
    assert [note for note in table.notes if "b, 1" in note]
    assert [note for note in table.notes if note.startswith("it:")]


def test_columns_with_brackets_and_patterns(saved):
    table = read_wide(saved("model,f[pose]@s,f[light]@s,it\na,1,2,3\n"), Roles(["f[pose]@s", "f[*"], ["it"]))
    assert table.geometry == ["f[pose]@s", "f[light]@s"]


@pytest.mark.parametrize(
    ("tables", "roles", "named"),
    [
        (["model,layer,ed,it\na,x,2,.1\na,x,3,.2\n"], ROLES, ["table1.csv", "rows 2, 3", "a, x"]),
        (["model,ed,it\na,2,.1\nb,high,.2\n"], ROLES, ["table1.csv, row 3", "'high'", "'ed'"]),
        (["model,ed,it\na,2,.1\nb,inf,.2\n"], ROLES, ["row 3", "'inf'"]),
        (["model,ed,it\na,2,.1\n,2,.2\n"], ROLES, ["row 3", "'model'"]),
        (["model,ed,it,depth\na,2,.1,early\n"], ROLES, ["row 2", "'early'", "'depth'"]),
        (["model,ed,it,position\na,2,.1,last\n"], ROLES, ["row 2", "'last'"]),
        (["model,ed,it,top1\na,2,.1,71%\n"], Roles(["ed"], ["it"], accuracy="top1"), ["row 2", "'71%'", "'top1'"]),
        (["model,ed,it,top1\na,2,.1,.7\n"], Roles(["ed"], ["it"], accuracy="top"), ["--accuracy", "'top1'"]),
        (["model,ed,it\na,2,.1\nb,2\n"], ROLES, ["row 3", "2 cells"]),
        (["model,ed,it\na,2,.1,4,5\n"], ROLES, ["table1.csv, row 2"]),
        (["model,ed,ed\na,2,.1\n"], ROLES, ["'ed'"]),
        (["model;ed;it\na;2;3\n"], ROLES, ["commas"]),
        (["", ], ROLES, ["empty"]),
        (["model,ed,it\n"], ROLES, ["no rows"]),
        (["net,ed,it\na,2,.1\n"], ROLES, ["'model'", "--model", "net"]),
        (["model,edd,it\na,2,.1\n"], ROLES, ["--geometry", "did you mean 'edd'"]),
        (["model,ed,it\na,2,.1\n"], Roles(["ed"], ["*"]), ["ed", "score"]),
        (["model,ed,it\na,2,.1\n"], Roles(["ed"], ["it"], log=["it"]), ["it", "--log"]),
        (["model,ed,it\na,2,.1\n"], Roles(["ed"], ["it"], kind="knd"), ["--kind", "'knd'"]),
        (["model,l,ed,it\na,x,2,.1\na,y,2,.1\n"], Roles(["ed"], ["it"], layer="ll"), ["--layer", "did you mean 'l'"]),
        (["model,ed,it,baseline\na,2,.1,yes\n"], ROLES, ["baseline", "'yes'"]),
        (["model,ed\na,2\n", "model,it\nb,2\n"], ROLES, ["no model in common", "a", "b"]),
        (["model,ed\na,2\n", "model,layer,it\na,x,2\n"], ROLES, ["table2.csv", "first"]),
        (["model,m,v,ed\na,it,1,2\na,v4,1,3\n"], Roles(["ed"], ["v by m"]), ["'ed'", "several values"]),
        (["model,m,v,ed\na,it,1,2\na,it,1,2\n"], Roles(["ed"], ["v by m"]), ["rows 2, 3", "a, it"]),
        ([SIMPLE, SIMPLE], ROLES, ["table2.csv", "table1.csv lacks", "ed, it", "3 of its rows", "None, 1.10"]),
        (["model,ed,it\na,2,.1\n", "model,ed\nb,2\n"], ROLES, ["table2.csv has no column", "(ed)."]),
        (["model,m,v,ed\na,ed,1,2\n"], Roles(["ed"], ["v by m"]), ["ed is a column"]),
    ],
)  # fmt: skip
def test_faults_say_where(saved, tables, roles, named):
    sentence = refused(saved(*tables), roles)
    assert all(part in sentence for part in named), sentence


def test_depth_may_be_held_fixed_where_no_column_has_it(saved):
    table = read_wide(saved("model,ed,it\na,2,.1\n"), Roles(["ed"], ["it"], given=["depth"]))
    assert table.given == ["depth"]


def test_a_column_may_name_models_and_be_their_kind_or_family(saved):
    names = saved("model,kind,seed,ed,it\na,x,1,2,.1\na,y,1,3,.2\n")
    rows = read_wide(names, Roles(["ed"], ["it"], model=("model", "kind", "seed"), kind="kind", family="model")).rows
    assert rows.model.tolist() == ["a, x, 1", "a, y, 1"] and rows.kind.tolist() == ["x", "y"]
    assert rows.family.tolist() == ["a", "a"] and rows.seed.tolist() == [1, 1]


def test_values_without_a_logarithm_are_counted(saved):
    table = read_wide(saved("model,ed,it\na,0,.1\nb,-2,.3\nc,5,.2\nd,,.1\n"), Roles(["ed"], ["it"], log=["ed"]))
    assert len(table.notes) == 1 and table.notes[0].startswith("ed: 2 of 4 values")


def test_strongly_skewed_columns_are_named_unless_their_logarithm_is_used(saved):
    rows = "".join(f"m{i},{2**i},{i},{-(2**i)},.1\n" for i in range(1, 13))
    names, columns = saved("model,ed,alpha,minus,it\n" + rows), ["ed", "alpha", "minus"]
    [note] = read_wide(names, Roles(columns, ["it"])).notes
    assert note.startswith("ed: strongly skewed") and "--log" in note
    assert read_wide(names, Roles(columns, ["it"], log=["ed"])).notes == []


def test_a_table_that_is_named_twice_is_refused(saved, tmp_path):
    [name] = saved(SIMPLE)
    for again in (name, f"./{name}", str(tmp_path / name)):
        assert f"{again} is named twice" in refused([name, again])


def test_a_missing_file_is_named(saved):
    assert "absent.csv does not exist" in refused(["absent.csv"])

"""Labels find their output: ImageNet's by synset id or first name, others by the names of a file."""

import pytest
from timm.data import ImageNetInfo

from ventral.accuracy.class_names import class_names, outputs_of
from ventral.core.errors import Fault


def test_imagenet_has_the_order_and_the_names_of_timm():
    info, names = ImageNetInfo(), class_names("imagenet1k")
    assert [synset for synset, _ in names] == info.label_names()
    for number in (0, 145, 999):
        assert names[number][1] == info.index_to_description(number).split(", ")[0]


def test_labels_are_synset_ids_or_first_names():
    names = class_names("imagenet1k")
    found = outputs_of(["n02056570", "king penguin", "King_penguin", "tiger", "castle", "tiger"], names)
    assert found == {"n02056570": 145, "king penguin": 145, "King_penguin": 145, "tiger": 292, "castle": 483}


def test_labels_without_an_output_are_named_with_the_nearest_class():
    with pytest.raises(Fault, match=r"1000 classes .* labels king pengin, robot \(did you mean 'king penguin'\?\)"):
        outputs_of(["tiger", "king pengin", "robot"], class_names("imagenet1k"))


def test_a_name_of_several_classes_is_told_by_its_id():
    names = class_names("imagenet1k")
    with pytest.raises(Fault, match=r"crane; .* n02012849 and n03126707"):
        outputs_of(["crane"], names)
    assert outputs_of(["n02012849", "n03126707"], names) == {"n02012849": 134, "n03126707": 517}


def test_a_file_names_one_class_per_line(tmp_path):
    file = tmp_path / "classes.txt"
    file.write_text("red fox\ncat\nfish, fresh\n")
    names = class_names(str(file))
    assert names == [("red fox",), ("cat",), ("fish, fresh",)]
    assert outputs_of(["fish, fresh", "Red_Fox"], names) == {"fish, fresh": 2, "Red_Fox": 0}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("cat\n\ndog\n", "line 2"), ("cat\n", "names 1 class"), ("cat\ndog\ncat\n", "names cat twice"), ("", "names 0")],
)
def test_files_that_name_no_classes_are_refused(tmp_path, text, sentence):
    file = tmp_path / "classes.txt"
    file.write_text(text)
    with pytest.raises(Fault, match=sentence):
        class_names(str(file))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(Fault, match=r"absent\.txt"):
        class_names(str(tmp_path / "absent.txt"))
    (tmp_path / "picture.txt").write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(Fault, match=r"picture\.txt"):
        class_names(str(tmp_path / "picture.txt"))

"""Entries of a configuration as classes: the keys of an entry, their limits, and what the entry stands for.

An entry is a frozen dataclass whose fields are the keys that users write. Limits are those of `annotated_types`, and
`Key` adds what they cannot say. `ventral.config.json_schema` makes the JSON schema that checks configurations from
these classes with pydantic. This module and the modules of entries do not import pydantic, because every job parses the
Snakefile, and pydantic takes 0.1 s of processor time to import, more than all entries.
"""

import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from importlib import import_module
from types import ModuleType
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar, get_args

from annotated_types import Ge, Le, MaxLen, MinLen

from ventral.core.errors import Fault


def caught(key: str, check: Callable, *arguments: Any) -> Iterator[str]:
    """The Fault that a check raises, if it does, as a fault of this key."""
    try:
        check(*arguments)
    except Fault as fault:
        yield f"{key}: {fault}"


class Key:
    """What a key means, and limits in the words of JSON Schema.

    Parameters
    ----------
    description : str
        One sentence for the person who writes the key.
    type : str or list of str, optional
        Types in JSON, where they are others than those of the annotation.
    **limits
        Further keywords of JSON Schema, such as `pattern`, `uniqueItems` and `format`.
    """

    def __init__(self, description: str = "", **limits: Any) -> None:
        self.limits = ({"description": description} if description else {}) | limits

    def __get_pydantic_json_schema__(self, core_schema: dict, handler) -> dict:
        """Add the limits to the schema that pydantic makes of the annotation."""
        return ({} if "type" in self.limits else handler(core_schema)) | self.limits


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry of a configuration, or a mapping inside one.

    A field that is None by default is a key that may be left out. A field may end with `_` where Python reserves the
    name of the key.

    Attributes
    ----------
    any_of : tuple of str
        Keys of which at least one is needed.
    tag : str
        The key that distinguishes the kinds of a family.
    """

    __pydantic_config__ = {"extra": "forbid", "alias_generator": lambda name: name.removesuffix("_")}  # noqa: RUF012
    any_of: ClassVar[tuple[str, ...]] = ()
    tag: ClassVar[str] = "kind"

    @classmethod
    def of(cls, spec: Mapping[str, Any]) -> Self:
        """The entry that a checked mapping describes; its other keys are left out."""
        keys = {field.name.removesuffix("_"): field for field in fields(cls)}
        return cls(**{field.name: _nested(field.type, spec[key]) for key, field in keys.items() if key in spec})


def _nested(annotation: object, value: Any) -> Any:
    """The value of a field; an entry if it is annotated as one."""
    return annotation.of(value) if isinstance(annotation, type) and issubclass(annotation, Entry) else value


Kind = TypeVar("Kind", bound=Entry)


def discovered(package: ModuleType, family: type[Kind]) -> dict[str, type[Kind]]:
    """The classes of a family in all modules of a package, by the kinds that each of them stands for.

    Parameters
    ----------
    package : module
        A package all of whose modules are light to import.
    family : type
        A subclass of `Entry`; its subclasses annotate the field that its `tag` names with a `Literal`.
    """
    modules = [import_module(f"{package.__name__}.{found.name}") for found in pkgutil.iter_modules(package.__path__)]
    classes = (
        one
        for module in modules
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, family) and one.__module__ == module.__name__
        if family.tag in one.__annotations__
    )
    return {kind: one for one in classes for kind in get_args(one.__annotations__[family.tag])}


PathText = Annotated[str, Key(format="path")]
ImageFolder = Annotated[PathText, Key("A folder (class folders give labels), a list of files, or an .npz or .h5.")]
Count = Annotated[int, Ge(1)]
Several = Annotated[int, Ge(2)]
Seed = Annotated[int, Ge(0)]
Size = Annotated[int, Ge(16), Le(2048)]
Digest = Annotated[str, Key(pattern="^[0-9a-f]{64}$")]
Pooling = Annotated[
    Literal["none", "avg", "max"], Key("How a layer's responses are pooled over positions before they are stored.")
]
Grayscale = Annotated[bool, Key("Whether to remove the color of the images (luma of ITU-R BT.601).")]
GRAY = [128, 128, 128]
Background = Annotated[
    list[Annotated[int, Ge(0), Le(255)]],
    MinLen(3),
    MaxLen(3),
    Key("Red, green and blue, from 0 to 255, of the background that transparent pictures are composed over."),
]

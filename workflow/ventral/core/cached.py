"""A property that is computed once, and that several threads compute at the same time for different objects."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

Value = TypeVar("Value")


class cached(Generic[Value]):
    """As `functools.cached_property` of Python 3.12; that of 3.11 has one lock for all objects of a class."""

    def __init__(self, function: Callable[[Any], Value]) -> None:
        self.function, self.__doc__ = function, function.__doc__

    @overload
    def __get__(self, one: None, owner: type) -> "cached[Value]": ...

    @overload
    def __get__(self, one: object, owner: type) -> Value: ...

    def __get__(self, one, owner):
        if one is None:
            return self
        return one.__dict__.setdefault(self.function.__name__, self.function(one))

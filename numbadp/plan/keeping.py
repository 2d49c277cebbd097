"""Facts of frozen data, worked out when they are first asked for and kept beside its fields.

There is no lock, which a forked child would inherit held: two threads may work out the same fact.
"""

from collections.abc import Callable
from dataclasses import fields
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class kept(Generic[T]):  # noqa: N801  a decorator, as `property` is
    """A fact that follows from fields which never change.

    Parameters
    ----------
    make : callable
        From the instance to the fact.
    """

    def __init__(self, make: Callable[[Any], T]):
        self._make, self._name = make, make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, instance: None, owner: Any) -> "kept[T]": ...
    @overload
    def __get__(self, instance: object, owner: Any) -> T: ...
    def __get__(self, instance, owner):
        """The fact; the next time Python finds it without asking here."""
        if instance is None:
            return self
        fact = instance.__dict__[self._name] = self._make(instance)
        return fact


class Keeping:
    """A frozen dataclass that keeps facts: pickles and copies of it hold its fields alone.

    A hash of strings is another one in another process.
    """

    def __getstate__(self) -> dict:
        """The fields."""
        return {each.name: getattr(self, each.name) for each in fields(self)}  # type: ignore[arg-type]

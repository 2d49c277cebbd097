"""Named options of the public doors: their types, their defaults, and what happens to other names.

A door says by itself what is promised (epsilon, m, what is covered, who pays); how that is done is
told by these, which the doors share and hand on as one dictionary.
"""

import inspect
from collections.abc import Callable
from typing import SupportsIndex, TypedDict, TypeVar

Door = TypeVar("Door", bound=Callable)


class MeasureOptions(TypedDict, total=False):
    """How large cells are, which rule makes them, and where they are measured."""

    cell: SupportsIndex | str
    layout: object  # str, Layout, PrivateLayout, ExactLayout, or any release
    backend: str


class Options(MeasureOptions, total=False):
    """Everything that `numbadp.pixelize` and `numbadp.Pixelizer` may be told besides."""

    planes: str
    box_format: str
    channels: str
    rim: str
    outside: str


MEASURE_DEFAULTS: MeasureOptions = {"cell": "auto", "layout": "free", "backend": "auto"}
DEFAULTS: Options = {
    "cell": "auto",
    "layout": "free",
    "planes": "auto",
    "box_format": "xyxy",
    "channels": "auto",
    "rim": "coded",
    "outside": "keep",
    "backend": "auto",
}

Known = TypeVar("Known", MeasureOptions, Options)


def filled(given: Known, defaults: Known, door: str) -> Known:
    """Complete the options that a door was given.

    Parameters
    ----------
    given : Options
        What the caller said.
    defaults : Options
        All options that the door knows.
    door : str
        Its name, for the message.

    Returns
    -------
    Options
        All options, in the order of `defaults`.

    Raises
    ------
    TypeError
        If there are others: what Python itself says of a signature without them.
    """
    if not given.keys() <= defaults.keys():
        first = next(name for name in given if name not in defaults)
        raise TypeError(f"{door}() got an unexpected keyword argument {first!r}")
    whole = defaults.copy()
    whole.update(given)
    return whole


def spelled_out(defaults: Options | MeasureOptions) -> Callable[[Door], Door]:
    """Make a door show its options by name, to `help` and to editors.

    Parameters
    ----------
    defaults : Options
        What the door takes as ``**options``.

    Returns
    -------
    callable
        A decorator, which sets ``__signature__`` and nothing else.
    """

    def shown(door: Door) -> Door:
        signature = inspect.signature(door)
        own = [p for p in signature.parameters.values() if p.kind is not p.VAR_KEYWORD]
        more = [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=value)
            for name, value in defaults.items()
        ]
        door.__signature__ = signature.replace(parameters=own + more)  # type: ignore[attr-defined]
        return door

    return shown

"""What a store gives to whoever measures: room that is set aside, to be filled and published."""

from collections.abc import Callable
from typing import Any, BinaryIO, NamedTuple


class Draft(NamedTuple):
    """A file on its way, which nobody sees; call it to publish it.

    Attributes
    ----------
    stream : binary file
        For what is too long to be held in memory: what is written here comes first in the file.
    publish : callable
        What is called.
    """

    stream: BinaryIO
    publish: Callable[..., Any]

    def __call__(self, *told):
        """Publish; see whoever reserved it."""
        return self.publish(*told)

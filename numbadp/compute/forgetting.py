"""Memory of ours that nobody may find later: overwritten when a ``with`` block ends.

An interrupt can come between any two steps of Python, so "copy, then guard the copy" leaves a gap
in which a traceback holds the copy.  `Scratch` knows an array before anything is written to it; and
since an interrupt may also come as the block begins to be left, a block enters it twice.
"""

import ctypes

import numpy as np


class Scratch:
    """What is to be overwritten at the end of a ``with`` block.

    Enter it twice, ``with own, own:``.  Then one interrupt, between whichever steps it comes,
    cannot keep anything from being overwritten: what the first exit did not do, the second does.
    """

    __slots__ = ("_tasks",)

    def __init__(self):
        self._tasks = []

    def zeros(self, shape, dtype) -> np.ndarray:
        """Make an array of zeros that is overwritten at the end.

        Parameters
        ----------
        shape : tuple of int
            Its shape.
        dtype : dtype
            Of its elements.

        Returns
        -------
        ndarray
            C-contiguous.
        """
        return self.add(np.zeros(shape, dtype))

    def add(self, array: np.ndarray) -> np.ndarray:
        """Overwrite an array at the end, which holds no secret yet.

        Parameters
        ----------
        array : ndarray
            Writable, of numbers.

        Returns
        -------
        ndarray
            The same.
        """
        self.when_done(np.ndarray.fill, array, 0)
        return array

    def contiguous(self, array: np.ndarray) -> np.ndarray:
        """Give an array itself if it is C-contiguous, else a copy that is overwritten at the end.

        Parameters
        ----------
        array : ndarray
            With any strides.

        Returns
        -------
        ndarray
            C-contiguous.
        """
        if array.flags.c_contiguous:
            return array
        copy = self.zeros(array.shape, array.dtype)
        np.copyto(copy, array)
        return copy

    def when_done(self, function, *arguments) -> None:
        """Call a function at the end; the last one first.

        Parameters
        ----------
        function : callable
            May be called again if an interrupt came.
        *arguments
            Passed on.
        """
        self._tasks.append((function, arguments))

    def hand_out(self, *things) -> None:
        """Leave things as they are: no secret is in them any more.

        Parameters
        ----------
        *things
            What was made or added here, or an argument of what was to be called.
        """
        free = {id(thing) for thing in things if thing is not None}
        self._tasks = [task for task in self._tasks if not free & set(map(id, task[1]))]

    def __enter__(self) -> "Scratch":
        return self

    def __exit__(self, kind, *rest) -> None:
        """Do all that is left; an error on the way is told if there is none already."""
        first = None
        while self._tasks:
            function, arguments = self._tasks[-1]
            try:
                function(*arguments)
            except Exception as error:  # an interrupt is none: the second exit goes on from here
                first = first or error
            self._tasks.pop()
        if first is not None and kind is None:
            raise first


def forget_bytes(data: bytes) -> None:
    """Overwrite a bytes object that nobody else has.

    Python has no means for that, since bytes never change.  Nobody notices if there is only one
    reference, and if it is not one of the objects that Python shares: those of less than two bytes.

    Parameters
    ----------
    data : bytes
        Not to be used any more.
    """
    if len(data) > 1:
        ctypes.memset(np.frombuffer(data, np.uint8).ctypes.data, 0, len(data))


def forget_image(image) -> None:
    """Overwrite the pixels of a PIL image that is ours.

    Parameters
    ----------
    image : PIL.Image.Image
        A copy, in memory of its own.
    """
    image.paste(0, (0, 0, *image.size))

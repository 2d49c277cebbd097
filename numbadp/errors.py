"""Every error and warning that numbadp raises on purpose.

Each error is a `NumbadpError` and also a ``ValueError``, ``TypeError``, ``RuntimeError`` or
``LookupError``, so that callers may catch either.  No message on the mechanism side carries a
pixel value.
"""


class NumbadpError(Exception):
    """Root of all errors of this package."""


class ArrayTypeError(NumbadpError, TypeError):
    """The picture is of a kind or dtype that cannot be measured exactly."""


class ShapeError(NumbadpError, ValueError):
    """The picture, or the shape given for one, has an impossible shape."""


class PictureError(NumbadpError, ValueError):
    """A picture file that cannot be read, measured or written; the message is one line."""


class VideoError(NumbadpError, ValueError):
    """A video that cannot be read, measured or written; the message is one line."""


class EpsilonError(NumbadpError, ValueError):
    """Epsilon is not a positive finite number, or leads outside the noise tables."""


class OptionTypeError(NumbadpError, TypeError):
    """An option has the wrong type."""


class OptionError(NumbadpError, ValueError):
    """An option has a value that means nothing here."""


class LayoutError(NumbadpError, ValueError):
    """A layout, a zone or a region does not describe cells of this picture."""


class OutputError(NumbadpError, ValueError):
    """The array given as ``out`` cannot take the picture."""


class UpsamplerError(NumbadpError, ValueError):
    """What the upsampler gave back is not a picture of the size that it was asked for."""


class FileFormatError(NumbadpError, ValueError):
    """The file is no intact release file, or a release cannot be stored in one."""


class PayloadError(NumbadpError, ValueError):
    """The file holds the mosaic alone, and something else was asked of it."""


class BackendError(NumbadpError, RuntimeError):
    """The backend asked for cannot run here."""


class EntropyError(NumbadpError, RuntimeError):
    """The operating system gives no random bits for a key; nothing was measured."""


class KeyUseError(NumbadpError, TypeError):
    """A noise key was about to be copied, stored or printed."""


class BudgetError(NumbadpError, RuntimeError):
    """A release would pass the budget of a ledger; nothing was measured and nothing charged."""


class PoolError(NumbadpError, RuntimeError):
    """A pool was released already, or cannot be used in this process."""


class LedgerError(NumbadpError, RuntimeError):
    """A ledger cannot be read, written or trusted; nothing was measured."""


class StoreError(NumbadpError, RuntimeError):
    """A store cannot be used, or holds something else under this id; nothing was published."""


class MissingReleaseError(NumbadpError, KeyError):
    """The store has no release under this id."""

    __str__ = Exception.__str__  # a KeyError would show the sentence in quotes


class BatchError(NumbadpError, RuntimeError):
    """Some inputs of a batch failed; what was done of the others is in the store.

    Parameters
    ----------
    message : str
        One line.
    failures : tuple of (str, str)
        Id and reason of each.
    """

    def __init__(self, message: str, failures: tuple = ()):
        super().__init__(message, failures)
        self.failures = failures

    def __str__(self) -> str:
        return self.args[0]


class AuditError(NumbadpError, RuntimeError):
    """An audit cannot run: an extra is missing, or the callable does not give numbers."""


class DetectorError(NumbadpError, RuntimeError):
    """A detector is missing, is no model that can be run, or found nothing where it had to."""


class NotPrivateWarning(UserWarning):
    """A release was made that carries no privacy guarantee."""


class PictureWarning(UserWarning):
    """What a picture's file says changed what is measured: turned, converted, widened."""


class AlphaDroppedWarning(PictureWarning):
    """The picture had transparency; it was laid on white."""

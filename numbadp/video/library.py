"""PyAV, imported late: it brings FFmpeg along, and most of the package needs neither."""

from contextlib import contextmanager

from numbadp.errors import NumbadpError, VideoError


def load_av():
    """Import PyAV.

    Returns
    -------
    module
        ``av``.

    Raises
    ------
    VideoError
        If it is not installed.
    """
    try:
        import av
        import av.error
    except ImportError:
        raise VideoError(
            "videos need the package av. Install it with: pip install 'numbadp[video]'"
        ) from None
    return av


@contextmanager
def in_one_line(place: str):
    """Say what FFmpeg refuses in one sentence.

    Parameters
    ----------
    place : str
        What is read or written.

    Raises
    ------
    VideoError
        In place of what FFmpeg and the system raise.
    """
    av = load_av()
    try:
        yield
    except NumbadpError:
        raise
    except (av.error.FFmpegError, OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "FFmpeg refuses it"
        raise VideoError(f"{place}: {reason[0].lower()}{reason[1:]}") from None

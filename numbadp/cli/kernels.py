"""Whether kernels are compiled already, and a line for those who wait."""

from numbadp.cli.terminal import Terminal


def cached_kernels() -> int | None:
    """Count the kernels in the cache folder.

    Returns
    -------
    int or None
        None if there is no folder to keep them in.
    """
    from numbadp.jit import cache_folder

    folder = cache_folder()
    return None if folder is None else sum(1 for _ in folder.rglob("*.nbi"))


def announce_compilation(terminal: Terminal) -> None:
    """Say that the first run takes longer, if this is one.

    Parameters
    ----------
    terminal : Terminal
        Where to say it.
    """
    found = cached_kernels()
    if found is None:
        terminal.note("compiling kernels; they cannot be kept, see numbadp doctor ...")
    elif found == 0:
        terminal.note("compiling kernels, once; later runs start at once ...")

"""Reading a release back: a file's plan and values, checked and frozen as a release again."""

from numbadp.release.mosaic import MosaicRelease
from numbadp.release.release import Release, build_release
from numbadp.storage.codec import MAX_BYTES
from numbadp.storage.opening import LEAF, REGN, TREE, VALS, open_sections
from numbadp.storage.stored_mosaic import decode_leaves, decode_tree, mosaic_shape
from numbadp.storage.stored_region import decode_region
from numbadp.storage.stored_values import decode_values


def load(path, *, max_bytes: int = MAX_BYTES) -> Release | MosaicRelease:
    """Load what `Release.save` wrote; the file may come from anybody.

    Parameters
    ----------
    path : str, os.PathLike or binary file
        The file.
    max_bytes : int, default 2**27
        Most memory that the loaded arrays may take; a file that asks for more is refused before
        they are made.

    Returns
    -------
    Release or MosaicRelease
        Equal to what was saved.  A `MosaicRelease` has the mosaic alone: it renders, draws and
        saves, and refuses values and other styles.

    Raises
    ------
    FileFormatError
        If it is no release file, of an unknown version, damaged, cut short, or too large.
    OptionTypeError, OptionError
        If an argument makes no sense.
    OSError
        If it cannot be read.

    Notes
    -----
    A loaded plan knows the scale of its noise, not the tables to draw it.  The guarantee is rebuilt
    from the plan and must be the stored one; still it is claimed by the file and not authenticated:
    check a signature where that matters (README, "Release files").

    Examples
    --------
    >>> import io, numpy, numbadp
    >>> file = io.BytesIO()
    >>> numbadp.pixelize(numpy.zeros((8, 8), numpy.uint8), epsilon=1).save(file)
    >>> file.seek(0)
    0
    >>> numbadp.load(file).guarantee.epsilon
    Fraction(1, 1)
    """
    sections, plan, guarantee, layout = open_sections(path, max_bytes)
    background = None
    if REGN in sections:
        background = decode_region(sections[REGN], plan)[1]
    if VALS in sections:
        values = decode_values(sections[VALS], plan)
        return build_release(plan, guarantee, values, layout, background)
    levels = decode_tree(sections[TREE], mosaic_shape(plan))
    planes = decode_leaves(sections[LEAF], plan, levels)
    return MosaicRelease(plan.shape, layout, guarantee, plan, levels, planes, background)

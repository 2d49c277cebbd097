"""Which library something comes from, without importing any."""

import os
import sys


def is_path(image) -> bool:
    """Tell whether something names a file.

    Parameters
    ----------
    image : object
        Anything.

    Returns
    -------
    bool
        True for str and os.PathLike.
    """
    return isinstance(image, (str, os.PathLike))


def is_pil(image) -> bool:
    """Tell whether something is a PIL image.

    Parameters
    ----------
    image : object
        Anything.

    Returns
    -------
    bool
        True for PIL images.
    """
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(image, module.Image)


def is_torch(image) -> bool:
    """Tell whether something is a tensor of PyTorch.

    Parameters
    ----------
    image : object
        Anything.

    Returns
    -------
    bool
        True for tensors and their subclasses.
    """
    module = sys.modules.get("torch")
    return module is not None and isinstance(image, getattr(module, "Tensor", ()))

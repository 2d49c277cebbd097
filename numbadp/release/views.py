"""How anything that renders becomes a PIL image, an array, or a picture in a notebook."""

import io
from collections.abc import Callable

import numpy as np

from numbadp.compute.host import on_host
from numbadp.errors import OptionError, ShapeError


def check_drawing(style: str, effort: str = "default", side: int | None = None) -> None:
    """Refuse what no release can be painted with, before there is one.

    Parameters
    ----------
    style, effort, side : str, str, int or None
        As for `Release.render`.

    Raises
    ------
    OptionTypeError, OptionError
        In the words of `Release.render`.
    """
    from numbadp.checks import check_style
    from numbadp.postprocess.blocks import check_side
    from numbadp.postprocess.drawing import choose_drawing

    check_style(style)
    choose_drawing(effort)
    check_side(side, style)


def check_filters_way(effort: str = "default", version: int | None = None) -> None:
    """Refuse other ways to draw what a `numbadp.TemporalFilter` has drawn already.

    Parameters
    ----------
    effort, version : str, int or None
        As for `Release.render`.

    Raises
    ------
    OptionTypeError, OptionError
        Unless both are left out; in the words of `Release.render` if they are none at all.
    """
    from numbadp.postprocess.drawing import choose_drawing

    choose_drawing(effort, version)
    if effort != "default" or version is not None:
        raise OptionError(
            "a TemporalFilter draws its frames in one way: give effort and version to it instead, "
            "or render the release that went in."
        )


class Views:
    """Views of something with a `shape` and a `render`: a release, or a loaded mosaic."""

    shape: tuple[int, ...]
    render: Callable[..., np.ndarray]

    def to_pil(
        self, style: str = "mosaic", *, effort: str = "default", side: int | None = None,
        version: int | None = None,
    ):  # fmt: skip
        """Paint the release as a PIL image.

        Parameters
        ----------
        style : {"mosaic", "smooth", "blocks", "cells"}, default "mosaic"
            As in `render`.
        effort, side, version : str, int or None, int or None
            As in `render`.

        Returns
        -------
        PIL.Image.Image
            Mode L or RGB, without metadata.

        Raises
        ------
        ShapeError
            If the release is a batch.
        """
        from PIL import Image

        if len(self.shape) == 4:
            raise ShapeError(
                f"a batch of shape {self.shape} is not one picture. Use render() and "
                "PIL.Image.fromarray on each."
            )
        options = {"side": side, "version": version, "effort": effort}
        given = {name: value for name, value in options.items() if value not in (None, "default")}
        pixels = on_host(self._painted(style, **given))
        return Image.fromarray(pixels[:, :, 0] if pixels.shape[2:] == (1,) else pixels)

    def _painted(self, style: str = "mosaic", **options):
        """A new picture as it is painted, whatever the original was given as."""
        return self.render(style, **options)

    def __array__(self, dtype=None, copy=None) -> np.ndarray:
        """The mosaic as an array, painted anew."""
        if copy is False:
            raise ValueError("a release is painted into a new array. Pass copy=None or True.")
        return np.asarray(on_host(self._painted()), dtype=dtype)

    def _repr_png_(self) -> bytes | None:
        """Picture for notebooks; None for a batch."""
        if len(self.shape) == 4:
            return None
        buffer = io.BytesIO()
        self.to_pil().save(buffer, format="PNG")
        return buffer.getvalue()

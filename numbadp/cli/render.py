"""``numbadp render``: paint a release file, as often as wanted; nothing is spent."""

from pathlib import Path

from PIL import Image

from numbadp.cli.fitting import check_release
from numbadp.cli.kernels import announce_compilation
from numbadp.cli.places import check_target, clear_up, status_of
from numbadp.cli.releases import load_release
from numbadp.cli.saving import FORMATS, check_fits, save_picture
from numbadp.cli.terminal import Terminal, shown
from numbadp.cli.video import render_clip
from numbadp.errors import OptionError, PayloadError, PictureError
from numbadp.release.clips import is_clip
from numbadp.release.pooled import PoolRelease


def run(options) -> int:
    """Paint one release.

    Parameters
    ----------
    options : argparse.Namespace
        As parsed.

    Returns
    -------
    int
        0, or 1 if the file cannot be read or a picture not be written.

    Raises
    ------
    NumbadpError
        If an option makes no sense.
    """
    terminal, source, output = Terminal(quiet=False), Path(options.file), Path(options.output)
    if is_clip(source):
        return render_clip(options, terminal)
    check_release(options)
    _check_suffix(output)
    try:
        release = load_release(source, options.max_bytes)
        if isinstance(release, PoolRelease):
            return _draw_pool(release, output, options, terminal)
        target, status = _naming(release, source, output), status_of(source)
        _check(release, target, options)
        clear_up([target(0).parent], terminal)
        announce_compilation(terminal)
        pixels = release.render(options.style, effort=options.effort, side=options.side)
        for n, picture in enumerate(pixels if len(release.shape) == 4 else [pixels]):
            image = picture[:, :, 0] if picture.shape[2:] == (1,) else picture
            save_picture(Image.fromarray(image), target(n), options.force, status)
    except (PictureError, PayloadError) as error:
        terminal.failure(f"{shown(source)}: {error}")
        return 1
    except MemoryError:
        terminal.failure(f"{shown(source)}: not enough memory")
        return 1
    return 0


def _draw_pool(release, output: Path, options, terminal: Terminal) -> int:
    """Draw a release over many pictures; its styles are two."""
    style = "smooth" if options.style == "mosaic" else options.style
    pictures = release.render(style)
    several = release.plan.kind == "images"
    if several and not _is_folder(output):
        raise PictureError(f"it holds a picture for each class; OUT must be a folder: {output}")
    targets = (
        [output / f"class-{k}.png" for k in range(len(pictures))]
        if several
        else [output / "pool.png" if _is_folder(output) else output]
    )
    for target in targets:
        check_target(target, options.force)
    clear_up([targets[0].parent], terminal)
    for target, picture in zip(targets, pictures if several else [pictures], strict=True):
        image = picture[:, :, 0] if picture.shape[2:] == (1,) else picture
        save_picture(Image.fromarray(image), target, options.force)
    return 0


def _check_suffix(output: Path) -> None:
    if not _is_folder(output) and output.suffix.lower() not in FORMATS:
        raise OptionError(
            f"OUT must end with one of {', '.join(FORMATS)}; got {shown(output)}. Name a folder "
            "without a suffix for a release of several pictures."
        )


def _is_folder(output: Path) -> bool:
    return output.is_dir() or not output.suffix


def _naming(release, source: Path, output: Path):
    """From the number of a picture to its file, made one by one: a batch may be long."""
    if len(release.shape) < 4:
        return lambda _: output / f"{source.stem}.png" if _is_folder(output) else output
    if not _is_folder(output):
        raise PictureError(
            f"it holds a batch of {release.shape[0]}; OUT must be a folder, not {shown(output)}"
        )
    digits = len(str(release.shape[0] - 1))
    return lambda n: output / f"{source.stem}-{n:0{digits}}.png"


def _check(release, target, options) -> None:
    plan = release.plan
    pixels = plan.batch * plan.height * plan.width
    if pixels > options.max_pixels:
        raise PictureError(
            f"{plan.batch} x {plan.width} x {plan.height} pixels are more than the limit of "
            f"{options.max_pixels}; if you trust the file, pass --max-pixels {pixels}"
        )
    check_fits(target(0), (plan.height, plan.width, 3)[: 2 + (plan.channels == 3)])
    for n in range(plan.batch):
        check_target(target(n), options.force)

"""Advice in words and as a table of 80 columns that ends with the solid box."""

from fractions import Fraction
from textwrap import fill

from numbadp.numbers import few_digits

_WIDTH = 79
_NOTHING = "-"
_LARGE = 10**7
_SMALL = Fraction(1, 100)
_HEADS = (
    ("m", "epsilon", "epsilon", "cell", "noise", "photo", "object", "faces", ""),
    ("pixels", "picture", "object", "side", "levels", "PSNR", "error %", "named, %", "finding"),
)
_NAMES = {
    "object": "an object", "face": "a face", "plate": "a plate", "person": "a person",
    "text": "text", "whole": "everything",
}  # fmt: skip


def advice_text(advice) -> str:
    """Write advice.

    Parameters
    ----------
    advice : numbadp.advice.Advice
        The advice.

    Returns
    -------
    str
        What was assumed, what is better, what the columns are, and a table whose last row is the
        solid box.
    """
    opening = [*_assumptions(advice), "", _verdict(advice), ""]
    lines = [fill(line, _WIDTH) for line in opening]
    lines += [_entry(name, text) for name, text in _legend(advice)]
    return "\n".join([*lines, "", *table(advice)])


def table(advice) -> list[str]:
    """Write the options, one line each, and the solid box.

    Parameters
    ----------
    advice : numbadp.advice.Advice
        The advice.

    Returns
    -------
    list of str
        Lines of at most 79 characters; two of them are the head.
    """
    box = _line(("solid box", "0", "0", _NOTHING, "0", _NOTHING, "100", "no noise, no flicker", ""))
    return [*map(_line, _HEADS), *map(_row, advice.options), box]


def _line(cells) -> str:
    m, epsilon, whole, cell, noise, photo, error, named, finding = cells
    return (
        f"{m:>9} {epsilon:>7} {whole:>8} {cell:>4} {noise:>6} {photo:>5} {error:>7}  {named:<12} "
        f"{finding:<12}"
    ).rstrip()


def _row(option) -> str:
    return _line(
        (
            f"{'*' if option.asked else ' '}{option.m:>8}",
            figure(option.epsilon),
            figure(option.object_epsilon),
            option.cell,
            _noise(option.noise),
            _NOTHING if option.psnr is None else f"{option.psnr:.1f}",
            _NOTHING if option.object_error is None else f"{100 * option.object_error:.0f}",
            _named(option),
            option.finding,
        )
    )


def _noise(levels: Fraction) -> str:
    return figure(levels) if levels >= _SMALL else f"<{float(_SMALL)}"


def _named(option) -> str:
    if option.attack is None:
        return _NOTHING
    found = option.attack
    value, low, high = (f"{100 * v:.0f}" for v in (found.value, found.low, found.high))
    return f"{'>' if option.attack_is_floor else ''}{value} ({low}-{high})"


def figure(value) -> str:
    """Write a number of any size in a few characters.

    Parameters
    ----------
    value : Fraction
        Not negative.

    Returns
    -------
    str
        Whole from 100 on, with three digits below.
    """
    if 100 <= value < _LARGE:
        return str(round(value))
    return few_digits(value, 3 if value >= _SMALL else 2)


def _assumptions(advice) -> list[str]:
    hidden, (width, height) = advice.hidden, advice.picture
    share = 100 * hidden.pixels / (width * height)
    times = "shown once"
    if advice.frames > 1:
        times = f"shown in {advice.frames} frames, each a release, as if it stood still"
    return [
        f"To hide: {_NAMES[hidden.name]} of {hidden.width} x {hidden.height} pixels "
        f"({hidden.pixels} in all, {share:.3g} % of a picture of {width} x {height}), {times}.",
        hidden.reason,
    ]


def _verdict(advice) -> str:
    good = [option for option in advice.options if option.finding == "trade-off"]
    found = "A solid box over the object is better than every row below."
    if good:
        names = " and ".join(f"m = {o.m} (epsilon {figure(o.epsilon)})" for o in good)
        found = (
            f"A solid box over the object is better than every row below, except {names}: there "
            "more is shown than by a box, and less is hidden."
        )
    return _asked(advice) + found


def _asked(advice) -> str:
    if advice.epsilon is not None:
        goal = f"epsilon {figure(advice.epsilon)} of the object over all frames"
        failed = "no release can draw so much noise"
    elif advice.re_identification is not None:
        goal = f"at most {100 * advice.re_identification:.3g} % named"
        failed = "no experiment shows that a release does so"
    else:
        return ""
    return f"Asked: {goal}; {'the row with a star' if advice.asked else failed}. "


def _entry(name: str, text: str) -> str:
    return fill(text, _WIDTH, initial_indent=f"{name:<13}", subsequent_indent=" " * 13)


def _legend(advice):
    """What stands in the columns, and where it comes from."""
    evidence = advice.evidence
    attack, photos = evidence.attack, evidence.utility
    curve, enough = attack.with_releases(advice.frames)
    count = next(count for count, known in attack.curves.items() if known is curve)
    had = "one release" if count == 1 else f"{count} releases"
    most, least = (figure(255 * attack.pixels / Fraction(r)) for r in _range(curve))
    smallest, largest = evidence.megapixels
    yield "epsilon", "picture: if m pixels differ; object: if all of it does, over all frames"
    yield "noise", "how far the mean of a cell is off on average, in grey levels"
    yield (
        "photo PSNR",
        f"of mosaics, dB: mean of {evidence.photos} grey photos of {smallest:.2g} to {largest:.2g} "
        f"megapixels; measured for r = 255 m / epsilon from {_range(photos)[0]:.0f} to "
        f"{_range(photos)[1]:.0f}",
    )
    yield "object error", "squared error of a face's mosaic, % of that of a solid grey box"
    yield (
        "faces named",
        f"rightly, by the strongest retrained attacker with {had} of each, and its "
        f"{attack.confidence:.0%} interval; {100 * attack.unprotected:.0f} % without protection, "
        f"{100 * attack.chance:.2g} % by chance; {attack.pictures} pictures of {attack.people} "
        f"people; read at equal epsilon of the object, measured from {least} to {most} a release",
    )
    if not enough:
        yield ">", f"at least: more than {count} releases of a face were never attacked together"
    yield from _findings(advice)
    yield (
        _NOTHING,
        "outside of what was measured: nothing is known; between two measurements figures go "
        "straight over log r",
    )


def _range(curve) -> tuple[float, float]:
    return curve.scales[0], curve.scales[-1]


def _findings(advice):
    known = "the interval reaches half of those named without protection, or more"
    if advice.re_identification is not None:
        known = "the interval reaches above what is accepted"
    unknown = "no experiment shows that it is hidden"
    if not advice.hidden.as_face:
        unknown = "only faces were attacked; nothing shows that this is hidden"
    meanings = {
        "recognised": known,
        "trade-off": "fewer are named, and the mosaic is closer to a face than a grey box",
        "only noise": "the mosaic is no closer to a face than a grey box",
        "not measured": unknown,
    }
    present = {option.finding for option in advice.options}
    for finding, words in meanings.items():
        if finding in present:
            yield finding, words

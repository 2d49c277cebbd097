"""What the page says: what a click would spend, what a release promises, what advice there is."""

from fractions import Fraction
from html import escape
from math import ceil, inf

from numbadp.advice import Advice, advise
from numbadp.errors import NumbadpError
from numbadp.ui.session import Session, Settings, changed, plan_of

_OPTIONS = {"epsilon": "ε", "m": "m", "cell": "the cell", "boxes": "the boxes"}
_FINDINGS = {
    "trade-off": "that shows more than a solid box, and hides less",
    "recognised": "attackers recognise it, too little is hidden",
    "only noise": "what is left is no closer to a face than a grey box",
    "not measured": "no experiment shows that it is hidden",
}


def number(value) -> str:
    """Write an epsilon: exactly where it is whole or small, otherwise with four digits.

    Parameters
    ----------
    value : Fraction or float
        At least 0; infinity too.

    Returns
    -------
    str
        For people.
    """
    if value < 1 and isinstance(value, Fraction) and value.denominator <= 64:
        return str(value)
    return f"{float(value):.0f}" if 1000 <= value < inf else f"{float(value):.4g}"


def status(session: Session | None, settings: Settings) -> str:
    """Say what the next release would spend, and whether one is needed.

    Parameters
    ----------
    session : Session or None
        None before there is a picture.
    settings : Settings
        As they are set now.

    Returns
    -------
    str
        HTML.
    """
    if session is None:
        return _line("quiet", "Drop a picture, or choose one. It stays on this machine.")
    try:
        plan = plan_of(session, settings)
    except NumbadpError as error:
        return _line("wrong", str(error))
    names = " and ".join(_OPTIONS[name] for name in changed(session, settings))
    cost = f"ε = {number(settings.epsilon)} for {settings.m} pixels"
    if not session.spent:
        text = f"A release spends {cost}. Cells of {plan.planes[0].cell} pixels."
        return _line("ready", f"Nothing is released yet. {text}")
    total = number(session.spent_for(settings.m))
    told = f"{_times(len(session.spent))}: ε = {total} for {settings.m} pixels in all."
    if not names:
        same = "Styles are free. Releasing again would spend it again."
        return _line("quiet", f"Released {told} {same}")
    text = f"You changed {names}: that takes a new release, and spends {cost} again."
    return _line("again", f"{text} Released so far {told}")


def promise(session: Session | None) -> str:
    """The guarantee of the release that is shown.

    Parameters
    ----------
    session : Session or None
        None before there is a picture.

    Returns
    -------
    str
        HTML; empty without a release.
    """
    if session is None or session.release is None or session.made_with is None:
        return ""
    paragraphs = [str(session.release.guarantee), *session.notes]
    if session.made_with.boxes:
        text = "Where the boxes are is public, and outside of them the picture is as it was."
        paragraphs.insert(1, text)
    return "".join(f"<p>{escape(each)}</p>" for each in paragraphs)


def advice(session: Session | None, settings: Settings) -> str:
    """What experiments say of the largest box, or of a face where there is none, as it is set now.

    Parameters
    ----------
    session : Session or None
        None before there is a picture.
    settings : Settings
        As they are set now.

    Returns
    -------
    str
        HTML: a sentence and a table that ends with the solid box; empty without a picture.
    """
    if session is None:
        return ""
    try:
        hidden = advise(_object(session, settings), picture=session.size).hidden
        asked = settings.epsilon * hidden.pixels / settings.m
        found = advise((hidden.width, hidden.height), epsilon=asked, picture=session.size)
    except NumbadpError as error:
        return _line("wrong", str(error))
    return f"<p>{_verdict(found, settings)}</p>{_table(found, settings)}"


def _object(session: Session, settings: Settings) -> tuple[int, int] | str:
    """Width and height of the largest box, as far as it is in the picture; or a face."""
    sides = [
        (min(right, session.size[0]) - max(left, 0), min(bottom, session.size[1]) - max(top, 0))
        for left, top, right, bottom in settings.boxes
    ]
    inside = [(across, down) for across, down in sides if across > 0 and down > 0]
    return max(inside, key=lambda each: each[0] * each[1], default="face")


def _verdict(found: Advice, settings: Settings) -> str:
    hidden = found.hidden
    what = "The largest box has" if settings.boxes else "A face in such a picture may have"
    text = f"{what} {hidden.width} × {hidden.height} pixels. If all of it is to be hidden, these "
    text += f"settings have <b>ε = {number(found.epsilon)}</b>"
    if found.asked is None:
        return f"{text}: no release can have so much noise. A solid box can."
    text = f"{text}: {_FINDINGS[found.asked.finding]}."
    return text if found.asked.finding == "trade-off" else f"{text} <b>A solid box is better.</b>"


def _table(found: Advice, settings: Settings) -> str:
    """The options, each reached by another m at the epsilon that is set."""
    rows = "".join(_row(option, found, settings) for option in found.options)
    heads = (f"m at ε = {number(settings.epsilon)}", "ε of all of it", "cell", "faces named", "so")
    head = "".join(f"<th>{each}</th>" for each in heads)
    last = "<tr><td>solid box</td><td>0</td><td>–</td><td>–</td><td>no noise, no flicker</td></tr>"
    return f'<div class="np-scroll"><table><tr>{head}</tr>{rows}{last}</table></div>'


def _row(option, found: Advice, settings: Settings) -> str:
    named = "–" if option.attack is None else f"{option.attack.value:.0%}"
    m = settings.m
    if not option.asked:
        m = ceil(settings.epsilon * found.hidden.pixels / option.object_epsilon)
    cells = (m, number(option.object_epsilon), option.cell, named, option.finding)
    kind = " class=asked" if option.asked else ""
    return f"<tr{kind}>" + "".join(f"<td>{each}</td>" for each in cells) + "</tr>"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _line(kind: str, text: str) -> str:
    return f'<p class="np-{kind}" role="status">{escape(text)}</p>'

"""The page itself: Gradio components, and which of them ask for what.

Every slider moves in powers of two.  Only the button spends; everything else tells what it would.
"""

import base64
import io
import json
from fractions import Fraction
from html import escape
from importlib.resources import files

import numpy as np
from PIL import Image

from numbadp.checks import STYLES
from numbadp.errors import NumbadpError
from numbadp.ui.session import (
    Session,
    Settings,
    find_faces,
    make_release,
    open_photo,
)
from numbadp.ui.words import advice, number, promise, status

_PREVIEW_PX = 1600
_LEAST, _MOST = -6, 10  # of epsilon, as powers of two
_MOST_M, _MOST_CELL = 20, 8
_TITLE = """# numbadp
Mosaics with a proof. Your picture stays on this machine, in memory: nothing is sent or kept."""
_HEAD = '<p class="np-head">What others may see</p>'
_PHOTO = """<div class="np-photo"><label class="np-drop">Drop a picture here, or choose one
<input type="file" accept="image/*" aria-label="Choose a picture"></label><canvas></canvas></div>"""


def build_page():
    """Build the page; import this only where Gradio is installed.

    Returns
    -------
    gradio.Blocks
        To be launched by `numbadp.ui.serving`.
    """
    import gradio as gr

    with gr.Blocks(title="numbadp", analytics_enabled=False) as page:
        gr.Markdown(_TITLE)
        with gr.Row():
            with gr.Column(min_width=320):
                gr.HTML(_PHOTO, js_on_load=_text("canvas.js"), apply_default_css=False)
                with gr.Row():
                    find = gr.Button("Find faces", size="sm")
                    clear = gr.Button("Remove boxes", size="sm")
                gr.Markdown("Draw a box over what is to be hidden; without one, all of it is.")
                sliders = _sliders(gr)
                told = gr.HTML(status(None, _settings(0, 4, 0, "[]")))
                release = gr.Button("Release", variant="primary", elem_id="np-release")
            with gr.Column(min_width=320):
                result = gr.HTML(_result(None, ""), elem_classes="np-picture", elem_id="np-result")
                style = gr.Radio(STYLES, value="mosaic", label="Style: free, as often as you like")
                with gr.Accordion("What is promised", open=True):
                    promised = gr.HTML(elem_id="np-promise")
                with gr.Accordion("Is it enough?", open=True):
                    advised = gr.HTML(elem_id="np-advice")
        hidden = _hidden(gr)
        outputs = {
            "told": told, "result": result, "promised": promised, "advised": advised, **hidden,
        }  # fmt: skip
        _connect(gr, outputs, sliders, {"find": find, "clear": clear, "release": release}, style)
    return page


def _sliders(gr) -> list:
    """Epsilon, m and cell, as powers of two."""
    facts = (
        (_LEAST, _MOST, 0, "epsilon"), (0, _MOST_M, 4, "m"), (-1, _MOST_CELL, -1, "cell"),
    )  # fmt: skip
    return [
        gr.Slider(
            low,
            high,
            value=start,
            step=1,
            label=_label(name, start),
            elem_id=f"np-{name}",
            elem_classes="np-power",
        )  # fmt: skip
        for low, high, start, name in facts
    ]


def _hidden(gr) -> dict:
    """What carries values between the drawing and the server."""
    return {
        "session": gr.State(None),
        "boxes": gr.Textbox("[]", visible=False),
        "carried": gr.Textbox(visible=False),
        "open": gr.Button(elem_id="np-open", visible="hidden"),
        "drawn": gr.Button(elem_id="np-boxes-changed", visible="hidden"),
    }


def _connect(gr, parts, sliders, buttons, style) -> None:
    """Say who is asked at which event."""
    session, boxes, carried = parts["session"], parts["boxes"], parts["carried"]
    told, advised, result = parts["told"], parts["advised"], parts["result"]
    settings = [*sliders, boxes]
    quiet = {"api_visibility": "private", "show_progress": "hidden"}
    opened = [session, carried, boxes, told, result, parts["promised"], advised]
    parts["open"].click(
        _open, [carried, *sliders], opened, js="(_, ...rest) => [window.numbadp.file(), ...rest]",
        **quiet,
    ).then(None, [carried], js="(text) => window.numbadp.show(text)")  # fmt: skip
    parts["drawn"].click(
        _tell, [session, *settings], [told, advised, boxes],
        js="(s, e, m, c, _) => [s, e, m, c, window.numbadp.boxes()]", **quiet,
    )  # fmt: skip
    for slider, name in zip(sliders, ("epsilon", "m", "cell"), strict=True):
        slider.change(_relabel(gr, name), [slider], [slider], **quiet)
        slider.change(_tell, [session, *settings], [told, advised, boxes], **quiet)
    buttons["clear"].click(None, js="() => window.numbadp.clear()")
    buttons["find"].click(_find, [session], [carried, told], api_visibility="private").then(
        None, [carried], js="(text) => window.numbadp.found(text)"
    )
    released = [session, told, result, parts["promised"], advised]
    buttons["release"].click(
        _release, [session, *settings, style], released, api_visibility="private",
        concurrency_limit=1,
    )  # fmt: skip
    style.change(_paint, [session, style], [result], api_visibility="private")


def _open(text, epsilon, m, cell):
    """Take a picture as the browser read it; the session starts anew."""
    settings = _settings(epsilon, m, cell, "[]")
    try:
        content = base64.b64decode((text or "").partition(",")[2])
        session, picture = open_photo(content)
    except NumbadpError as error:
        return None, "", "[]", _wrong(error), _result(None, ""), "", ""
    preview = json.dumps(
        {"url": _preview(picture), "width": session.size[0], "height": session.size[1]}
    )
    told = status(session, settings)
    return session, preview, "[]", told, _result(None, ""), "", advice(session, settings)


def _tell(session, epsilon, m, cell, boxes):
    """Something was set: say what it would spend, and what it would be worth."""
    settings = _settings(epsilon, m, cell, boxes)
    return status(session, settings), advice(session, settings), boxes


def _relabel(gr, name: str):
    return lambda power: gr.update(label=_label(name, power))


def _find(session):
    """Look for faces."""
    if session is None:
        return "", _wrong("there is no picture yet. Drop one first.")
    try:
        found = find_faces(session)
    except NumbadpError as error:
        return "", _wrong(error)
    if not found:
        return "", _wrong("no face was found. That does not mean that there is none: draw boxes.")
    return json.dumps(found), ""


def _release(session, epsilon, m, cell, boxes, style):
    """The one step that spends."""
    settings = _settings(epsilon, m, cell, boxes)
    try:
        if session is None:
            raise NumbadpError("there is no picture yet. Drop one first.")
        session = make_release(session, settings)
    except NumbadpError as error:
        return session, _wrong(error), _result(session, style), promise(session), ""
    told = status(session, settings)
    return session, told, _result(session, style), promise(session), advice(session, settings)


def _paint(session, style):
    """Another style of the same release: free."""
    return _result(session, style)


def _settings(epsilon, m, cell, boxes: str) -> Settings:
    """From powers of two, and boxes as the drawing has them."""
    sides = tuple((int(a), int(b), int(c), int(d)) for a, b, c, d in json.loads(boxes))
    width = "auto" if cell < 0 else 2 ** int(cell)
    return Settings(Fraction(2) ** int(epsilon), 2 ** int(m), width, sides)


def _label(name: str, power) -> str:
    if name == "epsilon":
        return f"ε = {number(Fraction(2) ** int(power))}: the smaller, the more private"
    if name == "m":
        return f"m = {2 ** int(power)}: pixels that may change unnoticed"
    return "cell: automatic" if power < 0 else f"cell: {2 ** int(power)} pixels"


def _result(session: Session | None, style: str) -> str:
    """The picture and its two files, as text that a browser keeps in memory."""
    if session is None or session.release is None:
        return f"{_HEAD}<p>Nothing is released yet.</p>"
    png = io.BytesIO()
    session.release.to_pil(style).save(png, "png")
    file = io.BytesIO()
    session.release.save(file)
    picture = _url("image/png", png.getvalue())
    numbers = _url("application/octet-stream", file.getvalue())
    return (
        f'{_HEAD}<img src="{picture}" alt="The release, drawn as {style}">'
        f'<a id="np-png" download="{style}.png" href="{picture}">Download PNG</a>'
        f'<a id="np-dpz" download="release.dpz" href="{numbers}">Download .dpz: every style, later'
        "</a>"
    )


def _preview(picture: np.ndarray) -> str:
    """A small copy of the picture, for the screen of its owner."""
    image = Image.fromarray(picture)
    image.thumbnail((_PREVIEW_PX, _PREVIEW_PX))
    content = io.BytesIO()
    image.save(content, "jpeg", quality=90)
    return _url("image/jpeg", content.getvalue())


def _url(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"


def _wrong(error) -> str:
    return f'<p class="np-wrong" role="alert">{escape(str(error))}</p>'


def _text(name: str) -> str:
    return (files("numbadp.ui") / name).read_text("utf-8")

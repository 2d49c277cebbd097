"""Serve the page to this machine alone: no telemetry, no share link, no file of an upload."""

import os
import time
from importlib.resources import files
from importlib.util import find_spec

from numbadp.errors import OptionError

HOST = "127.0.0.1"
_REMEDY = "the page needs Gradio. Run: pip install 'numbadp[ui]'"


def open_page(port: int | None = None, *, inbrowser: str = "yes"):
    """Start the server and return at once.

    Parameters
    ----------
    port : int, optional
        Of this machine; a free one from 7860 on by default.
    inbrowser : {"yes", "no"}, default "yes"
        Whether a browser is opened.

    Returns
    -------
    gradio.Blocks
        Its ``local_url`` is where it is; ``close()`` ends it.

    Raises
    ------
    OptionError
        If Gradio is not installed, or the port is taken.
    """
    if find_spec("gradio") is None:
        raise OptionError(_REMEDY)
    # Before Gradio is imported: it would count its users and look for newer versions.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    import gradio as gr

    from numbadp.ui.page import build_page

    page = build_page()
    fonts = ["system-ui", "sans-serif"]  # of the browser: none is fetched
    theme = gr.themes.Default(primary_hue="teal", font=fonts, font_mono=["monospace"])
    try:
        page.launch(
            server_name=HOST, server_port=port, inbrowser=inbrowser == "yes", share=False,
            prevent_thread_lock=True, quiet=True, ssr_mode=False, run_history=False, pwa=False,
            footer_links=[], enable_monitoring=False, mcp_server=False, theme=theme,
            css=(files("numbadp.ui") / "page.css").read_text("utf-8"),
        )  # fmt: skip
    except OSError:
        page.close()
        raise OptionError(f"port {port} is taken. Pass another --port, or none.") from None
    return page


def serve(port: int | None = None, *, inbrowser: str = "yes", say=print) -> None:
    """Serve the page until interrupted.

    Parameters
    ----------
    port : int, optional
        As for `open_page`.
    inbrowser : {"yes", "no"}, default "yes"
        As for `open_page`.
    say : callable, default print
        Is told the page's address.
    """
    page = open_page(port, inbrowser=inbrowser)
    try:
        say(f"the page is at {page.local_url} (this machine alone; Ctrl-C ends it)")
        while True:
            time.sleep(3600)
    finally:
        page.close(verbose=False)

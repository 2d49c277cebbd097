"""``numbadp ui``: the page in a browser."""


def run(options) -> int:
    """Serve the page until interrupted.

    Parameters
    ----------
    options : argparse.Namespace
        ``port`` and ``browser``.

    Returns
    -------
    int
        Never: an interrupt ends it.
    """
    from numbadp.ui.serving import serve

    serve(options.port, inbrowser=options.browser, say=_say)
    return 0


def _say(text: str) -> None:
    print(text, flush=True)

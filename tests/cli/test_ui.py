"""``numbadp ui``: options go to the server, and what is missing is told."""

import pytest

from numbadp.cli import main
from numbadp.ui import serving


def test_options_are_handed_over(monkeypatch, capsys):
    asked = {}

    def serve(port, *, inbrowser, say):
        asked.update(port=port, inbrowser=inbrowser)
        say("the page is here")

    monkeypatch.setattr(serving, "serve", serve)
    assert main(["ui", "--port", "8000", "--browser", "no"]) == 0
    assert asked == {"port": 8000, "inbrowser": "no"}
    assert capsys.readouterr().out == "the page is here\n"


@pytest.mark.parametrize("words", [["--port", "0"], ["--browser", "maybe"]])
def test_impossible_options(words):
    assert main(["ui", *words]) == 2


def test_without_gradio_the_remedy_is_told(monkeypatch, capsys):
    monkeypatch.setattr(serving, "find_spec", lambda name: None)
    assert main(["ui", "--browser", "no"]) == 2
    assert "pip install 'numbadp[ui]'" in capsys.readouterr().err

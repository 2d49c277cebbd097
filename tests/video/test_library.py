"""PyAV is imported late, and what it refuses becomes one sentence."""

import subprocess
import sys

import av
import pytest

import numbadp
from numbadp.video.library import in_one_line, load_av


def test_the_package_is_imported_without_av():
    script = "import sys, numbadp, numbadp.video, numbadp.cli.arguments as a; a.build_parser()\n"
    script += "sys.exit('av' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def test_without_av_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(numbadp.VideoError, match=r"pip install 'numbadp\[video\]'"):
        load_av()


def test_errors_are_one_sentence():
    with (
        pytest.raises(numbadp.VideoError, match="^there: invalid data found"),
        in_one_line("there"),
    ):
        av.open(__file__)

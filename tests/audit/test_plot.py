"""The plot: drawn in every format, and refused in our words."""

import sys

import pytest

import numbadp
from numbadp.audit.plot import save_plot

from .test_report import REPORT

MAGIC = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


@pytest.mark.parametrize("suffix", MAGIC)
def test_a_plot_is_written(tmp_path, suffix):
    """Bars, claims and posterior are drawn in the format of the suffix."""
    path = tmp_path / f"audit{suffix}"
    save_plot(REPORT, path)
    assert path.read_bytes().startswith(MAGIC[suffix])
    if suffix == ".svg":
        assert "claim" in path.read_text() and "certified lower bound" in path.read_text()


@pytest.mark.parametrize("name", ["missing/audit.png", "audit.unknown"])
def test_a_plot_that_cannot_be_written_is_an_error_of_ours(tmp_path, name):
    """An impossible folder or format is named."""
    with pytest.raises(numbadp.AuditError, match="cannot be written"):
        save_plot(REPORT, tmp_path / name)


def test_without_matplotlib_the_remedy_is_named(monkeypatch, tmp_path):
    """One clear error."""
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(numbadp.AuditError, match=r"pip install 'numbadp\[audit\]'"):
        save_plot(REPORT, tmp_path / "audit.png")

"""The line for those who wait for the compiler, and when it is left out."""

import pytest

from numbadp.cli import kernels
from numbadp.cli.terminal import Terminal


@pytest.mark.parametrize(
    ("cached", "said"), [(None, "cannot be kept"), (0, "compiling kernels, once"), (3, "")]
)
def test_the_first_run_says_that_it_compiles(monkeypatch, capsys, cached, said):
    """A first run says so, one that cannot keep its kernels says why, a later one nothing."""
    monkeypatch.setattr(kernels, "cached_kernels", lambda: cached)
    kernels.announce_compilation(Terminal(quiet=False))
    printed = capsys.readouterr().err
    assert said in printed
    assert bool(printed) == bool(said)


def test_kernels_are_counted_in_their_folder(monkeypatch, tmp_path):
    """Only index files count, in every folder below."""
    (tmp_path / "a").mkdir()
    for name in ("a/x.nbi", "y.nbi", "y.1.nbc"):
        (tmp_path / name).touch()
    monkeypatch.setattr("numbadp.jit.cache_folder", lambda: tmp_path)
    assert kernels.cached_kernels() == 2
    monkeypatch.setattr("numbadp.jit.cache_folder", lambda: None)
    assert kernels.cached_kernels() is None

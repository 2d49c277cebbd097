"""``numbadp doctor`` and the kernels' cache."""

from pathlib import Path

from numbadp.cli import doctor


def test_a_healthy_installation(run):
    code, out, err = run("doctor")
    assert code == 0 and out.rstrip().endswith("everything works")
    for name in (
        "python",
        "numpy",
        "numba",
        "llvmlite",
        "pillow",
        "filelock",
        "cores",
        "threads",
        "processor",
    ):
        assert f"\n{name}" in out
    assert "backend       cpu: available" in out and "kernel cache" in out
    assert out.count(": ok\n") == len(doctor._CHECKS) == 7
    assert " cached\n" in out


def test_a_wrong_cipher_is_reported(run, monkeypatch):
    def broken():
        raise RuntimeError("no compiler")

    checks = (("cipher", lambda: False), ("pipeline", broken))
    monkeypatch.setattr(doctor, "_CHECKS", checks)
    code, out, _ = run("doctor")
    assert code == 1 and "cipher: FAILED: wrong result" in out
    assert "pipeline: FAILED: RuntimeError: no compiler" in out


def test_a_ledger_that_fails_is_reported(run, monkeypatch):
    """An old filelock once did, while everything was said to work."""

    def broken(*_, **__):
        raise TypeError("acquire() got an unexpected keyword argument 'poll_interval'")

    monkeypatch.setattr("filelock.FileLock.acquire", broken)
    code, out, _ = run("doctor")
    assert code == 1 and "charged by both: FAILED: TypeError" in out


def test_kernels_are_compiled_once_and_the_user_is_told(run_apart, picture, tmp_path):
    cache, photo = tmp_path / "kernels", tmp_path / "photo.png"
    picture.convert("L").save(photo)
    command = ("pixelize", photo, "--epsilon", "1", "--layout", "uniform", "--style", "cells", "-o")
    first = run_apart(cache, *command, tmp_path / "first.png")
    assert first.returncode == 0 and "compiling kernels, once" in first.stderr
    kept = sorted(cache.rglob("*.nb*"))
    assert kept
    second = run_apart(cache, *command, tmp_path / "second.png")
    assert second.returncode == 0 and "compiling" not in second.stderr
    assert sorted(cache.rglob("*.nb*")) == kept


def cache_lines(monkeypatch):
    """Return what doctor says of the cache, looked for anew."""
    from numbadp.compute import kernel_folder

    with monkeypatch.context() as patch:
        anew = kernel_folder.kernel_folder.__wrapped__
        patch.setattr(kernel_folder, "kernel_folder", anew)
        return list(doctor._cache())


def test_the_cache_is_named_with_its_size_and_its_variables(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBADP_CACHE", raising=False)
    monkeypatch.setenv("NUMBADP_CACHE_DIR", str(tmp_path / "kernels"))
    folder = Path(cache_lines(monkeypatch)[0][1])
    assert folder.parent == tmp_path / "kernels"
    for name in ("a.nbk", "b.nbk"):
        (folder / name).write_bytes(bytes(1_250_000))
    lines = cache_lines(monkeypatch)
    assert ("cache size", "2.5 MB") in lines and ("kernels", "2 cached") in lines
    text = str(lines)
    assert "NUMBADP_CACHE_DIR" in text and "NUMBADP_CACHE=0" in text


def test_the_limits_of_threads_are_named(run):
    (line,) = [line for line in run("doctor")[1].splitlines() if line.startswith("threads")]
    for name in ("NUMBADP_NUM_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS"):
        assert name in line


def test_a_cache_that_cannot_be_made_is_named_with_the_remedy(tmp_path, monkeypatch):
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.delenv("NUMBADP_CACHE", raising=False)
    monkeypatch.setenv("NUMBADP_CACHE_DIR", str(tmp_path / "file"))
    text = str(cache_lines(monkeypatch))
    assert str(tmp_path / "file") in text and "set NUMBADP_CACHE_DIR" in text


def test_a_cache_that_others_may_write_is_named_with_the_remedy(tmp_path, monkeypatch):
    (tmp_path / "kernels").mkdir()
    (tmp_path / "kernels").chmod(0o777)
    monkeypatch.delenv("NUMBADP_CACHE", raising=False)
    monkeypatch.setenv("NUMBADP_CACHE_DIR", str(tmp_path / "kernels"))
    text = str(cache_lines(monkeypatch))
    assert "other users" in text and f"chmod 700 {tmp_path / 'kernels'}" in text


def test_a_cache_that_is_off_is_named(monkeypatch):
    monkeypatch.setenv("NUMBADP_CACHE", "0")
    lines = dict(cache_lines(monkeypatch))
    assert lines["kernel cache"].startswith("off") and "NUMBADP_CACHE" in lines[""]

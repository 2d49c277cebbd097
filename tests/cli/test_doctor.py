"""``numbadp doctor`` and the kernels' cache."""

from numbadp.cli import doctor


def test_a_healthy_installation(run):
    code, out, err = run("doctor")
    assert code == 0 and out.rstrip().endswith("everything works")
    for name in ("python", "numpy", "numba", "llvmlite", "pillow", "cores", "threads", "processor"):
        assert f"\n{name}" in out
    assert "backend       cpu: available" in out and "kernel cache" in out
    assert out.count(": ok\n") == 4
    assert " cached\n" in out


def test_a_wrong_cipher_is_reported(run, monkeypatch):
    def broken():
        raise RuntimeError("no compiler")

    checks = (("cipher", lambda: False), ("pipeline", broken))
    monkeypatch.setattr(doctor, "_CHECKS", checks)
    code, out, _ = run("doctor")
    assert code == 1 and "cipher: FAILED: wrong result" in out
    assert "pipeline: FAILED: RuntimeError: no compiler" in out


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


def test_a_cache_that_cannot_be_made_is_named_with_the_remedy(tmp_path, monkeypatch):
    import numbadp.jit

    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("NUMBADP_CACHE", "1")
    monkeypatch.setenv("NUMBADP_CACHE_DIR", str(tmp_path / "file"))
    monkeypatch.setattr(numbadp.jit, "cache_folder", numbadp.jit.cache_folder.__wrapped__)
    (line,) = [value for name, value in doctor._cache() if name == "kernel cache"]
    assert "set NUMBADP_CACHE_DIR" in line


def test_a_cache_that_is_off_is_named(monkeypatch):
    import numbadp.jit

    monkeypatch.setenv("NUMBADP_CACHE", "0")
    monkeypatch.setattr(numbadp.jit, "cache_folder", numbadp.jit.cache_folder.__wrapped__)
    assert dict(doctor._cache())["kernel cache"].startswith("off")

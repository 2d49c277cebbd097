"""Kept kernels: intact ones are loaded, anything else is compiled anew, and nothing ever fails."""

import compileall
import errno
import os
import pickle
import shutil
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import numpy as np
import pytest
from numba import int64

from numbadp.compute import kernel_cache, kernel_folder
from numbadp.compute.jit import jit
from numbadp.compute.kernel_cache import MARK, KernelCache
from numbadp.mechanism.kernels import measure_body

PACKAGE = Path(kernel_cache.__file__).parents[1]
FORM = measure_body.build_form(lambda function: function)
ARGUMENTS = (np.array([1, 2, 1]), 3, 4, 5)
START = len(MARK) + 32
needs_owners = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no owners on this system")
has_limits = pytest.mark.skipif(os.name != "posix", reason="no limits on file sizes")


class Evil:
    """Something whose unpickling is noticed."""

    def __reduce__(self):
        return os.mkdir, ("unpickled",)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a folder of our own, which is also the working folder; nothing has been said yet."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(kernel_folder, "_said", [])
    place = tmp_path / "0.1.0-0123456789abcdef"
    place.mkdir(mode=0o700)
    return place


def kernel_in(folder, function=FORM):
    """Return a fresh dispatcher whose compiled forms are kept in a folder."""
    dispatcher = jit(function)
    dispatcher._cache = KernelCache(dispatcher, folder, "for a test")
    return dispatcher


def hits(folder, function=FORM):
    """Run a fresh kernel; tell how many forms were loaded, and how many compiled."""
    kernel = kernel_in(folder, function)
    assert kernel(*ARGUMENTS) == 3 + 2 * 4 + 5
    stats = kernel.stats
    return sum(stats.cache_hits.values()), sum(stats.cache_misses.values())


def kept(folder):
    """Return the only kernel in a folder."""
    (file,) = folder.glob("*.nbk")
    return file


def test_a_compiled_kernel_is_loaded_the_next_time(folder):
    """The first dispatcher compiles, a second loads, and the file is ours alone."""
    assert hits(folder) == (0, 1)
    assert hits(folder) == (1, 0)
    assert kept(folder).name.startswith("form-")
    if hasattr(os, "geteuid"):
        assert kept(folder).stat().st_mode & 0o777 == 0o600
    assert [path.suffix for path in folder.iterdir()] == [".nbk"]


def test_a_kernel_whose_callees_are_not_to_be_had_is_compiled_anew(folder, monkeypatch):
    """What it calls by address: LLVM would end the process."""
    assert hits(folder) == (0, 1)
    monkeypatch.setattr(kernel_cache, "provide", lambda needs: False)
    assert hits(folder) == (0, 1)


def test_numbas_own_cache_is_never_used(folder, monkeypatch):
    """Neither beside the source nor anywhere else: Numba's locators are not asked."""
    monkeypatch.setattr("numba.core.caching._CacheLocator.ensure_cache_path", lambda self: 1 / 0)
    assert hits(folder) == (0, 1)
    assert type(jit(FORM)._cache) is KernelCache
    monkeypatch.setenv("NUMBADP_CACHE", "0")
    assert jit(FORM)._cache.cache_path is None


def test_what_was_rebound_while_a_process_runs_is_not_kept(folder, monkeypatch):
    """A kernel whose constant changed after its first use is no longer what it was looked up as."""
    names = {"__name__": measure_body.__name__, "WEIGHT": 2}
    exec("def weighted(x): return x * WEIGHT", names)
    kernel = kernel_in(folder, names["weighted"])
    assert kernel(3) == 6 and len(list(folder.iterdir())) == 1
    names["WEIGHT"] = 5
    assert kernel(3.0) == 15.0  # compiled for another type, and so anew
    names["WEIGHT"] = 2
    assert kernel_in(folder, names["weighted"])(3.0) == 6.0  # what the next process does
    assert len(list(folder.iterdir())) == 2


# --- damage ------------------------------------------------------------------


def foreign_kernel(folder):
    """Put an intact kernel of other settings, for the same arguments, under this one's name."""
    file = kept(folder)
    name, content = file.name, file.read_bytes()
    file.unlink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel_cache.config, "LOOP_VECTORIZE", 0)
        kernel_in(folder)(*ARGUMENTS)
    other = kept(folder)
    assert other.name != name and other.read_bytes() != content
    other.rename(folder / name)


DAMAGES = {
    "emptied": lambda file: file.write_bytes(b""),
    "cut in the mark": lambda file: os.truncate(file, 5),
    "cut in the digest": lambda file: os.truncate(file, len(MARK) + 7),
    "cut after the digest": lambda file: os.truncate(file, START),
    "cut in the middle": lambda file: os.truncate(file, file.stat().st_size // 2),
    "cut by one byte": lambda file: os.truncate(file, file.stat().st_size - 1),
    "longer by one byte": lambda file: file.write_bytes(file.read_bytes() + b"\0"),
    "all zero": lambda file: file.write_bytes(bytes(file.stat().st_size)),
    "text": lambda file: file.write_text("this is no kernel\n"),
    "a pickle": lambda file: file.write_bytes(pickle.dumps(Evil())),
    "a pickle behind our mark": lambda file: file.write_bytes(
        MARK + bytes(32) + pickle.dumps(Evil())
    ),
    "a pickle in an intact head": lambda file: file.write_bytes(
        file.read_bytes()[:START] + pickle.dumps(Evil())
    ),
    "another kernel": lambda file: foreign_kernel(file.parent),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_compiled_anew_and_replaced(damage, folder):
    """Nothing in it is unpickled, nothing is said, and the next one loads again."""
    hits(folder)
    DAMAGES[damage](kept(folder))
    assert hits(folder) == (0, 1)
    assert hits(folder) == (1, 0)
    assert not Path("unpickled").exists()
    assert not kernel_folder._said


def test_every_flipped_bit_is_noticed_before_anything_is_unpickled(folder, monkeypatch):
    """One bit in 300 places, from the first to the last, in the code, the digest and the mark."""
    kernel = kernel_in(folder)
    kernel(*ARGUMENTS)
    (signature,) = kernel.signatures
    content = bytearray(kept(folder).read_bytes())
    loads = []
    monkeypatch.setattr(pickle, "loads", lambda data: loads.append(data) or 1 / 0)
    places = np.linspace(0, 8 * len(content) - 1, 300).astype(int)
    for place in map(int, places):
        content[place // 8] ^= 1 << place % 8
        kept(folder).write_bytes(content)
        content[place // 8] ^= 1 << place % 8
        assert kernel._cache.load_overload(signature, kernel.targetctx) is None
    assert not loads
    kept(folder).write_bytes(content)
    assert kernel._cache.load_overload(signature, kernel.targetctx) is None
    assert len(loads) == 1  # the intact one was about to be unpickled


def test_what_cannot_be_rebuilt_is_compiled_anew(folder, monkeypatch):
    """An intact file that this Numba cannot take is no reason to fail."""
    hits(folder)
    monkeypatch.setattr(kernel_cache.CompileResult, "_rebuild", lambda *parts: 1 / 0)
    assert hits(folder) == (0, 1)


def things_in_the_way(folder):
    """Yield what may lie at the place of a kernel instead of a file."""
    name = kept(folder)
    name.unlink()
    yield "folder", lambda: name.mkdir()
    name.rmdir()
    if hasattr(os, "mkfifo"):
        yield "pipe", lambda: os.mkfifo(name)
        name.unlink()
    yield "dangling link", lambda: name.symlink_to(folder / "nowhere")


def test_other_things_in_the_way_are_no_reason_to_fail(folder):
    """A folder, a pipe that nobody writes, a link: compiled anew; replaced where that can be."""
    hits(folder)
    for _, put in things_in_the_way(folder):
        put()
        assert hits(folder) == (0, 1)
    assert not (folder / "nowhere").exists()


@needs_owners
@pytest.mark.parametrize("mode", [0o666, 0o620, 0o602])
def test_a_file_that_others_may_write_is_not_loaded(mode, folder):
    """It is replaced by one of our own."""
    hits(folder)
    kept(folder).chmod(mode)
    assert hits(folder) == (0, 1)
    assert kept(folder).stat().st_mode & 0o777 == 0o600


@needs_owners
@pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() != 0, reason="only root gives files away"
)
def test_a_file_of_somebody_else_is_not_loaded(folder):
    """Although it is intact."""
    hits(folder)
    os.chown(kept(folder), 12345, -1)
    assert hits(folder) == (0, 1)
    assert kept(folder).stat().st_uid == os.geteuid()


@needs_owners
def test_a_link_to_an_intact_file_is_not_followed(folder, tmp_path):
    """Whoever can plant a link chooses the file; it is replaced, the file stays."""
    hits(folder)
    file = kept(folder)
    file.rename(tmp_path / "elsewhere")
    file.symlink_to(tmp_path / "elsewhere")
    assert hits(folder) == (0, 1)
    assert not file.is_symlink() and (tmp_path / "elsewhere").exists()


# --- a disk that takes nothing -----------------------------------------------


@pytest.mark.parametrize("call", ["open", "replace", "write"])
@pytest.mark.parametrize(
    "number", [errno.ENOSPC, errno.EACCES, errno.EROFS, errno.EDQUOT, errno.EIO]
)
def test_a_disk_that_takes_nothing_is_no_reason_to_fail(call, number, folder, monkeypatch, caplog):
    """The kernel works, no half file has its name, and the reason is said once."""
    real = os.open

    def refuse(*arguments, **options):
        if call == "open" and not arguments[1] & os.O_CREAT:
            return real(*arguments, **options)
        raise OSError(number, os.strerror(number))

    if call == "write":
        monkeypatch.setattr(kernel_cache.os, "fdopen", closing_refusal(refuse))
    else:
        monkeypatch.setattr(kernel_cache.os, call, refuse)
    assert hits(folder) == (0, 1)
    assert hits(folder) == (0, 1)
    monkeypatch.undo()
    assert not list(folder.iterdir())
    assert len(caplog.records) == 1 and os.strerror(number) in caplog.text


def closing_refusal(refuse):
    """Return an `fdopen` whose file can be closed but not written."""

    class Full:
        def __init__(self, file, mode):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *error):
            os.close(self.file)

        write = refuse

    return Full


def test_a_folder_that_vanished_is_no_reason_to_fail(folder):
    """A newer version may have removed it under a process that still runs."""
    folder.rmdir()
    assert hits(folder) == (0, 1)
    assert kernel_folder._said


def test_whatever_goes_wrong_while_keeping_is_no_reason_to_fail(folder, monkeypatch):
    """Not enough memory to write a kernel down, or a Numba that cannot."""
    monkeypatch.setattr(kernel_cache, "dumps", lambda value: 1 / 0)
    assert hits(folder) == (0, 1)
    monkeypatch.setattr(kernel_cache, "dumps", lambda value: (_ for _ in ()).throw(MemoryError))
    assert hits(folder) == (0, 1)
    assert not list(folder.iterdir())


def test_an_interrupt_while_keeping_leaves_no_half_file(folder, monkeypatch):
    """Ctrl-C comes out, and the temporary file is gone."""

    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(kernel_cache.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        hits(folder)
    assert not list(folder.iterdir())


@has_limits
@pytest.mark.parametrize("default_signal", [False, True], ids=["ignored", "deadly"])
def test_a_limit_on_file_sizes_is_no_reason_to_die(default_signal, folder):
    """Not even where the signal has its deadly meaning."""
    run_python(
        f"""
        import resource, signal
        if {default_signal}:
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        """,
        SMALL,
        NUMBADP_CACHE_DIR=str(folder / "kernels"),
    )
    assert not list(folder.rglob("*.nbk")) and not list(folder.rglob("*.part"))


def test_without_a_folder_kernels_work_and_it_is_said_once(folder, caplog):
    """The reason is said when something was compiled that is not kept."""
    for _ in range(2):
        kernel = jit(FORM)
        kernel._cache = KernelCache(kernel, None, "no home")
        assert not caplog.records or len(caplog.records) == 1
        assert kernel(*ARGUMENTS) == 16
    assert len(caplog.records) == 1 and "no home" in caplog.text


# --- processes ---------------------------------------------------------------

SMALL = """
import numpy as np
from numbadp.mechanism.kernels.measure_cpu import form
assert form(np.array([1, 2, 1]), 3, 4, 5) == 16
print(sum(form.stats.cache_hits.values()), sum(form.stats.cache_misses.values()))
"""
OTHER = SMALL.replace("assert form", "print(form").replace(" == 16", ")")


def run_python(*programs, path=PACKAGE.parent, **environment):
    """Run a program in a fresh process that imports the package from `path`."""
    done = start_python("".join(map(textwrap.dedent, programs)), path, environment)
    out, err = done.communicate(timeout=1200)
    assert done.returncode == 0, err
    return out.split(), err


def start_python(program, path, environment):
    """Start a process."""
    full = {**os.environ, "PYTHONPATH": str(path), **environment}
    full.pop("NUMBADP_CACHE", None)
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env=full, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=path,
    )  # fmt: skip


def test_the_second_process_starts_from_the_cache(tmp_path):
    """Without a word in the environment but the place, in Python as on the command line."""
    runs = [run_python(SMALL, NUMBADP_CACHE_DIR=str(tmp_path / "k")) for _ in range(2)]
    assert [out for out, _ in runs] == [["0", "1"], ["1", "0"]]
    assert [err for _, err in runs] == ["", ""]


def test_two_first_processes_at_once_both_work(tmp_path):
    """They make the folder, compile and keep the same kernel; one file is left, and intact."""
    environment = {"NUMBADP_CACHE_DIR": str(tmp_path / "k")}
    several = [start_python(SMALL, PACKAGE.parent, environment) for _ in range(4)]
    ends = [(*process.communicate(timeout=1200), process.returncode) for process in several]
    assert {(err, code) for _, err, code in ends} == {("", 0)}
    assert len(list((tmp_path / "k").rglob("*.nbk"))) == 1
    assert not list((tmp_path / "k").rglob("*.part"))
    assert run_python(SMALL, **environment)[0] == ["1", "0"]


@pytest.mark.parametrize("kind", ["zip", "pyc alone", "one pyc"])
def test_where_the_source_cannot_be_read_nothing_is_kept(kind, tmp_path):
    """The package works from a zip and without .py files, and says once that nothing is kept."""
    package = tmp_path / "lib" / "numbadp"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__", "data"))
    path = package.parent
    if kind == "zip":
        path = tmp_path / "lib.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in package.rglob("*.py"):
                archive.write(file, file.relative_to(package.parent))
    else:
        only = package / "mechanism" / "kernels" / "measure_body.py"
        for file in [only] if kind == "one pyc" else list(package.rglob("*.py")):
            compileall.compile_file(file, quiet=2, legacy=True)
            file.unlink()
    for _ in range(2):
        out, err = run_in(SMALL, path, tmp_path)
        assert out == ["0", "1"]
        assert ("not kept" in err) == (kind != "one pyc")
    assert not list((tmp_path / "k").rglob("*.nbk"))


def run_in(program, path, tmp_path):
    """Run a program with the package at another place, from a folder of its own."""
    environment = {**os.environ, "PYTHONPATH": str(path), "NUMBADP_CACHE_DIR": str(tmp_path / "k")}
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX", "NUMBADP_CACHE"):
        environment.pop(name, None)
    process = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True,
        timeout=1200, cwd=tmp_path, check=False,
        env=environment,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    assert process.stderr.count("not kept") <= 1
    return process.stdout.split(), process.stderr


def test_an_older_versions_kernel_never_runs_for_newer_source(tmp_path):
    """At the same path, with the same size and time of every file, in the same cache."""
    package = tmp_path / "lib" / "numbadp"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__", "data"))
    body = package / "mechanism" / "kernels" / "measure_body.py"
    source = body.read_text()
    times = (body.stat().st_atime, body.stat().st_mtime)
    old = source.replace("[1] * second", "[2] * second")
    assert old != source and len(old) == len(source)
    body.write_text(old)
    os.utime(body, times)
    first, _ = run_in(OTHER, package.parent, tmp_path)
    assert first == ["12", "0", "1"]
    body.write_text(source)
    os.utime(body, times)
    shutil.rmtree(body.parent / "__pycache__")
    second, _ = run_in(OTHER, package.parent, tmp_path)
    assert second == ["16", "0", "1"]


def test_a_stale_pyc_does_not_give_its_kernel_the_name_of_the_source(tmp_path):
    """Python trusts a .pyc whose source has the same size and time: what it holds is what runs."""
    package = tmp_path / "lib" / "numbadp"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__", "data"))
    body = package / "mechanism" / "kernels" / "measure_body.py"
    source, times = body.read_text(), (body.stat().st_atime, body.stat().st_mtime)
    body.write_text(source.replace("[1] * second", "[2] * second"))
    os.utime(body, times)
    assert run_in(OTHER, package.parent, tmp_path)[0] == ["12", "0", "1"]
    body.write_text(source)
    os.utime(body, times)
    assert run_in(OTHER, package.parent, tmp_path)[0] == ["12", "1", "0"]  # Python's stale .pyc
    shutil.rmtree(body.parent / "__pycache__")
    assert run_in(OTHER, package.parent, tmp_path)[0] == ["16", "0", "1"]


def test_an_edit_elsewhere_leaves_a_kernel_good(tmp_path):
    """Other kernels, shared source that it does not use, lines that move: it is loaded."""
    package = tmp_path / "lib" / "numbadp"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__", "data"))
    assert run_in(OTHER, package.parent, tmp_path)[0] == ["16", "0", "1"]
    for name in ("noise_body.py", "measure_body.py", "../../compute/lanes.py"):
        path = package / "mechanism" / "kernels" / name
        source = path.read_text()
        path.write_text(f"# Another line.\n\n{source}\nANOTHER = 1\n")
    assert run_in(OTHER, package.parent, tmp_path)[0] == ["16", "1", "0"]


# --- which kernels, and under which names --------------------------------------


def test_a_kernel_of_a_test_works_and_is_not_kept(folder):
    """Its source is not hashed; nothing is said, since nothing is wrong."""
    kernel = kernel_in(folder, lambda x: x)
    assert kernel(3) == 3
    assert not list(folder.iterdir()) and not kernel_folder._said


def test_a_module_that_did_not_come_from_its_source_is_not_kept(folder, monkeypatch):
    """A .pyc that stands alone between sources, a module that something else made."""
    monkeypatch.setattr(measure_body, "__file__", measure_body.__file__ + "c")
    assert hits(folder) == (0, 1)
    assert not list(folder.iterdir())


@pytest.mark.parametrize("setting", ["OPT", "LOOP_VECTORIZE", "BOUNDSCHECK", "ENABLE_AVX"])
def test_settings_that_change_the_code_change_the_name(setting, folder, monkeypatch):
    """A kernel without optimisation or with checks is another one."""
    kernel = kernel_in(folder)
    place = lambda: kernel._cache._place((int64,), kernel.targetctx)  # noqa: E731
    name, key = place()
    assert place() == (name, key)
    monkeypatch.setattr(kernel_cache.config, setting, "another value")
    assert place()[0] != name


def test_another_processor_has_another_name(folder, monkeypatch):
    """A folder that several machines share never mixes their code."""
    kernel = kernel_in(folder)
    codegen = type(kernel.targetctx.codegen())
    name = kernel._cache._place((int64,), kernel.targetctx)[0]
    monkeypatch.setattr(codegen, "magic_tuple", lambda self: ("triple", "another", "+avx9"))
    assert kernel._cache._place((int64,), kernel.targetctx)[0] != name


@pytest.mark.parametrize("name", ["numba", "llvmlite", "np"])
def test_another_compiler_has_another_name(name, folder, monkeypatch):
    """Numba, llvmlite and NumPy are part of the name."""
    kernel = kernel_in(folder)
    before = kernel._cache._place((int64,), kernel.targetctx)[0]
    monkeypatch.setattr(getattr(kernel_cache, name), "__version__", "99")
    assert kernel._cache._place((int64,), kernel.targetctx)[0] != before

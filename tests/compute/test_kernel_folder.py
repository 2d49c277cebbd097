"""The folder of compiled kernels: its name, its place, whose it is, and what is cleared away."""

import os
import stat
import sys
import time
from pathlib import Path

import pytest

from numbadp import _version
from numbadp.compute import kernel_folder

needs_owners = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="no owners on this system")
OLD = "0.0.9-0123456789abcdef"


@pytest.fixture
def find(monkeypatch, tmp_path):
    """Look for the folder anew, below a place that stands for the user's choice."""
    monkeypatch.delenv("NUMBADP_CACHE", raising=False)
    monkeypatch.setenv("NUMBADP_CACHE_DIR", str(tmp_path / "kernels"))
    return kernel_folder.kernel_folder.__wrapped__


def mode_of(path):
    """Return the permission bits of a file or folder."""
    return stat.S_IMODE(os.lstat(path).st_mode)


# --- on by default, and its name ---------------------------------------------


@pytest.mark.parametrize("value", [None, "", "1", "yes"])
def test_kernels_are_kept_by_default(value, monkeypatch, find):
    """Python and the command line keep kernels alike, unless told not to."""
    if value is not None:
        monkeypatch.setenv("NUMBADP_CACHE", value)
    assert find().path.is_dir()


@pytest.mark.parametrize("value", ["0", "false", "No", " off "])
def test_the_user_switches_it_off(value, monkeypatch, find, tmp_path):
    """NUMBADP_CACHE=0 leaves no folder and makes none."""
    monkeypatch.setenv("NUMBADP_CACHE", value)
    assert find().path is None
    assert not any(tmp_path.iterdir())


def test_the_folder_is_named_after_version_and_source(find, tmp_path):
    """Its name has the version and 16 digits of a hash."""
    folder = find().path
    assert folder.parent == tmp_path / "kernels"
    version, digest = folder.name.rsplit("-", 1)
    assert version == _version.__version__
    assert len(bytes.fromhex(digest)) == 8


def test_without_its_source_nothing_is_kept(monkeypatch, find, tmp_path):
    """No hash, so no folder, and the reason."""
    monkeypatch.setattr(kernel_folder, "maker_hash", lambda: None)
    found = find()
    assert found.path is None and "source" in found.reason and found.remedy
    assert not any(tmp_path.iterdir())


# --- its place ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", "base/numbadp"),
        ("linux", None, "home/.cache/numbadp"),
        ("darwin", None, "home/Library/Caches/numbadp"),
        ("win32", "LOCALAPPDATA", "base/numbadp"),
        ("win32", None, "home/AppData/Local/numbadp"),
    ],
)
def test_the_root_is_the_platforms_cache(platform, variable, expected, monkeypatch, tmp_path):
    """Without a folder of the caller's choice the platform's user cache is taken."""
    for name in ("NUMBADP_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "home").mkdir()
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "base"))
    assert kernel_folder.cache_root() == tmp_path / expected


def no_home():
    """Do what pathlib does for a user without one."""
    raise RuntimeError("Could not determine home directory.")


@pytest.mark.parametrize("home", ["missing", "file", "", "relative", None])
def test_a_home_that_does_not_exist_is_not_made(home, monkeypatch, find, tmp_path):
    """A home that is missing, a file, empty or unknown means no cache; nothing is made there."""
    for name in ("NUMBADP_CACHE_DIR", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    place = Path(home) if home in ("", "relative", None) and home is not None else home
    place = tmp_path / home if home in ("missing", "file") else place
    monkeypatch.setattr(Path, "home", no_home if home is None else lambda: place)
    found = find()
    assert found.path is None and "no home" in found.reason and found.remedy
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_relative_place_is_taken_at_once(monkeypatch, find, tmp_path):
    """A later change of the working folder does not move the cache."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NUMBADP_CACHE_DIR", "here")
    assert find().path.parent == tmp_path / "here"
    monkeypatch.delenv("NUMBADP_CACHE_DIR")
    (tmp_path / "home").mkdir()
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "elsewhere")  # by its standard to be ignored
    assert kernel_folder.cache_root() == tmp_path / "home/.cache/numbadp"


@pytest.mark.parametrize("at", ["kernels", "kernels/{name}", "above"])
def test_a_file_in_the_way_means_no_cache(at, find, tmp_path, monkeypatch):
    """Where no folder can be made, nothing is kept, and the reason names the place."""
    name = f"{_version.__version__}-{kernel_folder.maker_hash()}"
    if at == "above":
        monkeypatch.setenv("NUMBADP_CACHE_DIR", str(tmp_path / "above" / "kernels"))
    blocked = tmp_path / at.format(name=name)
    blocked.parent.mkdir(mode=0o700, exist_ok=True)
    blocked.write_text("in the way")
    found = find()
    assert found.path is None and str(blocked) in found.reason and found.remedy


@pytest.mark.parametrize("error", [OSError(28, "No space left"), PermissionError(13, "denied")])
def test_a_folder_that_cannot_be_made_means_no_cache(error, monkeypatch, find):
    """A full or forbidden disk is no reason to fail."""

    def refuse(*arguments, **options):
        raise error

    monkeypatch.setattr(Path, "mkdir", refuse)
    found = find()
    assert found.path is None and error.strerror in found.reason and "NUMBADP" in found.remedy


# --- whose it is -------------------------------------------------------------


@needs_owners
@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o777])
def test_our_folders_are_ours_alone_whatever_the_mask(mask, find, tmp_path, monkeypatch):
    """Every folder that is made on the way is 0700."""
    monkeypatch.setenv("NUMBADP_CACHE_DIR", str(tmp_path / "a" / "b"))
    before = os.umask(mask)
    try:
        folder = find().path
    finally:
        os.umask(before)
    made = [folder, folder.parent, folder.parent.parent]
    assert folder.parent == tmp_path / "a" / "b"
    assert [mode_of(path) for path in made] == [0o700] * 3


@needs_owners
@pytest.mark.parametrize("which", ["root", "version"])
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o720, 0o1777, 0o775])
def test_a_folder_that_others_may_write_is_refused(mode, which, find):
    """Whatever lies in it is not loaded, and nothing is put there; the remedy is named."""
    folder = find().path
    loose = folder if which == "version" else folder.parent
    loose.chmod(mode)
    before = sorted(folder.iterdir())
    found = find()
    assert found.path is None
    assert "other users" in found.reason and str(loose) in found.reason
    assert f"chmod 700 {loose}" in found.remedy
    assert sorted(folder.iterdir()) == before and mode_of(loose) == mode


@needs_owners
@pytest.mark.parametrize("mode", [0o700, 0o755, 0o750])
def test_a_folder_that_others_may_only_read_is_taken(mode, find):
    """Reading kernels tells nobody anything."""
    folder = find().path
    folder.parent.chmod(mode)
    assert find().path == folder


@needs_owners
@pytest.mark.parametrize("which", ["root", "version"])
def test_a_folder_of_somebody_else_is_refused(which, find, monkeypatch):
    """Its owner could plant code there, whatever its mode, and could change that."""
    folder = find().path
    foreign = folder if which == "version" else folder.parent
    if os.geteuid() == 0:
        os.chown(foreign, 12345, -1)
    else:
        real = os.lstat

        def lstat(path):
            status = real(path)
            if Path(path) != foreign:
                return status
            return os.stat_result((*status[:4], status.st_uid + 1, *status[5:]))

        monkeypatch.setattr(os, "lstat", lstat)
    found = find()
    assert found.path is None and "another user" in found.reason and str(foreign) in found.reason


@needs_owners
def test_a_link_in_place_of_our_folder_is_refused(find, tmp_path):
    """A link leads to where its owner wants it to; the place that the user chose may be one."""
    folder = find().path
    (tmp_path / "real").mkdir()
    folder.joinpath("used").unlink()
    folder.rmdir()
    folder.symlink_to(tmp_path / "real")
    assert find().path is None and not any((tmp_path / "real").iterdir())
    folder.unlink()
    folder.parent.rename(tmp_path / "moved")
    (tmp_path / "kernels").symlink_to(tmp_path / "moved")
    assert find().path.parent == tmp_path / "moved"


@needs_owners
def test_a_place_where_everybody_renames_is_refused(find, tmp_path, monkeypatch):
    """Unless it is sticky, as /tmp is."""
    monkeypatch.setenv("NUMBADP_CACHE_DIR", str(tmp_path / "open" / "kernels"))
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    found = find()
    assert found.path is None and str(tmp_path / "open") in found.reason
    (tmp_path / "open").chmod(0o1777)
    assert find().path.is_dir()


@needs_owners
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() != 0, reason="needs root")
def test_root_makes_no_folder_in_somebody_elses_home(find, tmp_path, monkeypatch):
    """Run by sudo in a user's home, it would leave him a cache that he is refused."""
    (tmp_path / "home").mkdir()
    os.chown(tmp_path / "home", 12345, -1)
    monkeypatch.delenv("NUMBADP_CACHE_DIR")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    found = find()
    assert found.path is None and "another user" in found.reason
    assert not any((tmp_path / "home").iterdir())


def test_without_owners_only_the_users_profile_is_taken(find, monkeypatch, tmp_path):
    """On Windows access lists are not read: what lies outside of the profile is refused."""
    monkeypatch.delattr(os, "geteuid", raising=False)
    real = Path.stat

    def without_owner(path, **options):  # there all owners are 0, whoever runs this here
        found = real(path, **options)
        return os.stat_result([*found[:4], 0, *found[5:10]])

    monkeypatch.setattr(Path, "stat", without_owner)
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    monkeypatch.delenv("USERPROFILE", raising=False)
    assert find().path.is_dir()
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "profile"))
    found = find()
    assert found.path is None and "profile" in found.reason


# --- older versions ----------------------------------------------------------


def fill(folder, *names, used_s=None):
    """Make a folder of kernels that was last used so many seconds ago, or never marked."""
    folder.mkdir(parents=True, mode=0o700)
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("code")
    if used_s is not None:
        (folder / "used").touch()
        os.utime(folder / "used", (time.time() - used_s,) * 2)
    return folder


def test_folders_of_older_versions_are_removed(find, tmp_path):
    """With their kernels, as this version and as older ones wrote them."""
    root = tmp_path / "kernels"
    old = fill(root / OLD, "a.nbk", "kernels_12ab/b.nbi", "kernels_12ab/b.1.nbc", used_s=5)
    find()
    assert not old.exists()


def test_what_is_not_a_cache_stays(find, tmp_path):
    """Other folders, newer versions, links, and whatever else somebody keeps in an old folder."""
    root = tmp_path / "kernels"
    own = fill(tmp_path / "own", "b.nbk")
    kept = [
        fill(root / "photos", "a.png") / "a.png",
        fill(root / "99.0-0123456789abcdef", "a.nbk") / "a.nbk",
        fill(root / OLD, "letter.txt", "a.nbk") / "letter.txt",
        own / "b.nbk",
    ]
    (root / "0.0.8-0123456789abcdef").symlink_to(own)
    find()
    assert all(path.exists() for path in kept)
    assert not (root / OLD / "a.nbk").exists()


@pytest.mark.parametrize(("used_s", "stays"), [(None, False), (8 * 86400, False), (3600, True)])
def test_two_versions_side_by_side_leave_each_other_alone(used_s, stays, find, tmp_path):
    """An older version that is still used, from another environment, keeps its kernels."""
    find()
    old = fill(tmp_path / "kernels" / OLD, "a.nbk", used_s=used_s)
    same = f"{_version.__version__}-0123456789abcdef"
    other = fill(tmp_path / "kernels" / same, "a.nbk", used_s=used_s)
    find()
    assert (old.exists(), other.exists()) == (stays, stays)


@pytest.mark.parametrize("same_makers", [True, False])
def test_a_new_version_takes_over_what_it_would_compile_in_the_same_way(same_makers, find):
    """Kernels of an older version whose folder was made by the same source; others go."""
    folder = find().path
    version, makers = folder.name.rsplit("-", 1)
    old = f"0.0.9-{makers if same_makers else '0123456789abcdef'}"
    folder.rename(folder.parent / old)
    (folder.parent / old / "a.nbk").write_text("code")
    assert find().path == folder
    assert (folder / "a.nbk").exists() == same_makers
    assert not (folder.parent / old).exists()


@needs_owners
def test_nothing_is_taken_over_from_a_folder_that_others_write(find):
    """There, another may have given any file of ours the name of a kernel."""
    folder = find().path
    old = folder.rename(folder.parent / folder.name.replace(_version.__version__, "0.0.9"))
    (old / "a.nbk").write_text("code")
    old.chmod(0o770)
    assert find().path == folder and not list(folder.glob("*.nbk"))


@pytest.mark.parametrize(("unused_days", "stays"), [(0, True), (25, True), (40, False)])
def test_kernels_that_were_not_used_for_a_month_go(unused_days, stays, find):
    """A month of use without them: who comes back after a year finds all as it was."""
    folder = find().path
    for name, days in (("used", 365), ("a.nbk", 365 + unused_days), ("b.nbk", 365)):
        (folder / name).touch()
        os.utime(folder / name, (time.time() - days * 86400,) * 2)
    find()
    assert (folder / "a.nbk").exists() == stays
    assert (folder / "b.nbk").exists()


def test_a_folder_in_use_is_marked_once_a_day(find):
    """The mark of today stays, an old one is renewed."""
    used = find().path / "used"
    os.utime(used, (time.time() - 3600,) * 2)
    find()
    assert time.time() - used.stat().st_mtime > 3000
    os.utime(used, (time.time() - 2 * 86400,) * 2)
    find()
    assert time.time() - used.stat().st_mtime < 3000


def test_kernels_are_counted(tmp_path):
    """Whole kernels alone, with their bytes; a folder that is not there has none."""
    for name in ("a.nbk", "b.nbk", ".b.nbk-7.part", "used"):
        (tmp_path / name).write_bytes(bytes(10))
    assert kernel_folder.kept_kernels(tmp_path) == (2, 20)
    assert kernel_folder.kept_kernels(tmp_path / "missing") == (0, 0)


def test_what_cannot_be_kept_is_said_once(caplog, monkeypatch):
    """However many kernels there are, and whatever the reasons."""
    monkeypatch.setattr(kernel_folder, "_said", [])
    for reason in ("a full disk", "a full disk", "no home"):
        kernel_folder.say_not_kept(reason)
    assert [record.getMessage() for record in caplog.records] == [
        "compiled kernels are not kept: a full disk (see: numbadp doctor)"
    ]

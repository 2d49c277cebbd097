"""Ledgers in files: whole after every crash, one change at a time, never trusted when damaged."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounting.ledger.guarantees import TAU, guarantee
from numbadp import BudgetError, Ledger, LedgerError, NumbadpError, OptionError
from numbadp.accounting.ledger import file as module
from numbadp.accounting.ledger.account import Account
from numbadp.accounting.ledger.file import LedgerFile
from numbadp.accounting.ledger.price import Price
from numbadp.plan.coverage import WHOLE, Coverage

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests"
COVERS = [
    WHOLE,
    Coverage.of_picture(3, 4),
    Coverage((9, 9), 5, "5" * 64),
    Coverage((9, 9), 7, "7" * 64),
]
PRICES = st.builds(
    Price, st.fractions(0, 3, max_denominator=9), st.integers(1, 4), st.just(TAU),
    st.sampled_from(COVERS),
)  # fmt: skip


def beside(folder):
    """Names in a folder, less that of the lock, which some versions of filelock remove."""
    return sorted(set(os.listdir(folder)) - {"b.json.lock"})


def _run(script, *arguments, **options):
    """Start a script that imports the tests' helpers."""
    head = f"import sys; sys.path.insert(0, {str(TESTS)!r}); sys.path.insert(1, {str(ROOT)!r})\n"
    return subprocess.Popen([sys.executable, "-c", head + script, *map(str, arguments)], **options)


# --- what is kept ------------------------------------------------------------


@given(
    window=st.none() | st.integers(1, 5), prices=st.lists(PRICES | st.integers(1, 3), max_size=8),
    regions=st.sampled_from(["one", "each"]),
)  # fmt: skip
def test_every_account_comes_back_as_it_was(tmp_path_factory, window, prices, regions):
    path = tmp_path_factory.mktemp("ledger") / "budget.json"
    account, store = Account(Fraction(1000, 7), window, 3, regions=regions), LedgerFile(path)
    assert store.create(account) == account
    for price in prices:
        if account.covers is not None and isinstance(price, Price):
            price = replace(price, covers=account.covers)

        def change(one, price=price):
            return one.charged(price) if isinstance(price, Price) else one.skipped(price)

        account = change(account)
        store.update(change)
        assert LedgerFile(path).read() == account


def test_a_refused_charge_leaves_the_file_untouched(tmp_path):
    ledger = Ledger(1, path=tmp_path / "b.json")
    before = (tmp_path / "b.json").read_bytes()
    with pytest.raises(BudgetError):
        ledger.charge(guarantee(2))
    assert (tmp_path / "b.json").read_bytes() == before


def test_two_objects_on_one_file_share_its_budget(tmp_path):
    one, two = (Ledger(1, path=tmp_path / "b.json") for _ in range(2))
    one.charge(guarantee("1/2"))
    two.charge(guarantee("1/2"))
    assert one.remaining == two.remaining == 0
    with pytest.raises(BudgetError):
        one.charge(guarantee("1/9"))


@pytest.mark.skipif(not hasattr(os, "symlink") or os.name == "nt", reason="needs links")
def test_a_linked_name_is_the_same_ledger(tmp_path):
    Ledger(1, path=tmp_path / "b.json")
    os.symlink("b.json", tmp_path / "link.json")
    Ledger.load(tmp_path / "link.json").charge(guarantee())
    assert (tmp_path / "link.json").is_symlink()
    assert Ledger.load(tmp_path / "b.json").remaining == 0
    os.link(tmp_path / "b.json", tmp_path / "hard.json")
    with pytest.raises(LedgerError, match="several names"):
        Ledger.load(tmp_path / "b.json")


@pytest.mark.skipif(os.name == "nt", reason="needs permission bits")
def test_the_files_permissions_stay(tmp_path):
    ledger = Ledger(1, path=tmp_path / "b.json")
    os.chmod(tmp_path / "b.json", 0o640)
    ledger.charge(guarantee("1/2"))
    assert (tmp_path / "b.json").stat().st_mode & 0o777 == 0o640


# --- crashes -----------------------------------------------------------------

_CRASH = """
import os
from accounting.ledger.guarantees import guarantee
from numbadp.accounting.ledger import Ledger, file
path, where = sys.argv[1:]
ledger = Ledger.load(path)

def die(*arguments, **options):
    os.kill(os.getpid(), 9)

class Half:
    def __init__(self, stream):
        self.stream = stream
    def __enter__(self):
        return self
    def __exit__(self, *exception):
        pass
    def write(self, content):
        self.stream.write(content[: len(content) // 2])
        self.stream.flush()
        die()

if where == "in the middle of writing":
    file.open = lambda name, mode: Half(open(name, mode)) if "w" in mode else open(name, mode)
elif where == "before it is on the disk":
    file.os.fsync = die
elif where == "before the rename":
    file.os.replace = die
elif where == "after the rename":
    replace = os.replace
    file.os.replace = lambda a, b: (replace(a, b), die())
ledger.charge(guarantee(1))
"""


@pytest.mark.skipif(os.name == "nt", reason="needs kill -9")
@pytest.mark.parametrize(
    "where, spent",
    [
        ("in the middle of writing", 1),
        ("before it is on the disk", 1),
        ("before the rename", 1),
        ("after the rename", 2),
    ],
)
def test_a_process_killed_at_any_step_leaves_a_whole_ledger(tmp_path, where, spent):
    path = tmp_path / "b.json"
    Ledger(4, path=path).charge(guarantee(1))
    child = _run(_CRASH, path, where)
    assert child.wait(300) == -signal.SIGKILL
    after = Ledger.load(path)  # the lock is free, though its holder never freed it
    assert after.spent == spent
    after.charge(guarantee(1))
    assert Ledger.load(path).spent == spent + 1
    assert beside(tmp_path) == ["b.json"]


_SPENDER = """
from accounting.ledger.guarantees import guarantee
from numbadp.accounting.ledger import Ledger
ledger = Ledger.load(sys.argv[1])
print("ready", flush=True)
while True:
    ledger.charge(guarantee("1/7"))
    print("charged", flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="needs kill -9")
def test_kills_at_random_moments_never_lose_a_charge(tmp_path):
    path = tmp_path / "b.json"
    ledger = Ledger(10**6, path=path)
    reported = 0
    for attempt in range(6):
        child = _run(_SPENDER, path, stdout=subprocess.PIPE, text=True)
        assert child.stdout.readline() == "ready\n"
        for _ in range(attempt % 3):
            assert child.stdout.readline() == "charged\n"
            reported += 1
        time.sleep(0.02 + 0.013 * attempt)
        child.kill()
        reported += child.communicate()[0].count("charged\n")
    balance = ledger.balance()
    # A child may have died between its charge and its line, never the other way round.
    assert reported <= balance.releases <= reported + 6 and reported > 0
    assert balance.spent == Fraction(balance.releases, 7)


def test_a_full_disk_is_an_error_and_loses_nothing(tmp_path, monkeypatch):
    ledger = Ledger(4, path=tmp_path / "b.json")
    ledger.charge(guarantee(1))

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(LedgerError, match="No space left"):
        ledger.charge(guarantee(1))
    monkeypatch.undo()
    assert ledger.spent == 1


def test_a_charge_is_on_the_disk_before_its_name_is(tmp_path, monkeypatch):
    steps = []
    for name in ("fsync", "replace"):
        work = getattr(os, name)
        monkeypatch.setattr(
            module.os, name, lambda *a, name=name, work=work: (steps.append(name), work(*a))[1]
        )
    Ledger(4, path=tmp_path / "b.json").charge(guarantee(1))
    once = ["fsync", "replace"] + ["fsync"] * hasattr(os, "O_DIRECTORY")
    assert steps == 2 * once


# --- races -------------------------------------------------------------------

_RACER = """
from accounting.ledger.guarantees import guarantee
from numbadp import BudgetError
from numbadp.accounting.ledger import Ledger
ledger, made = Ledger.load(sys.argv[1]), 0
print("ready", flush=True)
sys.stdin.readline()
for _ in range(40):
    try:
        ledger.charge(guarantee("1/3"))
        made += 1
    except BudgetError:
        pass
print(made)
"""


def test_processes_never_pass_the_budget_together(tmp_path):
    path = tmp_path / "b.json"
    Ledger(20, path=path)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    racers = [_run(_RACER, path, **pipes) for _ in range(3)]
    for racer in racers:
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    made = [int(racer.communicate(timeout=1200)[0]) for racer in racers]
    balance = Ledger.load(path).balance()
    assert sum(made) == balance.releases == 60 and balance.remaining == 0


def test_threads_of_one_process_share_a_file(tmp_path):
    ledger = Ledger(20, path=tmp_path / "b.json")

    def spend():
        for _ in range(10):
            ledger.charge(guarantee("1/3"))

    threads = [threading.Thread(target=spend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.balance().releases == 40


def test_a_lock_that_nobody_frees_is_an_error_and_no_hang(tmp_path, monkeypatch):
    from filelock import FileLock

    monkeypatch.setattr(module, "LOCK_SECONDS", 0.05)
    ledger = Ledger(1, path=tmp_path / "b.json")
    with FileLock(f"{tmp_path / 'b.json'}.lock"), pytest.raises(LedgerError, match="held by"):
        ledger.charge(guarantee())


# --- what is not trusted -----------------------------------------------------


def test_an_older_copy_is_noticed(tmp_path):
    path = tmp_path / "b.json"
    ledger = Ledger(4, path=path)
    old = path.read_bytes()
    ledger.charge(guarantee(1))
    path.write_bytes(old)
    with pytest.raises(LedgerError, match="gone back"):
        ledger.charge(guarantee(1))


def test_a_reading_that_was_refused_is_forgotten(tmp_path):
    """10**30 frames once, and mended: nothing has gone back."""
    path = tmp_path / "b.json"
    ledger = Ledger(4, path=path)
    ledger.charge(guarantee(1))
    right = path.read_text()
    for absurd in (10**30, 2**48 + 1):
        path.write_text(json.dumps(json.loads(right) | {"frames": absurd}))
        with pytest.raises(LedgerError, match="damaged"):
            ledger.charge(guarantee(1))
        path.write_text(right)
        assert ledger.spent == 1
    with pytest.raises(LedgerError, match="Skip fewer"):
        ledger.skip(2**48)
    assert ledger.balance().frames == 1


def test_ledgers_of_the_first_version_are_read_and_go_on(tmp_path):
    path, content = _content(tmp_path, 3)
    path.write_text(json.dumps(_first_version(content)))
    ledger = Ledger.load(path)
    ledger.charge(guarantee("1/3"))
    assert ledger.balance().releases == 5 and json.loads(path.read_text())["version"] == 2


TERMS = [{"m": 1}, {"window": 9}, {"epsilon": 50}]


@pytest.mark.parametrize("terms", TERMS, ids=str)
def test_a_file_that_was_made_anew_with_other_terms_is_refused(tmp_path, terms):
    """At every reading and at every charge, in words that tell both."""
    path = tmp_path / "b.json"
    old = {"epsilon": 40, "window": None, "m": 16}
    ledger = Ledger(**old, path=path)
    path.unlink()
    new = Ledger(**(old | terms), path=path)
    for work in (
        lambda: ledger.charge(guarantee(1)),
        lambda: ledger.check(guarantee(1)),
        lambda: ledger.skip(),
        lambda: ledger.spent,
        lambda: ledger.for_pixels(3),
    ):
        with pytest.raises(LedgerError, match=r"m=16: somebody made the file anew"):
            work()
    assert new.balance().frames == 0


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_a_link_planted_for_the_part_is_not_followed(tmp_path):
    path, victim = tmp_path / "b.json", tmp_path / "victim"
    victim.write_text("precious")
    os.symlink(victim, tmp_path / "b.json.part")
    ledger = Ledger(4, path=path)
    os.symlink(tmp_path / "nowhere", tmp_path / "b.json.part")
    ledger.charge(guarantee(1))
    assert victim.read_text() == "precious"
    assert beside(tmp_path) == ["b.json", "victim"]
    assert Ledger.load(path).spent == 1


@pytest.mark.skipif(os.name == "nt", reason="needs links")
def test_a_link_planted_for_the_lock_is_refused(tmp_path):
    (tmp_path / "victim").write_text("precious")
    os.symlink(tmp_path / "victim", tmp_path / "b.json.lock")
    with pytest.raises(LedgerError, match="lock is a link"):
        Ledger(4, path=tmp_path / "b.json")
    assert (tmp_path / "victim").read_text() == "precious"


def test_a_ledger_that_vanished_is_not_made_anew(tmp_path):
    ledger = Ledger(4, path=tmp_path / "b.json")
    (tmp_path / "b.json").unlink()
    with pytest.raises(LedgerError, match="No such file"):
        ledger.charge(guarantee(1))
    with pytest.raises(LedgerError, match="No such file"):
        Ledger.load(tmp_path / "b.json")
    assert not (tmp_path / "b.json").exists()


@pytest.mark.parametrize("folder", ["missing", "file"])
def test_a_place_that_cannot_be_written_is_refused(tmp_path, folder):
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="Nothing was released"):
        Ledger(1, path=tmp_path / folder / "b.json")


@pytest.mark.parametrize("path", [1, b"b.json", ["b.json"]])
def test_only_names_are_names(path):
    with pytest.raises(NumbadpError, match="file name|cannot be kept"):
        Ledger(1, path=path)


def _content(tmp_path, window):
    path = tmp_path / "b.json"
    ledger = Ledger(5, window, path=path)
    for epsilon in ("1/3", "1/3", "1/7", 1):
        ledger.charge(guarantee(epsilon))
    return path, json.loads(path.read_text())


DAMAGE = [
    {"format": "another"},
    {"version": 3},
    {"version": 1},
    {"version": True},
    {"regions": "some"},
    {"regions": "each"},
    {"named": ["0" * 16]},
    {"covers": None},
    {"covers": "all"},
    {"covers": [4, 4, 16, "0" * 64]},
    {"covers": [4, 4, 3, "0" * 63]},
    {"known": None},
    {"known": ["0" * 31]},
    {"known": ["\n" + "0" * 31]},
    {"known": ["0" * 32] * 257},
    {"frames": 10**30},
    {"epsilon": "0"},
    {"epsilon": "1e999999999"},
    {"epsilon": "nan"},
    {"epsilon": 1},
    {"epsilon": "1/0"},
    {"epsilon": "1/10"},
    {"window": 0},
    {"window": 2.0},
    {"m": True},
    {"m": "16"},
    {"frames": 1},
    {"frames": -1},
    {"charges": {}},
    {"charges": [["1/3", 2, "0", 9], ["1/3", 1, "0", 9]]},
    {"charges": [["-1/3", 2, "0", None]]},
    {"charges": [["1/3", 0, "0", None]]},
    {"charges": [["1/3", 1, "0"]]},
    {"charges": None},
    {"recent": [[1, "1"]]},
    {"recent": [[0, "1"], [2, "0"]]},
    {"recent": [[2, "9"]]},
    {"more": 1},
]


def test_more_charges_than_frames_are_refused(tmp_path):
    """Each charge is at least a frame; without a window nothing else remembers how many there were."""
    path, content = _content(tmp_path, None)
    assert content["frames"] == 4
    path.write_text(json.dumps(content | {"frames": 3}))
    with pytest.raises(LedgerError, match="damaged"):
        Ledger.load(path)


@pytest.mark.parametrize("damage", DAMAGE, ids=str)
def test_damaged_accounts_are_refused(tmp_path, damage):
    path, content = _content(tmp_path, 3)
    path.write_text(json.dumps(content | damage))
    with pytest.raises(LedgerError, match="damaged"):
        Ledger.load(path)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"null", b"[]", b"\xff\xfe", b"[" * 10**5, b"9" * 10**5, b'{"m": NaN}', b"{}"],
    ids=lambda content: repr(content[:12]),
)
def test_what_is_no_ledger_is_refused(tmp_path, content):
    (tmp_path / "b.json").write_bytes(content)
    for opening in (Ledger.load, lambda path: Ledger(1, path=path)):
        with pytest.raises(LedgerError, match="damaged"):
            opening(tmp_path / "b.json")
    assert (tmp_path / "b.json").read_bytes() == content


@given(cut=st.integers(0, 400), flip=st.integers(0, 400), bit=st.integers(0, 7))
def test_truncated_and_flipped_files_are_ledgers_or_refused(tmp_path_factory, cut, flip, bit):
    path, _ = _content(tmp_path_factory.mktemp("ledger"), None)
    content = bytearray(path.read_bytes()[: cut or None])
    if flip < len(content):
        content[flip] ^= 1 << bit
    path.write_bytes(content)
    try:
        ledger = Ledger.load(path)
    except LedgerError:
        return
    assert 0 <= ledger.spent <= ledger.epsilon


def test_a_huge_file_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_MAX_BYTES", 10)
    path = tmp_path / "b.json"
    with pytest.raises(LedgerError, match="damaged"):
        Ledger(1, path=path)


# --- files of version 1 --------------------------------------------------------


def _first_version(content):
    """Return a file's contents as version 1 wrote them."""
    new = ("regions", "covers", "named", "known")
    old = {key: content[key] for key in content if key not in new}
    return old | {"version": 1, "charges": [charge[:3] for charge in content["charges"]]}


def test_a_file_of_version_1_stays_readable_and_takes_whole_pictures_alone(tmp_path):
    """What its charges covered is not known, so no region can be added to them."""
    path, content = _content(tmp_path, 3)
    path.write_text(json.dumps(_first_version(content)))
    ledger = Ledger(5, 3, path=path)
    assert ledger.spent == Fraction(1, 7) + 1 and ledger.regions == "one"
    assert "an older file names none" in str(ledger)
    face = replace(guarantee(1), covers=Coverage((9, 9), 5, "5" * 64))
    with pytest.raises(BudgetError, match="older file does not name"):
        ledger.charge(face)
    ledger.charge(guarantee(1))
    again = json.loads(path.read_text())
    assert (again["version"], again["covers"]) == (2, "unnamed")
    with pytest.raises(BudgetError, match="older file does not name"):
        Ledger.load(path).charge(face)
    with pytest.raises(OptionError, match="made with"):
        Ledger(5, 3, path=path, regions="each")


def test_an_empty_file_of_version_1_takes_any_first_charge(tmp_path):
    path = tmp_path / "b.json"
    Ledger(5, path=path)
    path.write_text(json.dumps(_first_version(json.loads(path.read_text()))))
    face = replace(guarantee(1), covers=Coverage((9, 9), 5, "5" * 64))
    Ledger.load(path).charge(face)
    assert "inside a region of 5 pixels" in str(Ledger.load(path))

"""Keys: filled by the operating system in place, read as RFC words, wiped, never copied."""

import ctypes
import errno
import os

import numpy as np
import pytest
from cases import ExpectFail, failing
from memory import can_search, child, found, found_keys

from numbadp.compute.forgetting import Scratch
from numbadp.errors import EntropyError, KeyUseError, NumbadpError
from numbadp.mechanism import entropy
from numbadp.mechanism.entropy import KEY_BYTES, Key, draw_into, fresh_id, fresh_key

pytestmark = pytest.mark.fresh_noise


def words():
    """Return memory for a key."""
    return np.zeros(8, np.uint32)


class Generator:
    """A getentropy that gives a few answers, then what it was asked to write."""

    def __init__(self, *failures):
        self.failures, self.asked = list(failures), []

    def __call__(self, address, size):
        self.asked.append(size)
        if self.failures:
            ctypes.set_errno(self.failures.pop(0))
            return -1
        ctypes.memset(address, 0x41, size)
        return 0


@pytest.fixture
def generator(monkeypatch):
    """Replace the C library's call."""

    def replace(*failures):
        made = Generator(*failures)
        monkeypatch.setattr(entropy, "_generator", lambda: made)
        monkeypatch.setattr("sys.platform", "linux")
        return made

    return replace


@pytest.fixture
def device(monkeypatch, tmp_path):
    """Replace the device by a file of our own that counts as one."""

    def replace(content, is_device=True):
        path = tmp_path / "urandom"
        path.write_bytes(content)
        monkeypatch.setattr(entropy, "_DEVICE", str(path))
        monkeypatch.setattr(entropy.stat, "S_ISCHR", lambda mode: is_device)
        return path

    return replace


def test_fresh_key_asks_the_system_for_32_bytes_once(generator):
    """One call with the address of the words makes the key, and nothing else does."""
    made = generator()
    assert set(fresh_key(Scratch()).words.tolist()) == {0x41414141}
    assert made.asked == [KEY_BYTES] == [32]


def test_the_real_generator_fills_every_byte():
    """Of forty draws no byte is zero throughout; false alarm below 32 * 256**-40."""
    drawn = np.zeros((40, KEY_BYTES), np.uint8)
    for row in drawn:
        draw_into(row.view(np.uint32))
    assert drawn.any(axis=0).all()


def test_nothing_beside_the_words_is_written():
    """Memory before and after them stays as it is."""
    around = np.full(24, 7, np.uint32)
    draw_into(around[8:16])
    assert (around[:8] == 7).all() and (around[16:] == 7).all() and (around[8:16] != 7).any()


def test_an_interrupted_call_is_made_again(generator):
    """A signal is no failure."""
    made = generator(errno.EINTR, errno.EINTR)
    drawn = words()
    draw_into(drawn)
    assert len(made.asked) == 3 and drawn.all()


@pytest.mark.parametrize("failure", [errno.ENOSYS, errno.EPERM])
def test_without_the_call_the_device_is_read(failure, generator, monkeypatch):
    """An old kernel, or a sandbox that forbids the call: the same generator's device."""
    generator(failure)
    drawn = [words(), words()]
    for one in drawn:
        monkeypatch.setattr(entropy, "_generator", lambda: Generator(failure))
        draw_into(one)
    assert (drawn[0] != drawn[1]).sum() > 4
    monkeypatch.setattr(entropy, "_generator", lambda: None)
    draw_into(drawn[0])
    assert drawn[0].any()


def test_short_reads_of_the_device_are_gone_on_with(generator, device, monkeypatch):
    """Seven bytes at a time fill all 32."""
    generator(errno.ENOSYS)
    device(bytes(range(1, 33)))
    real = open

    class Slow:
        def __init__(self, *arguments, **options):
            assert options == {"buffering": 0}  # nothing is read ahead into a buffer of Python's
            self.file = real(*arguments, **options)

        def __enter__(self):
            return self

        def __exit__(self, *exception):
            self.file.close()

        def fileno(self):
            return self.file.fileno()

        def readinto(self, target):
            return self.file.readinto(target[:7])

    monkeypatch.setattr(entropy, "open", Slow, raising=False)
    drawn = words()
    draw_into(drawn)
    assert drawn.tobytes() == bytes(range(1, 33))


@pytest.mark.parametrize("failure", [errno.EIO, errno.EFAULT, 0])
def test_a_generator_that_fails_is_an_error(failure, generator):
    """There is nothing weaker to fall back on."""
    generator(*[failure] * 3)
    with pytest.raises(EntropyError, match="failed.*Repair"):
        fresh_key(Scratch())


def test_a_generator_that_writes_nothing_is_an_error(monkeypatch):
    """Zeros are no key, though the call says that all went well."""
    monkeypatch.setattr(entropy, "_generator", lambda: lambda address, size: 0)
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(EntropyError, match="nothing but zeros"):
        fresh_key(Scratch())


@failing(
    ExpectFail("ends", (b"x" * 31, True), EntropyError, "ended after 31 bytes"),
    ExpectFail("empty", (b"", True), EntropyError, "ended after 0 bytes"),
    ExpectFail("file", (b"x" * 99, False), EntropyError, "is not a device"),
)
def test_a_device_that_is_none_is_an_error(bad, generator, device):
    """A file in its place, or one that ends, gives no key."""
    generator(errno.ENOSYS)
    device(*bad.given)
    with pytest.raises(bad.error, match=bad.match):
        fresh_key(Scratch())


def test_a_missing_device_is_an_error(generator, device):
    """In a bare chroot there is none."""
    generator(errno.ENOSYS)
    os.remove(device(b""))
    with pytest.raises(EntropyError, match="cannot be read: No such file"):
        fresh_key(Scratch())


@pytest.mark.parametrize("status", [0, 0xC0000001])
def test_windows_is_asked_in_its_own_way(status, monkeypatch):
    """BCryptGenRandom with the system's preferred generator; any status but 0 is an error."""
    asked = []

    class Bcrypt:
        @staticmethod
        def BCryptGenRandom(algorithm, address, size, flags):
            asked.append((algorithm, size, flags))
            ctypes.memset(address, 0x41, size)
            return status

    monkeypatch.setattr(ctypes, "WinDLL", lambda name: {"bcrypt": Bcrypt}[name], raising=False)
    monkeypatch.setattr("sys.platform", "win32")
    if status:
        with pytest.raises(EntropyError, match="0xc0000001"):
            fresh_key(Scratch())
    else:
        assert set(fresh_key(Scratch()).words.tolist()) == {0x41414141}
    assert asked == [(None, 32, 2)]


@can_search
def test_no_copy_of_the_bytes_is_left():
    """Thirty keys, each drawn into its words; Power: bytes that Python made of them are found."""
    script = """
from numbadp.compute.forgetting import Scratch
kept = []
for n in range(30):
    own = Scratch()
    with own, own:
        key = entropy.fresh_key(own)
        kept += [bytes(key.words)] if n == 7 else []
wait()
"""
    with child(script) as (process, keys):
        assert len(keys) == 30
        assert found_keys(process.pid, keys) == {"key 7"}
        assert not found(process.pid, {"first half": keys[3][:4].tobytes()})


def test_fresh_keys_differ():
    """A thousand keys are a thousand keys, and every word of them varies."""
    words = np.array([fresh_key(Scratch()).words for _ in range(1000)])
    assert words.shape == (1000, 8)
    for column in words.T:
        assert len(set(column.tolist())) > 990  # false alarm below 1e-20


def test_words_are_little_endian():
    """Word 0 of a key is its first four bytes, least significant first."""
    assert Key(bytes(range(32))).words[0] == 0x03020100


def test_a_key_keeps_its_own_copy():
    """Changing the material afterwards does not change the key."""
    material = bytearray(32)
    key = Key(material)
    material[0] = 255
    assert not key.words.any()


def test_leaving_the_block_wipes():
    """After the scratch's block the words are zero in the memory that kernels saw."""
    own = Scratch()
    with own, own:
        seen = fresh_key(own).words
        assert seen.any()
    assert not seen.any()


def test_an_error_in_the_block_wipes():
    """A block that raises wipes the words and lets the error through."""
    own = Scratch()
    with pytest.raises(ZeroDivisionError), own, own:
        seen = fresh_key(own).words
        assert seen.any()
        raise ZeroDivisionError
    assert not seen.any()


def test_the_scratch_knows_the_words_before_they_are_drawn(monkeypatch):
    """A failure while they are drawn leaves none behind."""
    seen = []

    def stop(words):
        words[:] = 7
        seen.append(words)
        raise KeyboardInterrupt

    monkeypatch.setattr(entropy, "draw_into", stop)
    own = Scratch()
    with pytest.raises(KeyboardInterrupt), own, own:
        fresh_key(own)
    assert len(seen) == 1 and not seen[0].any()


def test_a_key_has_no_room_for_more():
    """A key has no dictionary in which words could linger."""
    key = Key(bytes(32))
    assert Key.__slots__ == ("words",)
    with pytest.raises(AttributeError):
        key.note = 1


@failing(
    ExpectFail("short", bytes(31), KeyUseError, "32 bytes; got 31"),
    ExpectFail("long", bytes(33), KeyUseError, "32 bytes; got 33"),
    ExpectFail("empty", b"", KeyUseError, "32 bytes; got 0"),
)
def test_refuses_other_lengths(bad):
    """A key of another length is refused, and the message carries no byte of it."""
    with pytest.raises(bad.error, match=bad.match) as caught:
        Key(bad.given)
    assert isinstance(caught.value, (NumbadpError, TypeError))
    assert "fresh_key()" in str(caught.value)


def test_ids_are_32_digits_and_differ():
    """A thousand names are a thousand names, and no release's name comes from its key."""
    names = {fresh_id() for _ in range(1000)}
    assert len(names) == 1000
    assert all(len(name) == 32 and set(name) <= set("0123456789abcdef") for name in names)

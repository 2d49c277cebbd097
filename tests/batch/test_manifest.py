"""The manifest: lines that are whole or none, the last of an id counts."""

import json
import resource
import signal

import pytest

from numbadp.batch.manifest import Manifest, read_manifest
from numbadp.errors import StoreError


def line(identity, status, **more):
    """A record."""
    return {"id": identity, "status": status, **more}


def test_lines_come_back_in_order(tmp_path):
    """Over several runs, names that are no text included."""
    path = tmp_path / "new" / "jobs.jsonl"
    for status in ("failed", "released"):
        with Manifest(path) as manifest:
            manifest.add(line("a\udc80ä", status))
    assert [record["status"] for record in read_manifest(path)] == ["failed", "released"]
    assert path.read_bytes().isascii() and not list(read_manifest(tmp_path / "none"))


def test_what_failed_is_what_was_not_done_since(tmp_path):
    """By the last line of each id."""
    with Manifest(tmp_path / "j") as manifest:
        for record in (
            line("a", "failed", error="broken"), line("b", "released"), line("c", "failed"),
            line("c", "kept"), line("b", "failed", error="worse"),
        ):  # fmt: skip
            manifest.add(record)
        assert manifest.failed() == {"a": "broken", "b": "worse"}


@pytest.mark.parametrize("kept", range(0, 24, 3))
def test_a_line_that_was_cut_is_no_line(tmp_path, kept):
    """And the next one begins anew."""
    path = tmp_path / "j"
    whole = json.dumps(line("a", "released")) + "\n"
    path.write_text(whole + json.dumps(line("b", "failed"))[:kept])
    with Manifest(path) as manifest:
        manifest.add(line("c", "released"))
    assert [record["id"] for record in read_manifest(path)] == ["a", "c"]


def test_lines_of_others_are_passed_over(tmp_path):
    """Anything that is no record."""
    (tmp_path / "j").write_text('7\n{"id":7}\n[]\nx\n\n{"id":"a","status":"released"}\n')
    assert [record["id"] for record in read_manifest(tmp_path / "j")] == ["a"]


def test_what_cannot_be_written_is_told(tmp_path):
    """A folder of this name, and a disk that is full."""
    with pytest.raises(StoreError, match="cannot be written"):
        Manifest(tmp_path)
    with pytest.raises(StoreError, match="cannot be read"):
        list(read_manifest(tmp_path))
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        with Manifest(tmp_path / "j") as manifest:
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
            with pytest.raises(StoreError, match="cannot be written"):
                for _ in range(9):
                    manifest.add(line("a", "released"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, old)

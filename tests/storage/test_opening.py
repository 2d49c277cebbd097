"""A file up to its payload: what is there, and what is refused before anything is allocated."""

import io

import pytest

from numbadp import FileFormatError, OptionTypeError, load
from numbadp.storage.opening import LAYO, open_sections

from .test_stored_layout import content_of, mixed


def test_leaves_and_splits_belong_to_the_plan():
    release = mixed("private")
    sections, plan, guarantee, layout = open_sections(io.BytesIO(content_of(release)), 10**6)
    assert LAYO in sections
    assert (plan, guarantee, layout) == (release.plan, release.guarantee, release.layout)


@pytest.mark.parametrize("payload", ["release", "mosaic"])
@pytest.mark.parametrize("name", ["zones", "region"])
def test_what_passes_the_limit_is_refused_by_the_header(name, payload):
    content = content_of(mixed(name), payload)
    load(io.BytesIO(content), max_bytes=10**6)
    with pytest.raises(FileFormatError, match="asks for [0-9]+ bytes of memory; at most 999"):
        load(io.BytesIO(content), max_bytes=999)


def test_only_files_are_opened():
    with pytest.raises(OptionTypeError, match="file name or a binary file"):
        open_sections(3, 10)

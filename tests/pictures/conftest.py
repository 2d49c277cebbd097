"""Images as Pillow keeps large ones."""

import pytest
from PIL import Image


@pytest.fixture
def in_pieces():
    """New images of more than 4 KiB are in several pieces, as else beyond 16 MiB."""
    before = Image.core.get_block_size()
    Image.core.set_block_size(4096)
    yield
    Image.core.set_block_size(before)

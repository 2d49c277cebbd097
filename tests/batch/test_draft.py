"""A draft: a stream to write to, and the step that publishes."""

from io import BytesIO

from numbadp.batch.draft import Draft


def test_a_draft_is_called_to_publish():
    """With whatever its store wants to be told."""
    draft = Draft(BytesIO(), lambda *told: told)
    draft.stream.write(b"x")
    assert draft("a", 2) == ("a", 2) and draft() == () and draft.stream.getvalue() == b"x"

"""What Django's test client answers, by a name that can be written down."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

# Looked up by type checkers alone: there is no such class while tests run.
type Answer = _MonkeyPatchedWSGIResponse

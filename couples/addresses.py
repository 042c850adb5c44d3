"""Addresses as browsers, and others, say them: in Origin and Referer stands what anybody likes."""

from urllib.parse import SplitResult, urlsplit

NONE = SplitResult("", "", "", "", "")


def split(address: str) -> SplitResult:
    """In its parts; what is no address has none."""
    try:
        return urlsplit(address)
    except ValueError:
        return NONE

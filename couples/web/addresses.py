"""Addresses as browsers, and others, say them: in Origin and Referer stands what anybody likes."""

from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.urls import reverse

NONE = SplitResult("", "", "", "", "")


def split(address: str) -> SplitResult:
    """In its parts; what is no address has none."""
    try:
        return urlsplit(address)
    except ValueError:
        return NONE


def absolute(name: str, *args: str) -> str:
    """The address of a page of ours, for a mail."""
    return settings.BASE_URL + reverse(name, args=args)

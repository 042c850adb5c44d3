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


def is_ours(origin: str, host: str) -> bool:
    """Whether a page of this site sent it: its scheme and its host, as the request names the host.
    Who may be named so is for ALLOWED_HOSTS."""
    page, base = split(origin), split(settings.BASE_URL)
    return page.scheme == base.scheme and page.netloc in (host, base.netloc)


def absolute(name: str, *args: str) -> str:
    """The address of a page of ours, for a mail."""
    return settings.BASE_URL + reverse(name, args=args)

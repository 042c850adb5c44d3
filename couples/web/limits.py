"""How often something may be done: counted in the database, for all processes together.

allauth counts its own (signing in and up, codes, mails) and ours (`ACCOUNT_RATE_LIMITS`) in
Django's cache, which is the table of `Limit`. No address, of a person or a machine, stands in it.
"""

from typing import Any

from allauth.core import ratelimit
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from couples.web.logs import note


def hashed_key(key: str, prefix: str, version: Any) -> str:
    """What is counted is found again and not read."""
    return salted_hmac("couples.limits", f"{version}:{key}", algorithm="sha256").hexdigest()


def allows(request: HttpRequest, action: str, key: str = "", *, only_ask: bool = False) -> bool:
    """Whether this may be done once more; unless only asked, it counts from now on."""
    once_more: bool = ratelimit.consume(request, action=action, key=key, dry_run=only_ask)
    if not once_more and not only_ask:
        note("limit reached", what=action)
    return once_more

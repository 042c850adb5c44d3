"""How often something may be done: counted in the database, for all processes together.

allauth counts its own (signing in and up, codes, mails) and ours (`ACCOUNT_RATE_LIMITS`) in
Django's cache, which is this table. No address, of a person or a machine, stands in it.
"""

from typing import Any

from allauth.core import ratelimit
from django.db import models
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from couples.logs import note


class Limit(models.Model):
    """As Django's DatabaseCache wants it; it also deletes what has run out."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "couples_limit"

    def __str__(self) -> str:
        return f"limit until {self.expires:%c}"


def hashed_key(key: str, prefix: str, version: Any) -> str:
    """What is counted is found again and not read."""
    return salted_hmac("couples.limits", f"{version}:{key}", algorithm="sha256").hexdigest()


def allows(request: HttpRequest, action: str, key: str = "", *, only_ask: bool = False) -> bool:
    """Whether this may be done once more; unless only asked, it counts from now on."""
    once_more: bool = ratelimit.consume(request, action=action, key=key, dry_run=only_ask)
    if not once_more and not only_ask:
        note("limit reached", what=action)
    return once_more

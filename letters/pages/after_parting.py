"""The sealed letters that somebody keeps from a time when they shared a home with another."""

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from couples.models import User
from couples.pages.dashboard import Line
from letters.sealing.models import Seal


def letters(person: User) -> list[Line]:
    seals = Seal.objects.kept_by(person).prefetch_related("signatures").order_by("-sealed_at")
    return [_line(seal) for seal in seals.select_related("letter__couple")]


def _line(seal: Seal) -> Line:
    names = [signature.name for signature in seal.signatures.all()]
    return Line(
        title=_("A letter sealed by %(one)s and %(two)s")
        % dict(zip(("one", "two"), names, strict=True)),
        detail=date_format(localtime(seal.sealed_at), "j F Y"),
        url=reverse("letters:sealed", args=[seal.letter_id]),
        action=_("Read"),
    )

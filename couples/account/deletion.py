"""An account is deleted: asked for, a week in which one may change one's mind, and then gone.

Whatever is one person's alone goes: rows, sessions, mail, files, and the key that opened them, so
that no backup of the writing can be read either. What both could read stays with the other one,
under the key of their home and the names of then (see couples/kept/book.py). For that alone a row
of the person stays behind, which says nothing of them and with which nobody can sign in. Once no
one of a home has an account any more, the home goes as well, with its key.

The worker does it. Each step may be done again, so one that dies in the middle goes on where it
was: the row that says that it is due goes last, and is emptied in the transaction of that.
"""

from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.utils import getaddresses
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from couples.account.mails import send_deletion
from couples.crypto import keyring
from couples.mail.outbox import OutgoingMail
from couples.models import Acceptance, Invitation, Partner, Session, User, Workspace
from couples.web.logs import note

GRACE = timedelta(days=7)


def ask(user: User) -> None:
    """From now it takes a week. Asked twice, the first day stands."""
    with transaction.atomic():
        user.lock()
        user.refresh_from_db(fields=["deletes_at"])
        if user.deletes_at is None:
            user.deletes_at = timezone.now() + GRACE
            user.save(update_fields=["deletes_at"])
            send_deletion(user)
    note("deletion asked for", person=user.pk)


def keep(user: User) -> None:
    """They have changed their mind. Once it has begun, nothing can be kept."""
    kept = User.objects.filter(pk=user.pk, is_active=True).update(deletes_at=None)
    if kept:
        note("deletion taken back", person=user.pk)


def delete_due(now: datetime) -> int:
    """Delete the accounts whose week is over; how many these were."""
    due = list(User.objects.filter(deletes_at__lte=now))
    for user in due:
        delete(user)
    return len(due)


def delete(user: User) -> None:
    person = user.pk
    try:
        for step in STEPS:
            step(user)
    except ChangedMind:
        return
    note("account deleted", person=person)


class ChangedMind(Exception):
    """They kept it at the last moment; or another worker was here first, and it is gone."""


def _hold(user: User) -> None:
    """Lock the row until the transaction ends, if it is still to be deleted."""
    rows = User.objects.select_for_update(no_key=True).filter(pk=user.pk)
    if rows.exclude(deletes_at=None).first() is None:
        raise ChangedMind


def _begin(user: User) -> None:
    """Nobody signs in with it any more, whom they lived with is left as on any other day, and
    whoever invited them cannot say yes to them any more."""
    with transaction.atomic():
        _hold(user)
        user.is_active = False
        user.save(update_fields=["is_active"])
        seat = Partner.objects.active().filter(user=user).first()
        if seat is not None:
            seat.leave()
        Acceptance.objects.filter(user=user).delete()
        Session.objects.of(user).delete()


def _addresses(user: User) -> set[str]:
    further = EmailAddress.objects.filter(user_id=user.pk)
    return {user.email.lower(), *(str(each.email).lower() for each in further)}


def _drop_mail(user: User) -> None:
    addresses = _addresses(user)
    for mail in OutgoingMail.objects.iterator():
        if addresses & {to.lower() for to in mail.as_email().to}:
            mail.delete()


def _drop_files(user: User) -> None:
    """Of a household whose mail lies as files."""
    addresses = _addresses(user)
    for file in settings.MAIL_DIR.glob("*.eml"):
        headers = message_from_bytes(file.read_bytes(), policy=policy.default)
        if addresses & {to.lower() for _name, to in getaddresses(headers.get_all("To", []))}:
            file.unlink(missing_ok=True)


def _destroy_keys(user: User) -> None:
    _destroy([user.pk, *_abandoned(user)])


def _destroy(owners: list[UUID]) -> None:
    for owner in owners:
        keyring.ring().destroy(owner)


def _homes(user: User) -> models.QuerySet[Workspace]:
    seats = Partner.objects.filter(user=user)
    return Workspace.objects.filter(pk__in=seats.values("workspace"))


def _abandoned(user: User) -> list[UUID]:
    """Homes in which nobody but them ever lived, or nobody whose account is still there."""
    others = Partner.objects.exclude(user=user).filter(user__deleted_at=None)
    return list(_homes(user).exclude(partners__in=others).values_list("pk", flat=True))


def _finish(user: User) -> None:
    with transaction.atomic():
        _hold(user)
        # Of two of one home who go at the same moment, the second one takes the home along.
        list(_homes(user).select_for_update(no_key=True).order_by("pk"))
        seats = list(Partner.objects.filter(user=user))
        homes = _abandoned(user)
        transaction.on_commit(lambda: _destroy(homes))
        for path in settings.DELETING:
            import_string(path)(user, seats, homes)
        Invitation.objects.filter(inviter__in=seats).delete()
        Invitation.objects.filter(accepted_by=user).update(accepted_by=None)
        for rows in own_rows(user):
            rows.delete()
        Workspace.objects.filter(pk__in=homes).delete()
        if Partner.objects.filter(user=user).exists():
            _empty(user)
        else:
            user.delete()
        # Whoever went before them, and has left nothing with anybody by now.
        User.objects.exclude(deleted_at=None).filter(seats=None).delete()


STEPS = (_begin, _drop_mail, _drop_files, _destroy_keys, _finish)


def own_rows(user: User) -> list[models.QuerySet[models.Model]]:
    """All rows that say that they are this person's. Seats stay as long as somebody else has what
    was shared from them; who wrote which words of a letter is told by the letter's own rows."""
    return [
        rows.related_model._base_manager.filter(**{rows.field.name: user})
        for rows in User._meta.get_fields(include_hidden=True)
        if isinstance(rows, models.ManyToOneRel)
        and rows.on_delete is models.CASCADE
        and rows.related_model._meta.label not in STAY
    ]


STAY = {"couples.Partner", "letters.Client", "letters.Version_writers"}


def _empty(user: User) -> None:
    now = timezone.now()
    user.email, user.name, user.time_zone = f"{user.pk}@deleted.invalid", "", ""
    user.set_unusable_password()
    user.presence_off_at = user.last_login = user.deletes_at = None
    user.created_at = user.deleted_at = now
    user.save()

"""What the worker does with the outbox. Only here is the mail server spoken to, and no transaction
is open meanwhile. No address is in the log, so no words of a mail server are either."""

import logging
import smtplib
from datetime import datetime, timedelta
from enum import Enum, auto

from django.core.mail import EmailMessage, mailers
from django.utils import timezone

from couples.crypto.keyring import DecryptionError
from couples.mail.outbox import LEASE, OutgoingMail

log = logging.getLogger(__name__)

MAILER = "delivery"


class Outcome(Enum):
    SENT = auto()
    LATER = auto()
    GIVEN_UP = auto()


def deliver_next(now: datetime | None = None, lease: timedelta = LEASE) -> Outcome | None:
    """Send the mail that is due and too old soonest; None when nothing is due."""
    now = now or timezone.now()
    mail = OutgoingMail.objects.take(now, lease)
    if mail is None:
        return None
    if mail.expires_at <= now:
        return _give_up(mail, "too old")
    try:
        _send(mail.as_email())
    except Exception as error:
        if is_final(error):
            return _give_up(mail, name(error))
        pause = mail.try_later(now)
        log.warning(
            "%s could not be sent (%s). It is tried again in %d s.",
            mail,
            name(error),
            pause.total_seconds(),
        )
        return Outcome.LATER
    mail.delete()
    return Outcome.SENT


def deliver_all(now: datetime | None = None, lease: timedelta = LEASE) -> int:
    """Send what is due, each mail once; how many were sent."""
    outcomes = iter(lambda: deliver_next(now, lease), None)
    return sum(outcome is Outcome.SENT for outcome in outcomes)


def is_final(error: Exception) -> bool:
    """Whether trying again would be in vain: this address or this mail is refused for good.

    That the server does not let us in at all, or takes nothing from us, is for its keeper to mend.
    """
    match error:
        case smtplib.SMTPRecipientsRefused():
            return all(code >= 500 for code, _words in error.recipients.values())
        case smtplib.SMTPDataError():
            return error.smtp_code >= 500
        case OSError():  # also some that are a ValueError as well
            return False
    return isinstance(error, ValueError | DecryptionError)


def name(error: Exception) -> str:
    """What went wrong, without a word of anybody's."""
    codes = [error.smtp_code] if isinstance(error, smtplib.SMTPResponseException) else []
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _words in error.recipients.values()]
    return " ".join([type(error).__name__, *map(str, codes)])


def _send(message: EmailMessage) -> None:
    connection = mailers[MAILER]
    try:
        connection.open()
        connection.send_messages([message])
    finally:
        try:
            connection.close()
        except OSError:
            pass  # whether it has the mail was said before the goodbye


def _give_up(mail: OutgoingMail, why: str) -> Outcome:
    log.warning("%s was given up at try %d: %s.", mail, mail.tries, why)
    mail.delete()
    return Outcome.GIVEN_UP

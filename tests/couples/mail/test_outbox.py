"""The outbox: a row for each mail until it is sent or given up, whatever the mail server does."""

import logging
import re
import smtplib
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from couples.crypto.keyring import DecryptionError
from couples.mail.delivery import Outcome, deliver_all, deliver_next, is_final
from couples.mail.outbox import AGES, LEASE, Kind, OutgoingMail
from couples.models import Invitation
from tests.clients.mail import MailServer, mail_server
from tests.conftest import Mailbox
from tests.people import PASSWORD, Resident
from tests.races import while_another

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
BEN = "ben@home.example"


@pytest.fixture
def smtp(settings: Settings) -> Iterator[MailServer]:
    """The mail server that everything goes to."""
    with mail_server() as server:
        settings.MAILERS = settings.MAILERS | {"delivery": server.mailer}
        yield server


def put(to: str = BEN, kind: Kind = Kind.ACCOUNT, since: datetime | None = None) -> OutgoingMail:
    return OutgoingMail.put(kind, to, "Something", "http://testserver/i/secret/", since=since)


def left() -> int:
    return OutgoingMail.objects.count()


# -- Sent, later, or not at all ------------------------------------------------------------------


def test_a_mail_is_a_row_until_it_is_sent(smtp: MailServer) -> None:
    mail = put()
    assert smtp.visits == 0
    assert deliver_all() == 1
    [message] = smtp.received
    assert message["To"] == BEN
    assert mail.pk.hex in message["Message-ID"]
    assert left() == 0
    assert deliver_all() == 0


def test_refused_for_now_it_is_tried_again_after_growing_pauses(smtp: MailServer) -> None:
    mail = put(kind=Kind.CALL)
    smtp.refusals[BEN] = "451 later"
    now, pauses = mail.written_at, []
    for _ in range(9):
        assert deliver_next(now) is Outcome.LATER
        assert deliver_next(now) is None
        mail.refresh_from_db()
        pauses.append((mail.next_try_at - now).total_seconds())
        now = mail.next_try_at
    assert pauses == [2, 4, 8, 16, 32, 64, 90, 90, 90]
    smtp.refusals.clear()
    assert deliver_next(now) is Outcome.SENT
    assert left() == 0
    assert len(smtp.received) == 1


def test_refused_for_good_it_is_given_up_and_stops_nobody_else(
    smtp: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    put("gone@home.example", Kind.CODE)  # before the other one
    put(BEN)
    smtp.refusals["gone@home.example"] = "550 nobody"
    caplog.set_level(logging.DEBUG)
    assert deliver_all() == 1
    assert [message["To"] for message in smtp.received] == [BEN]
    assert left() == 0
    [line] = [record for record in caplog.records if record.name == "couples.mail.delivery"]
    assert "given up at try 1: SMTPRecipientsRefused 550" in line.getMessage()


@pytest.mark.parametrize("refusal", ["451 later", "550 nobody"])
def test_no_address_is_in_the_log(
    refusal: str, smtp: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    put()
    smtp.refusals[BEN] = refusal
    deliver_all()
    assert refusal[:3] in caplog.text
    for secret in (BEN, "not to be reached", "secret"):
        assert secret not in caplog.text


def test_taken_it_is_sent_though_there_was_no_goodbye(smtp: MailServer) -> None:
    put()
    smtp.leaving.clear()
    assert deliver_next() is Outcome.SENT
    assert left() == 0


def test_while_nobody_answers_it_waits(settings: Settings) -> None:
    with mail_server() as server:
        nobody = server.mailer
    settings.MAILERS = settings.MAILERS | {"delivery": nobody}
    put()
    assert deliver_next() is Outcome.LATER
    assert left() == 1


@pytest.mark.parametrize("kind", Kind)
def test_too_old_it_is_given_up_also_when_it_was_tried_before(
    kind: Kind, smtp: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    now = timezone.now()
    for to in ("gone@home.example", BEN):
        put(to, kind, since=now)
    smtp.refusals["gone@home.example"] = "451 later"
    last = now + AGES[kind] - SECOND
    assert {deliver_next(last), deliver_next(last)} == {Outcome.SENT, Outcome.LATER}
    smtp.refusals.clear()
    assert deliver_all(last + 2 * SECOND + AGES[kind] / 20) == 0
    assert len(smtp.received) == 1
    assert left() == 0
    assert "given up at try 2: too old" in caplog.text


def test_how_long_each_is_worth_sending() -> None:
    assert {str(kind): age for kind, age in AGES.items()} == {
        "code": timedelta(minutes=3),  # it opens nothing after that
        "call": timedelta(minutes=30),
        "reminder": timedelta(hours=1),
        "account": timedelta(days=1),
        "invitation": timedelta(days=3),
    }


def test_what_is_of_use_for_a_short_time_goes_first(smtp: MailServer) -> None:
    for kind in (Kind.INVITATION, Kind.CALL, Kind.REMINDER, Kind.CODE):
        put(f"{kind}@home.example", kind)
    deliver_all()
    kinds = [message["To"].partition("@")[0] for message in smtp.received]
    assert kinds == ["code", "call", "reminder", "invitation"]


@pytest.mark.parametrize(
    ("error", "final"),
    [
        (smtplib.SMTPRecipientsRefused({BEN: (550, b"")}), True),
        (smtplib.SMTPRecipientsRefused({BEN: (452, b"")}), False),
        (smtplib.SMTPDataError(554, b""), True),
        (smtplib.SMTPDataError(451, b""), False),
        (ValueError("Invalid address"), True),
        (DecryptionError(), True),
        # What whoever keeps this server can mend.
        (smtplib.SMTPAuthenticationError(535, b""), False),
        (smtplib.SMTPSenderRefused(550, b"", "letters@home.example"), False),
        (smtplib.SMTPServerDisconnected(), False),
        (ssl.SSLCertVerificationError(), False),
        (TimeoutError(), False),
        (ConnectionRefusedError(), False),
        (RuntimeError(), False),
    ],
)
def test_only_what_no_time_mends_is_final(error: Exception, final: bool) -> None:
    assert is_final(error) is final


def test_what_is_no_address_is_given_up(smtp: MailServer) -> None:
    put("ben at home")
    assert deliver_next() is Outcome.GIVEN_UP
    assert left() == 0


# -- One worker and another ----------------------------------------------------------------------


def test_whoever_died_in_the_middle_is_followed_after_the_lease(smtp: MailServer) -> None:
    mail = put()
    assert OutgoingMail.objects.take(mail.written_at, LEASE)
    assert deliver_next(mail.written_at + LEASE - SECOND) is None
    assert deliver_next(mail.written_at + LEASE) is Outcome.SENT


def test_whoever_was_taken_for_dead_changes_nothing_any_more() -> None:
    mail = put()
    slow = OutgoingMail.objects.take(mail.written_at, LEASE)
    quick = OutgoingMail.objects.take(mail.written_at + LEASE, LEASE)
    assert slow
    assert quick
    slow.try_later(mail.written_at + LEASE)
    mail.refresh_from_db()
    assert mail.next_try_at == mail.written_at + 2 * LEASE


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_have_different_mails_or_none() -> None:
    only = put()

    def take() -> object:
        return OutgoingMail.objects.take(timezone.now(), LEASE)

    assert while_another(take, take) == [only, None]


def test_sent_twice_it_is_one_mail(smtp: MailServer) -> None:
    mail = put()
    for _ in range(2):
        mail.as_email().send(using="delivery")
    one, two = smtp.received
    assert one["Message-ID"] == two["Message-ID"]
    assert one["Date"] == two["Date"]
    assert one["Message-ID"] != put().as_email().extra_headers["Message-ID"]


# -- What lies in it -----------------------------------------------------------------------------


def test_the_address_and_the_link_lie_sealed() -> None:
    put()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM couples_outgoingmail")
        row = b" ".join(
            bytes(each) if isinstance(each, bytes | memoryview) else str(each).encode()
            for each in cursor.fetchone()
        )
    assert b"code" not in row
    assert b"account" in row
    for secret in (BEN, "secret", "Something"):
        assert secret.encode() not in row


def test_whatever_is_sent_by_djangos_means_is_a_row(
    mailbox: Mailbox, mailoutbox: list[object]
) -> None:
    EmailMessage("Something", "For you.", to=["ana@home.example"], bcc=[BEN]).send()
    assert mailoutbox == []
    assert sorted(str(mail.to) for mail in mailbox()) == ["['ana@home.example']", f"['{BEN}']"]
    more = EmailMultiAlternatives("Something", "For you.", to=[BEN])
    more.attach_alternative("<p>For you.</p>", "text/html")
    with pytest.raises(ValueError, match="plain text"):
        more.send()


@pytest.mark.parametrize("how", ["revoke", "make", "leave"])
def test_an_invitation_that_was_taken_back_is_not_sent_any_more(
    how: str, sol: Resident, as_sol: Client, mailbox: Mailbox
) -> None:
    partner = sol.partner
    assert partner
    invitation = Invitation.make(partner)
    as_sol.post(reverse("couples:invite_mail"), {"email": "cleo@home.example"})
    assert left() == 1
    match how:
        case "revoke":
            invitation.revoke()
        case "make":
            Invitation.make(partner)
        case "leave":
            partner.leave()
    assert mailbox() == []


# -- Links ---------------------------------------------------------------------------------------


def send_every_mail(client: Client, ana: Resident) -> int:
    """From pages that were asked for by another of our names; how many mails that are."""
    sign_up = {"name": "Cleo", "email": "cleo@home.example", "password1": PASSWORD}
    for name, data in (
        ("account_signup", sign_up),
        ("account_request_login_code", {"email": ana.email}),
        ("account_request_login_code", {"email": "nobody@home.example"}),
        ("account_reset_password", {"email": ana.email}),
        ("account_reset_password", {"email": "nobody@home.example"}),
    ):
        client.post(reverse(name), data, headers={"host": "localhost"})
        client.logout()
    client.force_login(ana)
    return left()


def links(text: str) -> list[str]:
    return re.findall(r"https?:\S+", text)


def test_every_link_in_a_mail_begins_with_our_address(
    client: Client, ana: Resident, mailbox: Mailbox, settings: Settings
) -> None:
    settings.BASE_URL = "https://home.example"
    assert send_every_mail(client, ana) == 5
    bodies = [str(mail.body) for mail in mailbox()]
    found = [link for body in bodies for link in links(body)]
    assert len(found) == 4
    assert [link for link in found if not link.startswith("https://home.example/")] == []
    # And they lead somewhere: the mail of each.
    for link in found:
        path = link.removeprefix("https://home.example")
        assert Client().get(path).status_code in (200, 302), link


def test_links_in_files_can_be_copied(
    client: Client, ana: Resident, sol: Resident, settings: Settings, tmp_path: Path
) -> None:
    # Longer than what mails are usually broken at.
    settings.BASE_URL = f"https://{'our-home.' * 8}example"
    settings.MAILERS = settings.MAILERS | {
        "delivery": {"BACKEND": "couples.mail.backends.Files", "OPTIONS": {"file_path": tmp_path}}
    }
    partner = sol.partner
    assert partner
    invitation = Invitation.make(partner)
    client.force_login(sol)
    client.post(reverse("couples:invite_mail"), {"email": "cléo@home.example"})
    client.post(reverse("couples:invite_mail"), {"email": "cleo@home.example"})
    client.logout()
    written = send_every_mail(client, ana)
    assert deliver_all() == written
    files = [path.read_text() for path in tmp_path.iterdir()]
    assert len(files) == written
    assert any(f"\n{invitation.link}\n" in text for text in files)
    for text in files:
        assert "=\n" not in text
        assert "=3D" not in text
        assert "base64" not in text


def test_a_mail_that_is_sent_twice_is_one_file(settings: Settings, tmp_path: Path) -> None:
    settings.MAILERS = settings.MAILERS | {
        "delivery": {"BACKEND": "couples.mail.backends.Files", "OPTIONS": {"file_path": tmp_path}}
    }
    mail = put()
    mail.as_email().send(using="delivery")
    assert deliver_all() == 1
    assert len([*tmp_path.iterdir()]) == 1

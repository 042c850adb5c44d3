"""An account is deleted: asked for, taken back, and gone, with what stays for the other one."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from couples.account import deletion
from couples.crypto import keyring
from couples.crypto.fields import EncryptedField
from couples.mail.outbox import Kind
from couples.models import (
    Acceptance,
    Couple,
    DataKey,
    Invitation,
    OutgoingMail,
    Partner,
    Session,
    User,
    Workspace,
)
from couples.models.invitation import NotOpen
from letters.models import Letter, Opening, Share
from principles.models import Call, CallSwitch, Sending
from tests.couples.kept.test_kept import chapters, expected, live_together, words
from tests.people import PASSWORD, Resident, anew
from tests.principles.practices.steps import call_unheard

pytestmark = pytest.mark.django_db

DELETE, KEEP, US = reverse("couples:delete"), reverse("couples:delete_keep"), reverse("couples:us")
LATER = timedelta(days=8)


def ask(client: Client, email: str = "ana@home.example") -> Any:
    again = client.get(DELETE)
    if again.status_code == 302:
        client.post(again["Location"], {"password": PASSWORD})
    return client.post(DELETE, {"email": email})


def home_of(client: Client) -> str:
    """What is on it, without the tokens of its forms."""
    page = client.get(reverse("couples:home")).text.split("<main")[1]
    return re.sub(r'value="[^"]*"', "", page)


def pass_a_week() -> int:
    return deletion.delete_due(timezone.now() + LATER)


# -- Asking, and changing one's mind -------------------------------------------------------------


def test_it_asks_for_a_fresh_sign_in_and_for_ones_own_address(
    as_ana: Client, ana: Resident
) -> None:
    for method in (as_ana.get, as_ana.post):
        answer = method(DELETE)
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
    for wrong in ("", "ben@home.example", "yes"):
        answer = ask(as_ana, wrong)
        assert answer.status_code == 422
        ana.refresh_from_db()
        assert ana.deletes_at is None
    assert ask(as_ana, " ANA@home.example ")["Location"] == US
    ana.refresh_from_db()
    assert ana.deletes_at is not None
    assert timedelta(days=6) < ana.deletes_at - timezone.now() <= deletion.GRACE


def test_a_visitor_is_sent_to_sign_in(client: Client, db: None) -> None:
    for page in (DELETE, KEEP):
        assert client.post(page)["Location"].startswith(reverse("account_login"))


def test_the_page_says_what_goes_and_what_stays(as_ana: Client, ana: Resident) -> None:
    ask(as_ana, "")
    page = " ".join(as_ana.get(DELETE).text.split())
    assert "The key that opens them is destroyed" in page
    assert "On that day you leave Ben" in page
    assert "stays with them" in page


def test_a_mail_says_that_it_was_asked_for(
    as_ana: Client, mailbox: Callable[[], list[EmailMessage]]
) -> None:
    ask(as_ana)
    ask(as_ana)
    (mail,) = mailbox()
    assert mail.to == ["ana@home.example"]
    assert US in str(mail.body)


def test_for_a_week_everything_is_as_it_was_but_for_a_notice(
    as_ana: Client, as_ben: Client, ana: Resident
) -> None:
    before = home_of(as_ben)
    ask(as_ana)
    for name in ("couples:home", "letters:letters", "couples:us"):
        page = as_ana.get(reverse(name))
        assert page.status_code == 200
        assert "I have changed my mind" in page.text
        assert "I have changed my mind" not in as_ben.get(reverse(name)).text
    assert home_of(as_ben) == before
    assert deletion.delete_due(timezone.now() + timedelta(days=6)) == 0
    assert User.objects.filter(pk=ana.pk, is_active=True).exists()


def test_whoever_changes_their_mind_keeps_everything(as_ana: Client, ana: Resident) -> None:
    ask(as_ana)
    as_ana.post(KEEP)
    ana.refresh_from_db()
    assert ana.deletes_at is None
    assert "I have changed my mind" not in as_ana.get(US).text
    assert pass_a_week() == 0
    assert anew(ana).partner is not None


def test_nobody_changes_anothers_mind(as_ana: Client, as_ben: Client, ana: Resident) -> None:
    ask(as_ana)
    as_ben.post(KEEP)
    ana.refresh_from_db()
    assert ana.deletes_at is not None


def test_whoever_invited_them_cannot_say_yes_to_them_any_more(ana: Resident, sol: Resident) -> None:
    ana.partner.leave()
    came = Invitation.make(sol.partner).accept(User.objects.get(pk=ana.pk))
    deletion.ask(ana)
    deletion.STEPS[0](User.objects.get(pk=ana.pk))
    with pytest.raises(NotOpen):
        came.confirm()
    assert not Acceptance.objects.exists()
    assert pass_a_week() == 1
    assert anew(sol).partner.is_alone


# -- Gone ----------------------------------------------------------------------------------------

GOES = "all rows of the person go"
SEATS = "rows from the person's seats that nobody but them could read go; others stay with both"
HOME = "goes once nobody of the home has an account"
SHELL = "stays empty for as long as somebody keeps what was shared, and goes then"
NOBODYS = "is nobody's, or has run out by then"

# A model that is not here fails the test: whoever makes one says what becomes of it.
FATES = {
    "account.EmailAddress": GOES,
    "account.EmailConfirmation": GOES,
    "auth.Group": NOBODYS,
    "auth.Group_permissions": NOBODYS,
    "auth.Permission": NOBODYS,
    "contenttypes.ContentType": NOBODYS,
    "couples.Acceptance": GOES,
    "couples.Couple": HOME,
    "couples.DataKey": GOES,
    "couples.Invitation": GOES,
    "couples.Limit": NOBODYS,
    "couples.OutgoingMail": GOES,
    "couples.Partner": SHELL,
    "couples.Session": GOES,
    "couples.Submission": GOES,
    "couples.User": SHELL,
    "couples.Workspace": HOME,
    "letters.Attribution": HOME,
    "letters.Choice": SEATS,
    "letters.Client": HOME,
    "letters.Document": HOME,
    "letters.Letter": HOME,
    "letters.Note": HOME,
    "letters.OpenedBy": SEATS,
    "letters.Opening": SEATS,
    "letters.Passage": GOES,
    "letters.Reflection": GOES,
    "letters.Remark": HOME,
    "letters.Reveal": HOME,
    "letters.Seal": HOME,
    "letters.SealSignature": HOME,
    "letters.Share": SEATS,
    "letters.SharedValues": HOME,
    "letters.Unsealing": NOBODYS,
    "letters.Update": HOME,
    "letters.Value": GOES,
    "letters.Version": HOME,
    "letters.Version_writers": HOME,
    "principles.Agreement": HOME,
    "principles.Answer": SEATS,
    "principles.Appreciation": SEATS,
    "principles.CalendarFeed": GOES,
    "principles.CallSwitch": SEATS,
    "principles.Day": GOES,
    "principles.Draft": GOES,
    "principles.Drawn": SEATS,
    "principles.Idea": HOME,
    "principles.IdeaMark": HOME,
    "principles.Kept": GOES,
    "principles.Mark": HOME,
    "principles.Missed": HOME,
    "principles.Moment": SEATS,
    "principles.OwnPrinciple": HOME,
    "principles.Pledge": GOES,
    "principles.Proposal": HOME,
    "principles.Reminder": GOES,
    "principles.ReminderMail": GOES,
    "principles.Response": HOME,
    "principles.Review": HOME,
    "principles.ReviewDone": HOME,
    "principles.ReviewItem": HOME,
    "principles.ReviewMark": SEATS,
    "principles.ReviewPart": HOME,
    "principles.Round": HOME,
    "principles.Sending": SEATS,
    "principles.SharedDay": HOME,
    "principles.SharedPledge": HOME,
    "principles.Side": SEATS,
    "principles.Signature": HOME,
    "principles.Suspension": HOME,
    "principles.Way": HOME,
    "principles.Wording": HOME,
}


def models() -> list[Any]:
    return [m for m in apps.get_models(include_auto_created=True) if not m._meta.proxy]


def test_of_every_model_it_is_said_what_becomes_of_it() -> None:
    assert {model._meta.label for model in models()} == set(FATES)


def rows_of(person: User) -> dict[str, int]:
    """Rows that name this person, or lie under their key, of each model."""
    found: dict[str, int] = {}
    for model in models():
        label = model._meta.label
        for field in model._meta.concrete_fields:
            if field.related_model is User:
                count = model._base_manager.filter(**{field.name: person.pk}).count()
                found[label] = found.get(label, 0) + count
    return found


@pytest.fixture
def lived(ana: Resident, ben: Resident) -> Couple:
    live_together(ana, ben)
    couple = ana.partner.couple
    assert couple is not None
    return couple


@pytest.fixture
def gone(lived: Couple, as_ana: Client) -> Couple:
    ask(as_ana)
    assert pass_a_week() == 1
    keyring._ring = None
    return lived


def test_what_was_theirs_alone_is_gone_with_its_key(gone: Couple, ana: Resident) -> None:
    stays = {"couples.Partner", "letters.Client", "letters.Attribution", "letters.Version",
             "letters.Version_writers"}  # fmt: skip
    left = {label: count for label, count in rows_of(ana).items() if count}
    assert set(left) <= stays
    assert not DataKey.objects.filter(owner=ana.pk).exists()
    shell = User.objects.get(pk=ana.pk)
    assert (shell.name, shell.time_zone, shell.is_active) == ("", "", False)
    assert "ana" not in shell.email
    assert not shell.has_usable_password()


def test_nothing_is_left_that_no_key_opens(gone: Couple) -> None:
    for model in models():
        fields = [f for f in model._meta.concrete_fields if isinstance(f, EncryptedField)]
        for row in model._base_manager.all() if fields else ():
            for field in fields:
                getattr(row, field.attname)


def test_the_other_keeps_all_that_both_could_read(
    gone: Couple, as_ben: Client, as_ana: Client
) -> None:
    told = "".join(chapters(as_ben, gone).values())
    assert words(told, "both-") == expected()
    assert words(told, "anas-") == set()
    assert "Ana" in told
    assert as_ana.get(US)["Location"].startswith(reverse("account_login"))


def test_whom_they_lived_with_is_left_as_on_any_other_day(gone: Couple, ben: Resident) -> None:
    assert anew(ben).partner.is_alone
    assert not Partner.objects.active().filter(user__deleted_at__isnull=False).exists()


def test_of_calls_their_switch_goes_and_what_reached_nobody(
    lived: Couple, as_ana: Client, ana: Resident, ben: Resident
) -> None:
    CallSwitch.set(ben.partner, on=False)
    unheard = call_unheard(ana)
    ask(as_ana)
    assert pass_a_week() == 1
    assert not Call.objects.filter(pk=unheard.pk).exists()
    assert Call.objects.filter(couple=lived, kind="emergency").exclude(reached_at=None).exists()
    assert [switch.partner_id for switch in CallSwitch.objects.all()] == [ben.partner.pk]
    assert not Sending.objects.exists()


def test_the_same_address_may_begin_anew_and_finds_nothing(gone: Couple, client: Client) -> None:
    new = User.objects.create_user("ana@home.example", "Ana", PASSWORD)
    client.force_login(new)
    assert client.get(reverse("couples:kept_book", args=[gone.pk])).status_code == 404


def test_when_nobody_of_a_home_is_left_the_home_is_gone(
    gone: Couple, as_ben: Client, ben: Resident, ana: Resident, eve: User
) -> None:
    """Eve lived there before, and keeps what she had with Ana for as long as she has an account."""
    ask(as_ben, "ben@home.example")
    assert pass_a_week() == 1
    assert Workspace.objects.filter(pk=gone.workspace_id).exists()
    deletion.ask(eve)
    assert pass_a_week() == 1
    assert not User.objects.filter(pk__in=(ana.pk, ben.pk, eve.pk)).exists()
    assert not DataKey.objects.filter(owner=gone.workspace_id).exists()
    assert not Couple.objects.filter(pk=gone.pk).exists()
    assert not Letter.objects.filter(couple=gone.pk).exists()
    for rows in (Share, Opening):
        assert not rows.objects.exists()
    assert not DataKey.objects.filter(owner__in=(ana.pk, ben.pk)).exists()


def test_whoever_was_always_alone_leaves_no_row(sol: Resident) -> None:
    home = sol.partner.workspace_id
    Letter.begin_personal(sol)
    deletion.ask(sol)
    assert pass_a_week() == 1
    assert not User.objects.filter(pk=sol.pk).exists()
    assert not Workspace.objects.filter(pk=home).exists()
    assert not DataKey.objects.filter(owner__in=(sol.pk, home)).exists()


def test_sessions_waiting_mail_and_files_go(
    as_ana: Client, as_ben: Client, settings: Any, tmp_path: Path
) -> None:
    settings.MAIL_DIR = tmp_path
    ask(as_ana)
    for to in ("ana@home.example", "ben@home.example"):
        OutgoingMail.put(Kind.ACCOUNT, to, "Subject", "Body")
        (tmp_path / f"{to}.eml").write_text(f"To: {to}\nSubject: Words\n\nBody\n")
    pass_a_week()
    assert [mail.as_email().to for mail in OutgoingMail.objects.all()] == [["ben@home.example"]]
    assert [file.name for file in tmp_path.iterdir()] == ["ben@home.example.eml"]
    assert Session.objects.count() == 1
    assert as_ben.get(US).status_code == 200


@pytest.mark.parametrize("steps", range(len(deletion.STEPS)))
def test_a_worker_that_dies_in_the_middle_is_followed_by_another(
    steps: int, lived: Couple, as_ana: Client, ana: Resident
) -> None:
    ask(as_ana)
    for step in deletion.STEPS[:steps]:
        step(User.objects.get(pk=ana.pk))
    assert (as_ana.get(US).status_code == 302) == (steps > 0)
    assert pass_a_week() == 1
    assert pass_a_week() == 0
    assert not DataKey.objects.filter(owner=ana.pk).exists()
    assert User.objects.get(pk=ana.pk).deleted_at is not None

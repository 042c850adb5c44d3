"""Whose account it is: nobody's until its address is confirmed, and then of whoever did that."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from couples.models import User
from tests.conftest import Mailbox, signed_in
from tests.people import PASSWORD, Resident, make_user
from tests.races import while_another

pytestmark = pytest.mark.django_db

SIGN_UP, SIGN_IN = reverse("account_signup"), reverse("account_login")
ADDRESS, BEGIN = reverse("account_email"), reverse("couples:begin")
CODE, CONFIRM_CODE = reverse("account_request_login_code"), reverse("account_confirm_login_code")
HERS = "kim@home.example"
OWN = "a swim before breakfast"


def sign_up(email: str = HERS, password: str = PASSWORD) -> Client:
    client = Client()
    client.post(SIGN_UP, {"name": "Kim", "email": email, "password1": password})
    return client


def newest(mailbox: Mailbox, what: str) -> str:
    """Mails that wait together go out in any order; this is the last that has it."""
    found = [each for mail in mailbox() for each in re.findall(what, str(mail.body))]
    return str(found[-1])


def link_in(mailbox: Mailbox) -> str:
    return newest(mailbox, r"http://testserver(/account/confirm-email/\S+)")


def code_in(mailbox: Mailbox) -> str:
    return newest(mailbox, r"Your code is ([\w-]+)\.")


def sign_in_by_code(mailbox: Mailbox, email: str = HERS) -> tuple[Client, str]:
    """Her browser, and what it shows her afterwards."""
    client = Client()
    client.post(CODE, {"email": email})
    return client, client.post(CONFIRM_CODE, {"code": code_in(mailbox)}, follow=True).text


def is_in(client: Client) -> bool:
    return client.get(BEGIN).status_code == 200


def opens(password: str, email: str = HERS) -> bool:
    client = Client()
    client.post(SIGN_IN, {"login": email, "password": password})
    return is_in(client)


def change_to(client: Client, email: str, password: str = PASSWORD) -> str:
    """Ask for another address, with the fresh sign-in that it takes."""
    client.post(reverse("account_reauthenticate"), {"password": password, "next": ADDRESS})
    return client.post(ADDRESS, {"email": email, "action_add": ""}, follow=True).text


def addresses(person: User) -> tuple[str, list[tuple[str, bool, bool]]]:
    person.refresh_from_db()
    rows = EmailAddress.objects.filter(user=person).order_by("email")
    return person.email, [(each.email, each.verified, each.primary) for each in rows]


# -- An account that somebody else prepared ------------------------------------------------------


def test_her_code_ends_the_session_and_the_password_of_whoever_signed_up(mailbox: Mailbox) -> None:
    his = sign_up()
    assert is_in(his)
    hers, shown = sign_in_by_code(mailbox)
    assert "kim@home.example is yours." in shown
    assert "Whoever was signed in before is signed out, and the password from before" in shown
    assert is_in(hers)
    assert not is_in(his)
    assert not opens(PASSWORD)


def test_her_link_ends_them_as_well(mailbox: Mailbox) -> None:
    his = sign_up()
    link = link_in(mailbox)
    hers = Client()
    assert "A password from before no longer works" in hers.get(link).text
    shown = hers.post(link, follow=True).text
    assert "Whoever was signed in before is signed out" in shown
    assert not is_in(his)
    assert not opens(PASSWORD)
    assert is_in(sign_in_by_code(mailbox)[0])


def test_where_addresses_are_confirmed_first_it_is_the_same(
    mailbox: Mailbox, settings: Settings
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    his = sign_up()
    hers, _shown = sign_in_by_code(mailbox)
    assert is_in(hers)
    assert not opens(PASSWORD)
    assert not is_in(his)


def test_the_browser_that_signed_up_is_in_by_its_link_with_the_password_typed_there(
    mailbox: Mailbox, settings: Settings
) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    mine = sign_up()
    link = link_in(mailbox)
    assert mine.post(link, {"password1": OWN})["Location"] == BEGIN
    assert is_in(mine)
    assert opens(OWN)
    assert not opens(PASSWORD)


def test_a_password_that_is_too_short_confirms_nothing(mailbox: Mailbox) -> None:
    his = sign_up()
    answer = Client().post(link_in(mailbox), {"password1": "short"})
    assert (answer.status_code, "at least 10 characters" in answer.text) == (422, True)
    assert is_in(his)
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_who_confirms_in_the_browser_that_is_signed_in_stays_there(mailbox: Mailbox) -> None:
    mine, other = sign_up(), Client()
    other.post(SIGN_IN, {"login": HERS, "password": PASSWORD})
    old = mine.cookies["session"].value
    link = link_in(mailbox)
    mine.post(link, {"password1": OWN})
    assert is_in(mine)
    assert not is_in(other)
    # A copy of its cookie from before is of no use.
    copy = Client()
    copy.cookies["session"] = old
    assert not is_in(copy)


def test_a_link_for_a_new_password_confirms_the_address_and_ends_the_sessions(
    mailbox: Mailbox,
) -> None:
    his = sign_up()
    hers = Client()
    hers.post(reverse("account_reset_password"), {"email": HERS})
    link = newest(mailbox, r"http://testserver(/account/password/reset/key/\S+)")
    form = hers.get(link, follow=True)
    hers.post(form.request["PATH_INFO"], {"password1": OWN, "password2": OWN})
    assert addresses(User.objects.get()) == (HERS, [(HERS, True, True)])
    assert not is_in(his)
    assert opens(OWN)
    assert not opens(PASSWORD)


def test_a_second_confirmation_ends_nothing(mailbox: Mailbox) -> None:
    sign_up()
    hers, _shown = sign_in_by_code(mailbox)
    again, shown = sign_in_by_code(mailbox)
    assert "Whoever was signed in before" not in shown
    assert is_in(hers)
    assert is_in(again)


# -- Another address -----------------------------------------------------------------------------


def test_an_unconfirmed_address_stays_until_the_new_one_is_confirmed(mailbox: Mailbox) -> None:
    """It was emptied, and of two people who did that the second could not."""
    people = [sign_up(f"{name}@home.example") for name in ("one", "two")]
    for client, name in zip(people, ("one", "two"), strict=True):
        shown = change_to(client, f"{name}@new.example")
        assert f"You sign in with {name}@home.example" in shown
        assert f"{name}@new.example has a mail with a link" in shown
    assert sorted(User.objects.values_list("email", flat=True)) == [
        "one@home.example",
        "two@home.example",
    ]
    people[1].post(link_in(mailbox), {"password1": OWN})
    two = User.objects.get(email="two@new.example")
    assert addresses(two)[1] == [("two@new.example", True, True)]
    assert is_in(people[1])


def test_a_change_of_mind_replaces_the_address_that_waits(mailbox: Mailbox) -> None:
    mine = sign_up()
    for email in ("a@new.example", "b@new.example", "b@new.example"):
        change_to(mine, email)
    person = User.objects.get()
    assert addresses(person)[1] == [("b@new.example", False, False), (HERS, False, True)]
    mine.post(ADDRESS, {"email": "b@new.example", "action_remove": ""})
    assert addresses(person) == (HERS, [(HERS, False, True)])
    for act in ("action_remove", "action_primary"):
        mine.post(ADDRESS, {"email": HERS, act: ""})
        assert addresses(person) == (HERS, [(HERS, False, True)])


def test_nobody_signs_in_with_an_address_that_only_waits(mailbox: Mailbox) -> None:
    mine = sign_up()
    change_to(mine, "waits@new.example")
    mine.post(ADDRESS, {"email": "waits@new.example", "action_primary": ""})
    before = addresses(User.objects.get())
    assert before[0] == HERS
    Client().post(CODE, {"email": "waits@new.example"})
    assert "There is no account with it" in str(mailbox()[-1].body)
    Client().post(reverse("account_reset_password"), {"email": "waits@new.example"})
    assert "There is no account with it" in str(mailbox()[-1].body)
    assert not opens(PASSWORD, "waits@new.example")
    assert addresses(User.objects.get()) == before


@pytest.fixture
def changer(ana: Resident) -> Client:
    """Ana, whose address is confirmed."""
    EmailAddress.objects.create(user=ana, email=ana.email, verified=True, primary=True)
    return signed_in(ana)


def test_an_address_that_somebody_signed_up_with_is_refused_and_nothing_changes(
    changer: Client, ana: Resident, mailbox: Mailbox
) -> None:
    sign_up()
    mailbox()
    cache.clear()  # one mail in three minutes
    kim = User.objects.get(email=HERS)
    shown = change_to(changer, HERS)
    assert "already" not in shown  # whoever has the mailbox is told, and nobody else
    link = link_in(mailbox)
    before = [addresses(person) for person in (ana, kim)]
    for browser in (changer, Client()):
        assert "belongs to another account" in browser.get(link).text
        answer = browser.post(link)
        assert (answer.status_code, "belongs to another account" in answer.text) == (409, True)
    assert [addresses(person) for person in (ana, kim)] == before
    # The code for that address opens the account of that address.
    hers, _shown = sign_in_by_code(mailbox)
    assert hers.session["_auth_user_id"] == str(kim.pk)
    assert addresses(ana)[0] == ana.email


def test_an_address_that_only_waits_elsewhere_keeps_nobody_from_signing_up(
    changer: Client, ana: Resident, mailbox: Mailbox, settings: Settings
) -> None:
    """Or the partner would bind her address to an account of his."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    change_to(changer, HERS)
    his_link = link_in(mailbox)
    cache.clear()  # one mail in three minutes
    hers = sign_up()
    hers.post(link_in(mailbox), {"password1": OWN})
    assert is_in(hers)
    assert opens(OWN)
    assert changer.post(his_link).status_code == 409
    assert addresses(ana)[0] == ana.email


def test_a_change_is_confirmed_by_whoever_is_signed_in_there(
    changer: Client, ana: Resident, mailbox: Mailbox
) -> None:
    """Her click on his link gives him no account with her address."""
    change_to(changer, HERS)
    link = link_in(mailbox)
    anybody = Client()
    assert "Sign in first" in anybody.get(link).text
    answer = anybody.post(link)
    assert (answer.status_code, "Sign in first" in answer.text) == (403, True)
    assert addresses(ana)[0] == ana.email
    changer.post(link)
    assert addresses(ana) == (HERS, [(HERS, True, True)])
    # It was her account before: nothing ends.
    assert changer.get(reverse("couples:home")).status_code == 200
    assert opens(PASSWORD) or Client().login(email=HERS, password=PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_two_who_confirm_one_address_at_the_same_moment(mailbox: Mailbox) -> None:
    """One of them has it, and the other has what they had."""
    links, people = [], [sign_up(f"{name}@home.example") for name in ("one", "two")]
    for client in people:
        change_to(client, HERS)
        links.append(link_in(mailbox))
        cache.clear()  # one mail in three minutes
    answers = while_another(
        lambda: people[0].post(links[0], {"password1": OWN}),
        lambda: people[1].post(links[1], {"password1": OWN}),
    )
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert User.objects.filter(email=HERS).count() == 1
    for person in User.objects.exclude(email=HERS):
        assert [row for row in addresses(person)[1] if row[1]] == []
    assert EmailAddress.objects.filter(verified=True).count() == 1


def test_a_code_for_the_address_until_now_opens_nothing_after_the_change(mailbox: Mailbox) -> None:
    mine = sign_up()
    change_to(mine, "new@new.example")
    link = link_in(mailbox)
    late = Client()
    late.post(CODE, {"email": HERS})
    code = code_in(mailbox)
    mine.post(link, {"password1": OWN})
    shown = late.post(CONFIRM_CODE, {"code": code}, follow=True).text
    assert "run out" in shown
    assert not is_in(late)
    assert addresses(User.objects.get()) == ("new@new.example", [("new@new.example", True, True)])


def test_a_code_leads_in_who_has_no_row_for_their_address(mailbox: Mailbox) -> None:
    """Accounts that no form has made."""
    person = make_user("Kim")
    assert is_in(sign_in_by_code(mailbox)[0])
    assert addresses(person)[1] == [(HERS, True, True)]

"""My pledge: kept as one types, in several windows at once, and nobody else's to read."""

import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from couples.autosave import EditConflict
from couples.models import User
from principles.models import Pledge
from tests.people import Resident
from tests.principles.agreements.steps import HTMX, page, pledge, share
from tests.races import while_another

URL = reverse("principles:pledge", args=["repair"])
BACK = reverse("principles:principle", args=["repair"]) + "#pledge"
MINE = "When I have hurt you, I will come back first."


def sent(text: str, revision: object = 0, tab_id: str = "") -> dict[str, object]:
    return {"text": text, "revision": revision, "tab_id": tab_id}


def kept(who: User) -> Pledge:
    return Pledge.objects.get(user=who, principle="repair")


# -- pledge --------------------------------------------------------------------------------------


def test_it_is_kept_as_one_types(as_ana: Client, ana: Resident) -> None:
    for revision, text in enumerate(["When", "When I have hurt you,", MINE, "", MINE]):
        response = as_ana.post(URL, sent(text, revision), headers=HTMX)
        assert response.status_code == 200
        assert response.headers["X-Revision"] == str(revision + 1)
        assert kept(ana).text == text
    assert MINE in page(as_ana)


def test_it_is_kept_without_javascript(as_ana: Client, ana: Resident) -> None:
    response = as_ana.post(URL, sent(MINE))
    assert response["Location"] == BACK
    assert kept(ana).text == MINE
    assert f">{MINE}</textarea>" in page(as_ana)


def test_the_same_words_again_are_no_new_revision(as_ana: Client, ana: Resident) -> None:
    pledge(ana, MINE)
    for revision in (1, 0):
        response = as_ana.post(URL, sent(MINE, revision), headers=HTMX)
        assert response.headers["X-Revision"] == "1"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_newer_text_from_another_window_is_shown_beside_it(
    as_ana: Client, ana: Resident, headers: dict[str, str]
) -> None:
    as_ana.post(URL, sent("", 0, "first"))
    as_ana.post(URL, sent(MINE, 0, "first"), headers=HTMX)
    response = as_ana.post(URL, sent("I will ask.", 0, "second"), headers=headers)
    assert response.status_code == 409
    assert "You changed this pledge in another window" in response.text
    assert f">{MINE}</blockquote>" in response.text
    assert ">I will ask.</textarea>" in response.text
    assert ("<html" in response.text) is (not headers)
    assert kept(ana).text == MINE
    # Saving once more is the decision.
    assert 'name="revision" value="1"' in response.text
    again = as_ana.post(URL, sent("I will ask you.", 1, "second"), headers=HTMX)
    assert again.status_code == 200
    assert kept(ana).text == "I will ask you."


def test_a_lost_answer_is_no_collision(as_ana: Client, ana: Resident) -> None:
    """The first save arrived, its answer did not; the same page saves again from where it was."""
    as_ana.post(URL, sent("When I", 0, "tab_id"), headers=HTMX)
    response = as_ana.post(URL, sent(MINE, 0, "tab_id"), headers=HTMX)
    assert response.status_code == 200
    assert kept(ana).text == MINE


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_is_too_long_gets_a_sentence_and_stays(
    as_ana: Client, ana: Resident, headers: dict[str, str]
) -> None:
    pledge(ana, MINE)
    text = "I <will> " * 120
    response = as_ana.post(URL, sent(text, 1, "tab_id"), headers=headers)
    assert response.status_code == 422
    assert "That is 1079 characters; 1000 fit." in response.text
    assert f">{escape(text)}</textarea>" in response.text
    assert 'name="revision" value="1"' in response.text
    assert re.search(r'name="tab_id" value="\w{16} tab_id"', response.text)
    assert kept(ana).text == MINE


def test_nonsense_beside_the_words_loses_no_words(as_ana: Client, ana: Resident) -> None:
    pledge(ana, MINE)
    for nonsense in ("x", "-1", "9" * 5000, "²"):
        response = as_ana.post(URL, sent(f"I will {nonsense[:2]}.", nonsense), headers=HTMX)
        assert response.status_code == 409
        assert f"I will {nonsense[:2]}." in response.text
    assert kept(ana).text == MINE
    assert as_ana.post(URL, sent("I.", 1, "w" * 4000), headers=HTMX).status_code == 200
    assert as_ana.post(URL, {}, headers=HTMX).status_code in (200, 409)


def test_the_pledge_travels_with_the_person(ana: Resident, ben: Resident) -> None:
    pledge(ben, MINE)
    ben.partner.leave()
    client = Client()
    client.force_login(ben)
    client.post(reverse("couples:begin"))
    assert MINE in page(client)


def test_the_partner_writes_a_pledge_of_their_own(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    as_ana.post(URL, sent("CANARY"))
    assert as_ben.post(URL, sent("I will cheer."), headers=HTMX).status_code == 200
    assert "CANARY" not in page(as_ben)
    assert (kept(ana).text, kept(ben).text) == ("CANARY", "I will cheer.")


# -- Doors ---------------------------------------------------------------------------------------


def test_nobody_else_can_touch_it(
    as_ben: Client, as_cleo: Client, as_eve: Client, ana: Resident
) -> None:
    pledge(ana, MINE)
    for client in (as_ben, as_cleo, as_eve):
        client.post(URL, sent("Gone.", 1))
    assert kept(ana).text == MINE


def test_there_is_no_eleventh(as_ana: Client) -> None:
    url = reverse("principles:pledge", args=["patience"])
    assert as_ana.post(url, sent("I.")).status_code == 404
    assert not Pledge.objects.exists()


def test_anonymous_visitors_sign_in_first(as_anonymous: Client) -> None:
    assert as_anonymous.post(URL, sent(MINE))["Location"].startswith("/account/login/")
    assert not Pledge.objects.exists()


def test_looking_changes_nothing(as_ana: Client) -> None:
    assert as_ana.get(URL).status_code == 405


# -- In the database -----------------------------------------------------------------------------


def test_it_lies_sealed(ana: Resident, ben: Resident) -> None:
    pledge(ana, "CANARY one")
    share(ana)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM principles_pledge")
        rows = cursor.fetchall()
        cursor.execute("SELECT text FROM principles_sharedpledge")
        rows += cursor.fetchall()
    assert len(rows) == 2
    assert all(b"CANARY" not in bytes(column) for row in rows for column in row)


def test_there_is_one_pledge_per_principle_and_person(ana: Resident) -> None:
    pledge(ana, MINE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Pledge.objects.create(user=ana, principle="repair")


@pytest.mark.django_db(transaction=True)
def test_two_windows_saving_at_once_lose_nothing(ana: Resident) -> None:
    one, two = Pledge.of(ana, "repair"), Pledge.of(ana, "repair")
    _first, second = while_another(
        lambda: one.write("One.", 0, "a"),
        lambda: two.write("Two.", 0, "b"),
    )
    assert isinstance(second, EditConflict)
    assert second.current.text == kept(ana).text == "One."


@pytest.mark.django_db(transaction=True)
def test_two_windows_beginning_at_once_make_one_pledge(ana: Resident) -> None:
    one, two = while_another(
        lambda: Pledge.of(ana, "repair"),
        lambda: Pledge.of(ana, "repair"),
    )
    assert one == two == kept(ana)

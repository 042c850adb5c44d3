"""My pledge: kept as one types, in several windows at once, and nobody else's to read."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from couples.models import User
from principles.models import Pledge
from tests.people import Resident
from tests.principles.agreements.steps import HTMX, page, pledge, share
from tests.races import while_another

URL = reverse("principles:pledge", args=["repair"])
SWAP = reverse("principles:pledge_swap", args=["repair"])
DISCARD = reverse("principles:pledge_discard", args=["repair"])
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
    # Nothing is lost even if this page is closed now.
    assert (kept(ana).text, kept(ana).aside) == ("I will ask.", MINE)
    assert f">{MINE}</blockquote>" in page(as_ana)
    # Whoever types on, types on; both stay.
    assert 'name="revision" value="2"' in response.text
    again = as_ana.post(URL, sent("I will ask you.", 2, "second"), headers=HTMX)
    assert again.status_code == 200
    assert (kept(ana).text, kept(ana).aside) == ("I will ask you.", MINE)


def test_a_third_text_loses_nothing_either(ana: Resident) -> None:
    mine = Pledge.of(ana, "repair")
    assert not mine.write("One.", 0, "a")
    assert mine.write("Two.", 0, "b")
    assert mine.write("Three.", 0, "c")
    assert (mine.text, mine.aside) == ("Three.", "One.\n\nTwo.")


def test_a_lost_answer_is_no_collision(as_ana: Client, ana: Resident) -> None:
    """The first save arrived, its answer did not; the same page saves again from where it was."""
    as_ana.post(URL, sent("When I", 0, "tab_id"), headers=HTMX)
    response = as_ana.post(URL, sent(MINE, 0, "tab_id"), headers=HTMX)
    assert response.status_code == 200
    assert (kept(ana).text, kept(ana).aside) == (MINE, "")


def test_an_emptied_pledge_is_nothing_to_keep_aside(as_ana: Client, ana: Resident) -> None:
    pledge(ana, MINE)
    pledge(ana, "")
    assert as_ana.post(URL, sent("I will ask."), headers=HTMX).status_code == 200
    assert kept(ana).aside == ""


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
    assert 'name="tab_id" value="tab_id"' in response.text
    assert kept(ana).text == MINE


def test_nonsense_beside_the_words_loses_no_words(as_ana: Client, ana: Resident) -> None:
    pledge(ana, MINE)
    for nonsense in ("x", "-1", "9" * 5000, "²"):
        as_ana.post(URL, sent(f"I will ask {nonsense[:2]}.", nonsense), headers=HTMX)
    assert MINE in kept(ana).aside
    assert as_ana.post(URL, sent("I.", 0, "w" * 201), headers=HTMX).status_code == 422
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


# -- pledge_swap, pledge_discard ------------------------------------------------------------------


@pytest.fixture
def collided(ana: Resident) -> Pledge:
    mine = Pledge.of(ana, "repair")
    mine.write(MINE, 0, "a")
    mine.write("I will ask.", 0, "b")
    return mine


def test_either_text_can_be_kept(as_ana: Client, ana: Resident, collided: Pledge) -> None:
    assert as_ana.post(SWAP, {"seen": 2})["Location"] == BACK
    assert (kept(ana).text, kept(ana).aside) == (MINE, "I will ask.")
    assert as_ana.post(DISCARD, {"seen": 3})["Location"] == BACK
    assert (kept(ana).text, kept(ana).aside) == (MINE, "")


@pytest.mark.parametrize("seen", [{"seen": 1}, {"seen": "x"}, {}])
def test_what_was_not_seen_is_not_let_go(
    as_ana: Client, ana: Resident, collided: Pledge, seen: dict[str, object]
) -> None:
    for url in (SWAP, DISCARD):
        assert as_ana.post(url, seen)["Location"] == BACK
        assert (kept(ana).text, kept(ana).aside) == ("I will ask.", MINE)


def test_without_a_collision_there_is_nothing_to_decide(as_ana: Client, ana: Resident) -> None:
    assert as_ana.post(SWAP, {"seen": 0})["Location"] == BACK
    pledge(ana, MINE)
    for url in (SWAP, DISCARD):
        assert as_ana.post(url, {"seen": 0})["Location"] == BACK
    assert (kept(ana).text, kept(ana).aside) == (MINE, "")


# -- Doors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [URL, SWAP, DISCARD])
def test_nobody_else_can_touch_it(
    as_ben: Client, as_cleo: Client, as_eve: Client, ana: Resident, collided: Pledge, url: str
) -> None:
    for client in (as_ben, as_cleo, as_eve):
        client.post(url, sent("Gone.") | {"seen": 2})
    assert (kept(ana).text, kept(ana).aside) == ("I will ask.", MINE)


@pytest.mark.parametrize("name", ["pledge", "pledge_swap", "pledge_discard"])
def test_there_is_no_eleventh(as_ana: Client, name: str) -> None:
    url = reverse(f"principles:{name}", args=["patience"])
    assert as_ana.post(url, sent("I.")).status_code == 404
    assert not Pledge.objects.exists()


@pytest.mark.parametrize("url", [URL, SWAP, DISCARD])
def test_anonymous_visitors_sign_in_first(as_anonymous: Client, url: str) -> None:
    assert as_anonymous.post(url, sent(MINE))["Location"].startswith("/account/login/")
    assert not Pledge.objects.exists()


@pytest.mark.parametrize("url", [URL, SWAP, DISCARD])
def test_looking_changes_nothing(as_ana: Client, url: str) -> None:
    assert as_ana.get(url).status_code == 405


# -- In the database -----------------------------------------------------------------------------


def test_it_lies_sealed(ana: Resident, ben: Resident) -> None:
    mine = pledge(ana, "CANARY one")
    mine.write("CANARY two", 0, "other")
    share(ana)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, aside FROM principles_pledge")
        rows = cursor.fetchall()
        cursor.execute("SELECT text, text FROM principles_sharedpledge")
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
    while_another(
        lambda: one.write("One.", 0, "a"),
        lambda: two.write("Two.", 0, "b"),
    )
    assert (kept(ana).text, kept(ana).aside) == ("Two.", "One.")


@pytest.mark.django_db(transaction=True)
def test_two_windows_beginning_at_once_make_one_pledge(ana: Resident) -> None:
    one, two = while_another(
        lambda: Pledge.of(ana, "repair"),
        lambda: Pledge.of(ana, "repair"),
    )
    assert one == two == kept(ana)

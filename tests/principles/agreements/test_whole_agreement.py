"""An agreement, whole: the line of each, when it is hard, what happens if we miss it, and when to
look again."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from principles.agreements.models.agreement import Unchanged
from principles.models import Agreement, Wording
from tests.people import Resident
from tests.principles.agreements.steps import HTMX, WORDS, hold, page, propose

URL = reverse("principles:propose", args=["repair"])


def sent(reader: Resident, base: object = 0, **parts: object) -> dict[str, object]:
    return {"text": WORDS, "base": base, "reader": reader.partner.pk, **parts}


WHOLE = {
    "mine": "I put the kettle on.",
    "hardest_when": "one of us has to be up at five.",
    "missed_named_by": "Whoever notices says kettle.",
    "repaired_how": "Each says their part first.",
    "repaired_by": "Before we sleep.",
    "again_on": "2027-03-01",
}


def test_all_of_it_is_proposed_and_read(as_ana: Client, as_ben: Client, ben: Resident) -> None:
    assert as_ana.post(URL, sent(ben, **WHOLE)).status_code == 302
    words = Wording.objects.get().words
    assert words.line_one == WHOLE["mine"]
    assert words.line_two == ""
    assert words.again_on == date(2027, 3, 1)
    for client in (as_ana, as_ben):
        shown = page(client)
        for said in ("kettle on", "up at five", "says kettle", "their part first", "1 March 2027"):
            assert said in shown


def test_each_words_their_own_line_only(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    as_ana.post(URL, sent(ben, **WHOLE))
    forged = {
        "line_one": "I always give in.",
        "line_two": "mine",
        "mine": "I say my part without a but.",
    }
    as_ben.post(URL, sent(ana, base=1, **WHOLE | forged))
    words = Wording.objects.get(number=2).words
    assert (words.line_one, words.line_two) == (WHOLE["mine"], forged["mine"])
    # Ana leaves her own line out; his stays.
    as_ana.post(URL, sent(ben, base=2, **WHOLE | {"mine": ""}))
    words = Wording.objects.get(number=3).words
    assert (words.line_one, words.line_two) == ("", forged["mine"])


def test_a_change_of_any_part_is_another_wording(ana: Resident, ben: Resident) -> None:
    wording = hold(ana, ben)
    later = wording.agreement.propose(ana.partner, WORDS, 1, hardest_when="it rains")
    assert not later.signatures.exists()
    with pytest.raises(Unchanged):
        wording.agreement.propose(ben.partner, WORDS, 2)


def test_what_is_too_long_is_said_beside_its_field(as_ana: Client, ben: Resident) -> None:
    long = "x" * 1001
    response = as_ana.post(URL, sent(ben, **WHOLE | {"hardest_when": long, "again_on": "soon"}))
    assert response.status_code == 422
    assert "That is 1001 characters; 1000 fit." in response.text
    assert "That is not a date." in response.text
    for typed in (long, "soon", WHOLE["missed_named_by"], WHOLE["mine"]):
        assert typed in response.text
    assert not Wording.objects.exists()


def test_both_at_once_see_what_differs_in_every_part(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    as_ana.post(URL, sent(ben, **WHOLE))
    response = as_ben.post(URL, sent(ana, hardest_when="the car breaks down."), headers=HTMX)
    assert response.status_code == 409
    assert "Ana proposed words while you were writing." in response.text
    assert "the car breaks down." in response.text
    assert "added:" in response.text
    assert "removed:" in response.text
    assert Wording.objects.count() == 1


def test_any_two_wordings_are_compared(as_ana: Client, ana: Resident, ben: Resident) -> None:
    propose(ana, "We come back.")
    propose(ben, "We come home.")
    propose(ana, "We come back tonight.")
    url = reverse("principles:wordings", args=["repair"])
    compared = as_ana.get(url, {"one": 3, "two": 1}).text.split("</section>")[0]
    assert "<ins>" in compared
    assert "tonight" in compared
    assert "come home" not in compared
    for nonsense in ({"one": 1, "two": 1}, {"one": "x", "two": "9"}, {"one": "1"}):
        assert as_ana.get(url, nonsense).status_code == 200


def test_an_outsider_compares_nothing(as_cleo: Client, ana: Resident, ben: Resident) -> None:
    propose(ana, "We come back.")
    propose(ben, "We come home.")
    url = reverse("principles:wordings", args=["repair"])
    assert "come" not in as_cleo.get(url, {"one": 1, "two": 2}).text.split("<main")[1]


# -- Hints ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("part", "text", "hint"),
    [
        ("text", "We always come back.", "first bad Tuesday"),
        ("text", "We will never shout.", "first bad Tuesday"),
        ("text", "You must come home by ten.", "tells somebody what to do"),
        ("hardest_when", "you have to ask first", "tells somebody what to do"),
        ("mine", "I share my location with you.", "Passwords, phones and places"),
        ("missed_named_by", "we check each other's phones", "Passwords, phones and places"),
        ("text", "Ben comes home by ten.", "speaks of one of you"),
    ],
)
def test_a_hint_stands_beside_the_words_and_they_may_stay(
    as_ana: Client, ana: Resident, ben: Resident, part: str, text: str, hint: str
) -> None:
    said = sent(ben, **{part: text})
    response = as_ana.post(URL, said, headers=HTMX)
    assert response.status_code == 200
    assert hint in response.text
    assert not Agreement.objects.exists()
    kept = response.text.split('name="kept" value="')[1].split('"')[0]
    # Proposed again as they are, they are meant so; once changed they are looked at again.
    changed = said | {"kept": kept, "repaired_by": "always at once"}
    assert as_ana.post(URL, changed, headers=HTMX).text.count("first bad Tuesday") >= 1
    assert not Wording.objects.exists()
    assert as_ana.post(URL, said | {"kept": kept}).status_code == 302
    assert Wording.objects.count() == 1


@pytest.mark.parametrize(
    "text",
    ["We come back within the hour.", "You and I both put the phones away.", "Each of us says no."],
)
def test_plain_words_get_no_hint(as_ana: Client, ben: Resident, text: str) -> None:
    assert as_ana.post(URL, sent(ben, text=text)).status_code == 302

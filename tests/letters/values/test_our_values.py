"""Giving the list, and both lists side by side: exact, deliberate, and only once both have."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from letters.models import SharedValues, Value
from tests.people import Resident

pytestmark = pytest.mark.django_db

SHARE, OURS = reverse("letters:values_share"), reverse("letters:our_values")
TAKE_BACK = reverse("letters:values_take_back")
REPAIR = reverse("principles:principle", args=["repair"])
EVERYWHERE = [
    OURS,
    SHARE,
    REPAIR,
    *(
        reverse(name)
        for name in ("letters:values", "letters:letters", "couples:home", "principles:principles")
    ),
]


def named(person: Resident, *texts: str) -> list[Value]:
    values = [Value.name(person, text)[0] for text in texts]
    for value in values:
        value.keep(value.text, f"meaning of {value.text}", ["repair"], 0)
    return values


def preview(client: Client) -> dict[str, object]:
    """The form as it stands on the page, everything with its tick."""
    text = client.get(SHARE).text
    fields = dict(re.findall(r'name="(reader|seen)" value="([\w-]+)"', text))
    return {**fields, "value": re.findall(r'name="value" value="([\w-]+)" checked', text)}


def give(client: Client) -> None:
    assert client.post(SHARE, preview(client))["Location"] == OURS


def test_the_preview_shows_the_exact_words(as_ana: Client, ana: Resident) -> None:
    named(ana, "Patience", "Humour")
    page = as_ana.get(SHARE).text
    assert "What Ben will see" in page
    for words in ("Patience", "meaning of Humour", "Lived in"):
        assert words in page
    assert "Give these words to Ben" in page
    assert not SharedValues.objects.exists()


def test_until_both_have_given_each_sees_only_how_far_they_are(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    named(ana, "canary of Ana")
    named(ben, "canary of Ben")
    page = as_ana.get(OURS).text
    assert "You have not given a list." in page
    assert "Not both lists are given." in page
    give(as_ana)
    page = as_ana.get(OURS).text
    assert "You gave your list on" in page
    assert "Not both lists are given." in page
    page = as_ben.get(OURS).text
    assert "Ana has given a list." in page
    for address in EVERYWHERE:
        assert "canary of Ana" not in as_ben.get(address).text, address
        assert "canary of Ben" not in as_ana.get(address).text or address in (
            SHARE,
            reverse("letters:values"),
        )


def test_side_by_side_without_a_score(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    named(ana, "Patience", "Humour", "Swimming")
    named(ben, "patience", "Playful", "Chess")
    give(as_ana)
    give(as_ben)
    for client, yours, theirs, name in (
        (as_ana, "Swimming", "Chess", "Ben"),
        (as_ben, "Chess", "Swimming", "Ana"),
    ):
        page = client.get(OURS).text
        main = page[page.index('id="ours"') :]
        titles = ("The same", "Near each other", "Only yours", f"Only {name}’s")
        places = [main.index(f"<h2>{title}") for title in titles]
        assert places == sorted(places)
        same, near, mine, other = (
            main[a:b] for a, b in zip(places, [*places[1:], len(main)], strict=True)
        )
        assert "Patience" in same and "patience" in same  # noqa: PT018
        assert "Humour" in near and "Playful" in near  # noqa: PT018
        assert "Both belong to “Play” in the suggestions." in near
        assert yours in mine
        assert theirs in other
        assert "%" not in re.sub(r"<[^>]+>", "", main)
        assert not re.search(r"\b\d+ (of|in common|match)", main)


def test_the_list_itself_says_what_the_other_has_of_it(as_ana: Client, ana: Resident) -> None:
    named(ana, "Patience")
    page = as_ana.get(reverse("letters:values")).text
    assert "Ben does not see this list." in page
    give(as_ana)
    page = as_ana.get(reverse("letters:values")).text
    assert "Ben does not see this list." not in page
    assert "Ben has the list as you gave it on" in page


def test_later_words_stay_private_until_given_again(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    [value] = named(ana, "Patience")
    named(ben, "Humour")
    give(as_ana)
    give(as_ben)
    value.keep("Patience", "canary of later", ["repair"], 1)
    named(ana, "canary of a new one")
    for address in EVERYWHERE:
        assert "canary" not in as_ben.get(address).text, address
    give(as_ana)
    assert "canary of later" in as_ben.get(OURS).text


def test_only_what_has_a_tick_is_given(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    patience, _canary = named(ana, "Patience", "canary")
    named(ben, "Humour")
    give(as_ben)
    as_ana.post(SHARE, preview(as_ana) | {"value": [str(patience.pk)]})
    page = as_ben.get(OURS).text
    assert "Patience" in page
    for address in EVERYWHERE:
        assert "canary" not in as_ben.get(address).text, address


def test_a_list_that_changed_since_the_preview_is_not_given(as_ana: Client, ana: Resident) -> None:
    [value] = named(ana, "Patience")
    form = preview(as_ana)
    value.keep("Patience", "newer words", [], 1)
    response = as_ana.post(SHARE, form)
    assert response.status_code == 409
    assert "Nothing was given" in response.text
    assert "newer words" in response.text
    assert not SharedValues.objects.exists()


@pytest.mark.parametrize("broken", [{"reader": "x"}, {"seen": ""}, {"value": []}])
def test_a_broken_form_gives_nothing(
    as_ana: Client, ana: Resident, broken: dict[str, object]
) -> None:
    named(ana, "Patience")
    assert as_ana.post(SHARE, preview(as_ana) | broken).status_code == 409
    assert not SharedValues.objects.exists()


def test_taking_it_back_ends_the_reading(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    named(ana, "canary of Ana")
    named(ben, "canary of Ben")
    give(as_ana)
    give(as_ben)
    assert "canary of Ana" in as_ben.get(OURS).text
    assert "What was read was read." in as_ana.get(OURS).text
    as_ana.post(TAKE_BACK)
    for address in EVERYWHERE:
        assert "canary of Ana" not in as_ben.get(address).text, address
    assert "Not both lists are given." in as_ben.get(OURS).text
    assert "canary of Ben" not in as_ana.get(OURS).text
    # Ben took nothing back; nothing of his is gone.
    assert SharedValues.objects.get().giver.user == ben


def test_nobody_takes_back_what_the_other_gave(
    as_ana: Client, as_ben: Client, ana: Resident
) -> None:
    named(ana, "Patience")
    give(as_ana)
    as_ben.post(TAKE_BACK)
    assert SharedValues.objects.exists()


def test_the_other_sees_on_a_principle_what_both_have_given(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    named(ana, "canary of Ana")
    named(ben, "Humour")
    give(as_ana)
    assert "canary of Ana" not in as_ben.get(REPAIR).text
    give(as_ben)
    page = as_ben.get(REPAIR).text
    assert "Ana’s:" in page
    assert "<bdi>canary of Ana</bdi>" in page
    assert "canary of Ana" not in as_ben.get(reverse("principles:principle", args=["backs"])).text


def test_outsiders_and_those_who_left_read_nothing(
    as_ana: Client,
    as_ben: Client,
    as_cleo: Client,
    as_eve: Client,
    client: Client,
    ana: Resident,
    ben: Resident,
) -> None:
    named(ana, "canary of Ana")
    named(ben, "canary of Ben")
    give(as_ana)
    give(as_ben)
    for visitor in (as_cleo, as_eve, client):
        for address in EVERYWHERE:
            assert "canary" not in visitor.get(address, follow=True).text
    ben.partner.leave()
    for address in EVERYWHERE:
        assert "canary of Ana" not in as_ben.get(address, follow=True).text
        assert "canary of Ben" not in as_ana.get(address, follow=True).text
    assert "take two people" in as_ana.get(OURS).text


def test_alone_the_pages_say_so(as_sol: Client) -> None:
    assert "nobody here to give them to" in as_sol.get(SHARE).text
    assert as_sol.post(SHARE)["Location"] == SHARE
    assert "take two people" in as_sol.get(OURS).text


def test_without_a_value_there_is_nothing_to_give(as_ana: Client) -> None:
    assert "nothing to give yet" in as_ana.get(SHARE).text


def test_a_nudged_page_fetches_its_part_only(as_ana: Client) -> None:
    text = as_ana.get(OURS, headers={"HX-Request": "true"}).text
    assert text.strip().startswith('<div id="ours"')

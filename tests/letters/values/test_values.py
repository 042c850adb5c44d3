"""The list of one's own values, as pages: with htmx, without JavaScript, and nobody else's."""

import pytest
from django.test import Client
from django.urls import reverse

from letters.models import Value
from tests.people import Resident

pytestmark = pytest.mark.django_db

LIST = reverse("letters:values")
HTMX = {"HX-Request": "true"}


def name(client: Client, text: str) -> Value:
    client.post(LIST, {"text": text})
    return Value.objects.order_by("-pk")[0]


def at(route: str, value: Value) -> str:
    return reverse(f"letters:{route}", args=[value.pk])


def order() -> list[str]:
    return [each.text for each in Value.objects.all().in_order()]


def test_a_value_is_named(as_ana: Client) -> None:
    response = as_ana.post(LIST, {"text": " Coming  to the door "})
    value = Value.objects.get()
    assert value.text == "Coming to the door"
    assert response["Location"] == f"{LIST}#value-{value.pk}"
    page = as_ana.get(LIST).text
    assert "Coming to the door</h2>" in page
    assert "Saved." in page


def test_for_htmx_the_list_comes_back_with_a_sentence_for_those_who_listen(as_ana: Client) -> None:
    page = as_ana.post(LIST, {"text": "Patience"}, headers=HTMX).text
    assert page.strip().startswith('<div id="values"')
    assert 'role="status">“Patience” is on your list.</p>' in page
    assert "autofocus" in page


def test_a_suggestion_is_one_tap_and_marked_once_it_is_on_the_list(as_ana: Client) -> None:
    page = as_ana.get(LIST).text
    assert page.count('class="word"') >= 40
    assert "on your list</small>" not in page
    page = as_ana.post(LIST, {"text": "Patience", "suggested": "yes"}, headers=HTMX).text
    assert page.count("on your list</small>") == 1
    assert "autofocus" not in page  # the tap stays where it was
    page = as_ana.post(LIST, {"text": "Patience", "suggested": "yes"}, headers=HTMX).text
    assert "“Patience” is there already." in page
    assert order() == ["Patience"]


@pytest.mark.parametrize("headers", [HTMX, {}])
@pytest.mark.parametrize(
    ("text", "said"), [("  ", "Write a word first."), ("x" * 121, "121 characters; 120 fit")]
)
def test_what_does_not_fit_is_said_beside_the_field(
    as_ana: Client, text: str, said: str, headers: dict[str, str]
) -> None:
    response = as_ana.post(LIST, {"text": text}, headers=headers)
    assert response.status_code == 422
    assert said in response.text
    assert text.strip() in response.text
    assert not Value.objects.exists()


def test_the_most_that_fit(as_ana: Client, ana: Resident) -> None:
    for number in range(60):
        Value.name(ana, f"value {number}")
    response = as_ana.post(LIST, {"text": "one more"})
    assert response.status_code == 422
    assert "Sixty values fit here." in response.text
    assert "one more" in response.text


def test_what_it_means_and_where_it_is_lived(as_ana: Client) -> None:
    value = name(as_ana, "Patience")
    said = {"text": "Patience", "meaning": "With the kettle on.", "principles": ["repair"]}
    response = as_ana.post(at("value", value), said | {"revision": 0}, headers=HTMX)
    assert response["X-Revision"] == "1"
    page = as_ana.get(LIST).text
    assert "With the kettle on." in page
    assert reverse("principles:principle", args=["repair"]) in page
    page = as_ana.get(at("value", value)).text
    assert page.count(" checked") == 1
    # A link that is taken away is gone.
    response = as_ana.post(at("value", value), {"text": "Patience", "revision": 1})
    assert response["Location"] == f"{LIST}#value-{value.pk}"
    assert Value.objects.get().slugs == []


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_a_second_window_loses_nothing(as_ana: Client, headers: dict[str, str]) -> None:
    value = name(as_ana, "Patience")
    address = at("value", value)
    as_ana.post(address, {"text": "Patience", "meaning": "from the phone", "revision": 0})
    mine = {"text": "Patience", "meaning": "from the desk", "revision": 0}
    response = as_ana.post(address, mine, headers=headers)
    assert response.status_code == 409
    assert "from the phone" in response.text
    assert "from the desk" in response.text
    assert Value.objects.get().meaning == "from the phone"
    as_ana.post(address, {"text": "Patience", "meaning": "from both", "revision": 1})
    assert Value.objects.get().meaning == "from both"


@pytest.mark.parametrize(
    "wrong",
    [{"text": ""}, {"meaning": "x" * 2001}, {"principles": ["nonsense"]}],
)
def test_what_cannot_be_kept_stays_on_the_page(as_ana: Client, wrong: dict[str, object]) -> None:
    value = name(as_ana, "Patience")
    said = {"text": "Patience", "meaning": "Some words.", "revision": 0}
    response = as_ana.post(at("value", value), said | wrong, headers=HTMX)
    assert response.status_code == 422
    assert str(wrong.get("meaning", "Some words.")) in response.text
    assert Value.objects.get().meaning == ""


def test_up_and_down_by_buttons_with_and_without_javascript(as_ana: Client) -> None:
    for word in ("Patience", "Humour", "Trust"):
        value = name(as_ana, word)
    page = as_ana.post(at("value_move", value), {"way": "up"}, headers=HTMX).text
    assert 'role="status">“Trust” stands in place 2.</p>' in page
    assert order() == ["Patience", "Trust", "Humour"]
    response = as_ana.post(at("value_move", value), {"way": "down"})
    assert response["Location"] == f"{LIST}#value-{value.pk}"
    assert order() == ["Patience", "Humour", "Trust"]


def test_dropping_puts_it_before_another_one(as_ana: Client) -> None:
    first, second = name(as_ana, "Patience"), name(as_ana, "Humour")
    as_ana.post(at("value_move", second), {"before": str(first.pk)}, headers=HTMX)
    assert order() == ["Humour", "Patience"]
    as_ana.post(at("value_move", second), {"before": ""}, headers=HTMX)
    assert order() == ["Patience", "Humour"]
    as_ana.post(at("value_move", second), {"before": "nonsense"}, headers=HTMX)
    assert sorted(order()) == ["Humour", "Patience"]


def test_letting_go(as_ana: Client) -> None:
    value = name(as_ana, "Patience")
    assert as_ana.post(at("value_remove", value))["Location"] == LIST
    assert not Value.objects.exists()
    # Another window that still shows it keeps what is typed there, and changes nothing.
    for route in ("value", "value_move", "value_remove"):
        response = as_ana.post(at(route, value), {"text": "Patience", "revision": 0}, headers=HTMX)
        assert response.status_code == 404


@pytest.mark.parametrize("route", ["value", "value_move", "value_remove"])
def test_nobody_elses_value_can_be_reached(
    as_ana: Client, as_ben: Client, as_cleo: Client, as_eve: Client, client: Client, route: str
) -> None:
    value = name(as_ana, "canary")
    for visitor in (as_ben, as_cleo, as_eve, client):
        for response in (
            visitor.get(at(route, value)),
            visitor.post(at(route, value), {"text": "mine", "revision": 0, "way": "up"}),
            visitor.get(LIST),
        ):
            assert "canary" not in response.text
        response = visitor.post(at(route, value), {"text": "mine", "revision": 0})
        assert response.status_code in (302, 404)
    assert Value.objects.get().text == "canary"


def test_only_a_post_moves_or_removes(as_ana: Client) -> None:
    value = name(as_ana, "Patience")
    for route in ("value_move", "value_remove"):
        assert as_ana.get(at(route, value)).status_code == 405
    assert as_ana.get(reverse("letters:values_take_back")).status_code == 405


def test_alone_the_page_says_that_the_list_stays_with_you(as_sol: Client) -> None:
    page = as_sol.get(LIST).text
    assert "Only you see this list." in page
    assert reverse("letters:values_share") not in page


# -- Beside a principle --------------------------------------------------------------------------

REPAIR = reverse("principles:principle", args=["repair"])


def lived(client: Client, text: str, slug: str = "repair") -> Value:
    value = name(client, text)
    said = {"text": text, "meaning": "meaning of " + text, "revision": 0, "principles": [slug]}
    client.post(at("value", value), said)
    client.get(LIST)  # what was said about it is said there
    return value


def test_a_principle_shows_my_values_that_it_serves(as_ana: Client, as_ben: Client) -> None:
    assert "one of the places where it can be seen" in as_ana.get(REPAIR).text
    value = lived(as_ana, "canary of patience")
    lived(as_ana, "canary of humour", "backs")
    page = as_ana.get(REPAIR).text
    assert at("value", value) in page
    assert "canary of patience" in page
    assert "canary of humour" not in page
    assert "canary" not in as_ben.get(REPAIR).text


def test_a_principle_works_for_one(as_sol: Client) -> None:
    lived(as_sol, "Patience")
    assert "Patience" in as_sol.get(REPAIR).text

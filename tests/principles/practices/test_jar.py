"""The jar on the page: one is drawn by a press, and stays when the page is loaded again."""

from uuid import uuid4

from django.test import Client
from django.urls import reverse

from principles.models import Draft
from principles.practices import packed
from principles.practices.models.offer import Drawn
from tests.people import Resident
from tests.principles.practices.steps import again, give

DRAWN = "Drawn for you"


def press(client: Client) -> str:
    """Draw; the address of what was drawn."""
    return client.post(reverse("principles:jar_draw"))["Location"]


def test_loading_the_page_again_draws_no_other(
    ana: Resident, ben: Resident, as_ben: Client
) -> None:
    for number in range(3):
        give(ana, "supporters", f"Note {number}.")
    where = press(as_ben)
    pages = {as_ben.get(where).text.partition(DRAWN)[2].partition("</section>")[0] for _ in "123"}
    assert len(pages) == 1
    assert "Note" in pages.pop()
    assert Drawn.objects.filter(partner=ben.partner).count() == 1


def test_an_empty_jar_says_so_on_the_page(ana: Resident, as_ana: Client, as_sol: Client) -> None:
    """One draws what the other put in; one's own may be there already."""
    give(ana, "supporters", "You rang my mother.")
    assert "Nothing for you in the jar yet." in as_ana.get(press(as_ana)).text
    assert "Nothing in the jar yet." in as_sol.get(press(as_sol)).text


def test_what_was_taken_back_is_not_drawn_any_more(ana: Resident, as_ben: Client) -> None:
    note = give(ana, "supporters", "The soup.")
    where = press(as_ben)
    assert "The soup." in as_ben.get(where).text
    again(note).withdraw(ana.partner)
    page = as_ben.get(where).text
    assert "The soup." not in page
    assert DRAWN not in page


def test_nobody_draws_from_the_jar_of_others(
    ana: Resident,
    ben: Resident,
    sol: Resident,
    as_ben: Client,
    as_sol: Client,
    as_cleo: Client,
    as_eve: Client,
) -> None:
    Draft.keep(sol, "supporters", packed.pack({"text": "Sol was patient."}), 0)
    give(ana, "supporters", "The soup.")
    places = press(as_ben), press(as_sol)
    for client in (as_cleo, as_eve):
        for where in places:
            page = client.get(where, follow=True).text
            assert "The soup." not in page
            assert "Sol was patient." not in page
    assert "Sol was patient." not in as_ben.get(places[1]).text
    assert "The soup." not in as_sol.get(places[0]).text


def test_what_is_no_name_of_anything_shows_nothing(as_ana: Client) -> None:
    for name in ("x", uuid4()):
        assert DRAWN not in as_ana.get(f"/practices/supporters/?drawn={name}").text
        assert DRAWN not in as_ana.get(f"/practices/backs/?drawn={name}").text

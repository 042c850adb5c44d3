"""Sharing a pledge: the exact words previewed, one reader, and back again."""

from typing import Any, cast

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from couples import nudges
from couples.models import Invitation, Partner, User
from principles import catalog
from principles.models import Pledge, SharedPledge
from principles.pledges.models import NotAsSeen
from tests.people import Resident
from tests.principles.agreements.steps import HTMX, hold, page, pledge, share
from tests.races import while_another

URL = reverse("principles:pledge_share", args=["repair"])
TAKE_BACK = reverse("principles:pledge_take_back", args=["repair"])
BACK = reverse("principles:principle", args=["repair"]) + "#pledge"
MINE = "When I have hurt you, I will come back first."


def seen(revision: object, reader: Resident) -> dict[str, object]:
    return {"revision": revision, "reader": reader.partner.pk}


# -- pledge_share --------------------------------------------------------------------------------


def test_the_preview_shows_the_exact_words(as_ana: Client, ana: Resident, ben: Resident) -> None:
    pledge(ana, MINE)
    preview = as_ana.get(URL).text
    assert MINE in preview
    assert "Ben will see exactly this." in preview
    assert "Share these words with Ben" in preview
    assert not SharedPledge.objects.exists()


def test_the_exact_words_are_shared(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    pledge(ana, MINE)
    assert MINE not in page(as_ben)
    assert as_ana.post(URL, seen(1, ben))["Location"] == BACK
    assert MINE in page(as_ben)
    assert "Ben can read what you shared" in page(as_ana)


def test_later_changes_stay_private_until_shared_again(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    pledge(ana, MINE)
    as_ana.post(URL, seen(1, ben))
    pledge(ana, "CANARY")
    assert "CANARY" not in page(as_ben)
    assert MINE in page(as_ben)
    assert "takes the place of what you shared" in as_ana.get(URL).text
    as_ana.post(URL, seen(2, ben))
    assert "CANARY" in page(as_ben)
    assert MINE not in page(as_ben)
    assert SharedPledge.objects.count() == 1


def test_words_that_changed_since_the_preview_are_previewed_again(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    pledge(ana, MINE)
    pledge(ana, "CANARY")
    for revision in (1, "x", "", 9):
        response = as_ana.post(URL, seen(revision, ben))
        assert response.status_code == 409
        assert "Nothing was shared" in response.text
        assert "CANARY" in response.text
        assert 'name="revision" value="2"' in response.text
    assert "CANARY" not in page(as_ben)
    assert not SharedPledge.objects.exists()


def test_a_preview_for_somebody_else_shares_nothing(
    as_ana: Client, ana: Resident, eve: User
) -> None:
    """The preview was opened when Eve lived here; now it would be Ben who reads."""
    pledge(ana, MINE)
    for reader in (eve.seats.get().pk, "", "x"):
        response = as_ana.post(URL, {"revision": 1, "reader": reader})
        assert response.status_code == 409
    assert not SharedPledge.objects.exists()


def test_an_empty_pledge_is_not_shared(as_ana: Client, ana: Resident, ben: Resident) -> None:
    for _attempt in range(2):
        assert "There is nothing to show yet." in as_ana.get(URL).text
        as_ana.post(URL, seen(0, ben))
        pledge(ana, "")
    assert not SharedPledge.objects.exists()


def test_alone_sharing_is_explained_and_not_possible(
    as_sol: Client, sol: Resident, ben: Resident
) -> None:
    pledge(sol, MINE)
    assert "only you can read your pledge" in as_sol.get(URL).text
    for reader in (sol, ben):
        assert as_sol.post(URL, seen(1, reader)).status_code == 200
    assert not SharedPledge.objects.exists()


# -- pledge_take_back ----------------------------------------------------------------------------


def test_a_shared_pledge_is_taken_back(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    pledge(ana, MINE)
    share(ana)
    response = as_ana.post(TAKE_BACK, follow=True)
    assert response.redirect_chain == [(BACK, 302)]
    assert "What was read was read." in response.text
    assert MINE not in page(as_ben)
    assert MINE in page(as_ana)
    # Again, or with nothing shared, it is no more than the way back.
    assert "What was read" not in as_ana.post(TAKE_BACK, follow=True).text


def test_only_ones_own_is_taken_back(
    as_ben: Client, as_cleo: Client, as_eve: Client, ana: Resident, ben: Resident
) -> None:
    pledge(ana, MINE)
    share(ana)
    for client in (as_ben, as_cleo, as_eve):
        client.post(TAKE_BACK)
    assert MINE in page(as_ben)


# -- Whose it is ---------------------------------------------------------------------------------


def test_leaving_ends_the_reading_both_ways(ana: Resident, ben: Resident) -> None:
    for who in (ana, ben):
        pledge(who, f"CANARY of {who.name}")
        share(who)
    ben.partner.leave()
    client = Client()
    client.force_login(ana)
    assert "CANARY of Ben" not in page(client)
    assert "CANARY of Ana" in page(client)
    assert not SharedPledge.objects.visible_to(Partner.objects.get(user=ben)).exists()


def test_who_moves_in_later_is_shown_nothing_that_was_shared_before(
    ana: Resident, ben: Resident
) -> None:
    pledge(ana, "CANARY")
    share(ana)
    ben.partner.leave()
    cleo = User.objects.create_user("cleo@home.example", "Cleo")
    Invitation.make(Partner.objects.get(pk=ana.partner.pk)).accept(cleo).confirm()
    client = Client()
    client.force_login(cleo)
    assert "CANARY" not in page(client)
    assert "CANARY" not in client.get(reverse("principles:principles")).text
    client.force_login(User.objects.get(pk=ana.pk))
    assert "Cleo can read" not in page(client)


def test_a_private_pledge_is_in_nothing_that_the_partner_can_get(
    as_ben: Client, as_cleo: Client, ana: Resident, ben: Resident
) -> None:
    """Every page of this app, as a page and as a part, for each principle."""
    for slug in catalog.BY_SLUG:
        hold(ana, ben, "We do.", slug)
        pledge(ana, "What everybody may know.", slug)
        share(ana, slug)
        pledge(ana, "CANARY in the pledge", slug)
    names = ["principle", "propose", "wordings", "pledge_share"]
    urls = [
        reverse(f"principles:{name}", args=[slug]) for slug in catalog.BY_SLUG for name in names
    ]
    urls += [reverse(name) for name in ("principles:principles", "couples:kept", "couples:home")]
    for url in urls:
        for headers in ({}, HTMX):
            for client in (as_ben, as_cleo):
                response = client.get(url, headers=headers)
                assert response.status_code == 200
                assert "CANARY" not in response.text
                assert "CANARY" not in str(response.headers)


def test_sharing_is_nudged_and_writing_is_not(
    as_ana: Client,
    ana: Resident,
    ben: Resident,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    sent: list[tuple[object, str]] = []
    monkeypatch.setattr(nudges.hub, "send", lambda home, topic: sent.append((home, topic)))
    with django_capture_on_commit_callbacks(execute=True):
        pledge(ana, MINE)
        pledge(ana, "I will ask.")
    assert sent == []
    for url in (URL, TAKE_BACK):
        sent.clear()
        with django_capture_on_commit_callbacks(execute=True):
            as_ana.post(url, seen(2, ben))
        home = ana.partner.workspace_id
        assert sent == [(home, "pledge-repair"), (home, "home")]


def test_what_must_never_happen_is_a_constraint(ana: Resident, ben: Resident) -> None:
    pledge(ana, MINE)
    share(ana)
    for reader in (ben.partner, ana.partner):
        with pytest.raises(IntegrityError), transaction.atomic():
            SharedPledge.objects.create(
                workspace=ana.partner.workspace,
                partner=ana.partner,
                reader=reader,
                principle="repair" if reader == ben.partner else "backs",
                text=MINE,
            )


# -- Doors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pledge_share", "pledge_take_back"])
def test_there_is_no_eleventh(as_ana: Client, ben: Resident, name: str) -> None:
    url = reverse(f"principles:{name}", args=["patience"])
    assert as_ana.post(url, seen(0, ben)).status_code == 404


@pytest.mark.parametrize("url", [URL, TAKE_BACK])
def test_anonymous_visitors_sign_in_first(as_anonymous: Client, url: str) -> None:
    assert as_anonymous.post(url)["Location"].startswith("/account/login/")


def test_an_outsider_shares_nothing_here(as_cleo: Client, ana: Resident, ben: Resident) -> None:
    pledge(ana, MINE)
    assert MINE not in as_cleo.get(URL).text
    as_cleo.post(URL, seen(1, ben))
    assert not SharedPledge.objects.exists()


def test_other_methods_are_refused(as_ana: Client) -> None:
    assert as_ana.put(URL).status_code == 405
    assert as_ana.get(TAKE_BACK).status_code == 405


# -- Two at the same moment ----------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_words_that_are_just_being_changed_are_not_shared(ana: Resident, ben: Resident) -> None:
    one = pledge(ana, MINE)
    two = Pledge.objects.get()
    _kept, refused = while_another(
        lambda: one.write("CANARY", 1),
        lambda: two.share(ana.partner, ben.partner, 1),
    )
    assert isinstance(refused, NotAsSeen)
    assert not SharedPledge.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_shared_with_a_person_who_is_just_leaving(ana: Resident, ben: Resident) -> None:
    mine = pledge(ana, MINE)
    _left, refused = while_another(
        ben.partner.leave,
        lambda: mine.share(ana.partner, cast(Partner, ana.partner.other()), 1),
    )
    assert isinstance(refused, NotAsSeen)
    assert not SharedPledge.objects.exists()

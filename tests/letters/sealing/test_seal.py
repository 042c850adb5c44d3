"""Sealing: two names under exactly the same words, and nobody changes them any more."""

import re
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from couples.models import User
from couples.pages import dashboard
from couples.refusals import NotTogether
from letters.giving.models.share import Changed
from letters.letter.models import authors
from letters.letter.models.document import Written
from letters.live import registry as rooms_module
from letters.live.loading import in_thread
from letters.live.registry import Rooms
from letters.models import Document, Entry, Letter, Seal, SealSignature, Unsealing, Update, Version
from letters.pages.dashboard import waiting
from letters.sealing.models import Sealed
from letters.text import document
from letters.versions.models import Closed
from tests.answers import Answer
from tests.letters.live.inprocess import LocalPage
from tests.letters.sheets import Written as Sheet
from tests.letters.writing import write
from tests.people import Resident, anew
from tests.races import while_another

pytestmark = pytest.mark.django_db

WORDS = "We walk after dinner."


@pytest.fixture
def letter(letter: Letter, ana: Resident) -> Letter:
    write(letter, ana, WORDS)
    return letter


def digest(letter: Letter) -> str:
    return document.digest(document.blocks(letter.load()))


def sealed(letter: Letter, one: Resident, two: Resident) -> Seal:
    Seal.sign(letter, one.partner, digest(letter))
    return Seal.sign(letter, two.partner, digest(letter))


# -- Signing -------------------------------------------------------------------------------------


def test_the_second_signature_seals_exactly_these_words(
    letter: Letter, ana: Resident, ben: Resident
) -> None:
    first = Seal.sign(letter, ana.partner, digest(letter))
    assert first.sealed_at is None
    assert Letter.objects.open().filter(pk=letter.pk).exists()
    seal = Seal.sign(letter, ben.partner, digest(letter), first.pk)
    assert seal == first
    assert seal.sealed_at is not None
    assert [block.text for block in seal.blocks][1:] == [WORDS]
    assert [signature.name for signature in seal.signatures.all()] == ["Ana", "Ben"]
    letter.refresh_from_db()
    assert letter.closed_at == seal.sealed_at
    with pytest.raises(Closed):
        Seal.sign(letter, ana.partner, digest(letter))


def test_signing_twice_is_one_signature(letter: Letter, ana: Resident) -> None:
    for _ in range(2):
        seal = Seal.sign(letter, ana.partner, digest(letter))
    assert seal.sealed_at is None
    assert SealSignature.objects.count() == 1


def test_words_that_changed_are_not_signed_and_the_first_may_sign_the_new_ones(
    letter: Letter, ana: Resident, ben: Resident
) -> None:
    old = digest(letter)
    first = Seal.sign(letter, ana.partner, old)
    write(letter, ben, "And on Sundays.")
    with pytest.raises(Changed):
        Seal.sign(letter, ben.partner, old, first.pk)
    assert SealSignature.objects.count() == 1
    again = Seal.sign(letter, ana.partner, digest(letter))
    first.refresh_from_db()
    assert first.withdrawn_at is not None
    # A page from before, whose words are there again, does not seal something else.
    with pytest.raises(Changed):
        Seal.sign(letter, ben.partner, digest(letter), first.pk)
    assert Seal.sign(letter, ben.partner, digest(letter), again.pk).sealed_at is not None


def test_a_name_is_taken_back_freely_until_the_second_signature(
    letter: Letter, ana: Resident, ben: Resident
) -> None:
    seal = Seal.sign(letter, ana.partner, digest(letter))
    seal.withdraw(ben.partner)  # it is not his name
    assert Seal.objects.active().exists()
    seal.withdraw(ana.partner)
    assert not Seal.objects.active().exists()
    with pytest.raises(Changed):
        Seal.sign(letter, ben.partner, digest(letter), seal.pk)
    done = sealed(letter, ben, ana)
    with pytest.raises(Sealed):
        done.withdraw(ana.partner)


def test_nobody_seals_with_somebody_who_left(letter: Letter, ana: Resident, ben: Resident) -> None:
    Seal.sign(letter, ana.partner, digest(letter))
    ben.partner.leave()
    with pytest.raises(NotTogether):
        Seal.sign(letter, ana.partner, digest(letter))
    assert not Seal.objects.sealed().exists()


# -- At the same moment --------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_an_edit_comes_before_the_seal_or_not_at_all(
    letter: Letter, ana: Resident, ben: Resident, taken_apart: None
) -> None:
    first = Seal.sign(letter, ana.partner, digest(letter))
    agreed = digest(letter)
    edit = Entry(letter.pk, letter.key_owner_id, [b"\x00\x00"])
    results = while_another(
        lambda: Seal.sign(letter, ben.partner, agreed, first.pk),
        lambda: Update.objects.append([edit]),
    )
    assert isinstance(results[0], Seal)
    assert results[1] == Written({}, set())  # nothing was written, so nothing is acknowledged
    assert Seal.objects.sealed().count() == 1


@pytest.mark.django_db(transaction=True)
def test_an_edit_that_came_first_keeps_the_second_from_signing(
    letter: Letter, ana: Resident, ben: Resident
) -> None:
    first = Seal.sign(letter, ana.partner, digest(letter))
    agreed = digest(letter)
    results = while_another(
        lambda: write(letter, ana, "One more line."),
        lambda: Seal.sign(letter, ben.partner, agreed, first.pk),
    )
    assert isinstance(results[1], Changed)
    assert not Seal.objects.sealed().exists()


@pytest.mark.django_db(transaction=True)
def test_withdrawing_comes_before_the_second_signature_or_is_too_late(
    letter: Letter, ana: Resident, ben: Resident, taken_apart: None
) -> None:
    first = Seal.sign(letter, ana.partner, digest(letter))
    agreed = digest(letter)
    results = while_another(
        lambda: first.withdraw(ana.partner),
        lambda: Seal.sign(letter, ben.partner, agreed, first.pk),
    )
    assert isinstance(results[1], Changed)
    again = Seal.sign(letter, ana.partner, agreed)
    results = while_another(
        lambda: Seal.sign(letter, ben.partner, agreed, again.pk),
        lambda: Seal.objects.get(pk=again.pk).withdraw(ana.partner),
    )
    assert isinstance(results[1], Sealed)


@pytest.mark.django_db(transaction=True)
async def test_an_open_page_is_closed_and_told_that_it_was_sealed(
    rooms: Rooms,
    letter: Letter,
    ana: Resident,
    ben: Resident,
    taken_apart: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rooms_module, "POLL", 3600)  # the hint is quicker
    page = await LocalPage(rooms, letter).open()
    await in_thread(sealed, letter, ana, ben)
    assert await page.closed() == 4423


# -- For good ------------------------------------------------------------------------------------


@pytest.fixture
def seal(letter: Letter, ana: Resident, ben: Resident) -> Seal:
    return sealed(letter, ana, ben)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE letters_version SET words = packed",
        "UPDATE letters_version SET name = words",
        "DELETE FROM letters_version",
        "UPDATE letters_sealsignature SET name = name",
        "DELETE FROM letters_sealsignature",
        "UPDATE letters_seal SET sealed_at = NULL",
        "DELETE FROM letters_seal",
        "UPDATE letters_letter SET closed_at = NULL",
        "DELETE FROM letters_letter",
    ],
)
def test_the_database_refuses_to_change_what_is_sealed(seal: Seal, statement: str) -> None:
    with (
        pytest.raises(IntegrityError, match="sealed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert [block.text for block in Seal.objects.get().blocks][1:] == [WORDS]


def test_the_database_refuses_a_third_signature(seal: Seal, ana: Resident, cleo: Resident) -> None:
    with pytest.raises(IntegrityError, match="sealed"), transaction.atomic():
        SealSignature.objects.create(seal=seal, partner=cleo.partner, name="Cleo")


def test_other_versions_and_open_letters_are_not_held(
    letter: Letter, ana: Resident, ben: Resident
) -> None:
    version = Version.take(letter, Version.Kind.NAMED, by=ana, name="free")
    Seal.sign(letter, ana.partner, digest(letter)).withdraw(ana.partner)
    sealed(letter, ana, ben)
    assert version is not None
    version.delete()
    other = Letter.begin_joint(ana.partner)
    other.delete()


def test_what_protects_stands_aside_for_the_day_when_an_account_goes(seal: Seal) -> None:
    Unsealing.objects.create(letter_id=seal.letter_id)
    letter_id = seal.letter_id
    Seal.objects.all().delete()
    Letter.objects.filter(pk=letter_id).delete()
    assert not Version.objects.exists()


def test_nothing_is_written_after_the_seal(seal: Seal, letter: Letter, ana: Resident) -> None:
    entry = Entry(letter.pk, letter.key_owner_id, [b"\x00\x00"])
    before = Document.objects.get(pk=letter.pk).seq
    assert Update.objects.append([entry]) == Written({}, set())
    assert Document.objects.get(pk=letter.pk).seq == before


# -- What becomes of it --------------------------------------------------------------------------


def test_a_new_letter_begins_from_the_sealed_one_with_its_authors(
    seal: Seal, letter: Letter, ana: Resident, ben: Resident
) -> None:
    new, is_new = seal.grow(ben.partner)
    assert is_new
    assert [block.text for block in document.blocks(new.load())][1:] == [WORDS]
    assert {run.person_id for run in authors.read(new)[1].runs} == {ana.pk}
    assert seal.grow(ana.partner) == (new, False)
    write(new, ben, "More.")
    assert [block.text for block in Seal.objects.get().blocks][1:] == [WORDS]


def test_both_keep_it_after_leaving(
    seal: Seal, letter: Letter, ana: Resident, ben: Resident, as_ana: Client, as_ben: Client
) -> None:
    address = reverse("letters:sealed", args=[letter.pk])
    ben.partner.leave()
    for client in (as_ana, as_ben):
        kept = reverse("couples:kept_chapter", args=[letter.couple_id, "sealed"])
        page = client.get(kept).text
        assert "Sealed by Ana and Ben" in page
        assert address in page
        assert WORDS in client.get(address).text


def test_a_name_that_changes_later_does_not_change_the_seal(
    seal: Seal, letter: Letter, ana: Resident, as_ben: Client
) -> None:
    User.objects.filter(pk=ana.pk).update(name="Anastasia")
    page = as_ben.get(reverse("letters:sealed", args=[letter.pk])).text
    assert "<bdi>Ana</bdi>" in page
    assert "Anastasia" not in page.split("<main")[1].split("</main>")[0]


# -- The pages -----------------------------------------------------------------------------------


def page_of(client: Client, letter: Letter) -> str:
    return client.get(reverse("letters:seal", args=[letter.pk])).text


def fields(text: str) -> dict[str, str]:
    return dict(re.findall(r'type="hidden" name="(digest|seal)" value="([\w-]+)"', text))


def post(client: Client, letter: Letter, data: dict[str, str]) -> Answer:
    return client.post(reverse("letters:seal", args=[letter.pk]), data)


def test_both_sign_on_the_page(
    as_ana: Client, as_ben: Client, letter: Letter, ben: Resident
) -> None:
    text = page_of(as_ana, letter)
    assert "Sign these words" in text
    assert post(as_ana, letter, fields(text))["Location"].endswith("/seal/")
    assert "Not both of you have." in page_of(as_ana, letter)
    line = next(line for line in waiting(ben.partner) if isinstance(line, dashboard.Line))
    assert line.title == "Ana signed our letter"
    assert line.url == reverse("letters:seal", args=[letter.pk])
    text = page_of(as_ben, letter)
    assert "Sign these words and seal them" in text
    response = post(as_ben, letter, fields(text))
    assert response["Location"] == reverse("letters:sealed", args=[letter.pk])
    for client in (as_ana, as_ben):
        done = client.get(reverse("letters:letter", args=[letter.pk]), follow=True).text
        assert WORDS in done
        assert f"Sealed on {timezone.localdate():%-d %B %Y}" in done
    assert waiting(anew(ben).partner) == []


def test_the_second_is_shown_both_when_the_words_changed(
    as_ana: Client, as_ben: Client, letter: Letter, ben: Resident
) -> None:
    post(as_ana, letter, fields(page_of(as_ana, letter)))
    before = fields(page_of(as_ben, letter))
    write(letter, ben, "And on Sundays.")
    response = post(as_ben, letter, before)
    assert response.status_code == 409
    assert "Nothing was signed." in response.text
    assert "</span>And on Sundays.<span" in response.text
    assert "The words that were signed, alone" in response.text
    assert SealSignature.objects.count() == 1
    text = page_of(as_ana, letter)
    assert "Sign the words as they are now" in text
    post(as_ana, letter, fields(text))
    post(as_ben, letter, fields(page_of(as_ben, letter)))
    assert Seal.objects.sealed().exists()


@pytest.mark.parametrize(
    "suggest",
    [
        lambda page: page.suggest(" often", page.marker(1) + 3),
        lambda page: page.suggest_without(page.marker(1) + 1, 2),
        lambda page: page.suggest_split(page.marker(1) + 3),
        lambda page: page.suggest_without(page.marker(1)),
        lambda page: page.suggest_kind(1, "closing"),
    ],
    ids=["words that come", "words that go", "a break", "a join", "a kind"],
)
def test_open_suggestions_are_named_before_anybody_signs(
    as_ana: Client, letter: Letter, ana: Resident, suggest: Callable[[Sheet], str]
) -> None:
    page, said = reverse("letters:seal", args=[letter.pk]), "that nobody has settled"
    assert said not in as_ana.get(page).content.decode()

    sheet = Sheet(letter, ana)
    with sheet.at_once():
        name = suggest(sheet)
    assert said in as_ana.get(page).content.decode()
    sheet.decide("decline", name)
    assert said not in as_ana.get(page).content.decode()


def test_a_name_is_taken_back_on_the_page(as_ana: Client, as_ben: Client, letter: Letter) -> None:
    post(as_ana, letter, fields(page_of(as_ana, letter)))
    before = fields(page_of(as_ben, letter))
    as_ana.post(reverse("letters:seal_withdraw", args=[letter.pk]))
    assert post(as_ben, letter, before).status_code == 409
    assert not Seal.objects.active().exists()


def test_seals_are_for_the_two(
    seal: Seal, letter: Letter, as_cleo: Client, as_eve: Client, as_anonymous: Client
) -> None:
    for name in ("seal", "seal_withdraw", "sealed", "seal_grow"):
        address = reverse(f"letters:{name}", args=[letter.pk])
        for client in (as_cleo, as_eve, as_anonymous):
            for response in (client.get(address), client.post(address)):
                assert response.status_code in (302, 404, 405)
                assert WORDS not in response.text


def test_a_personal_letter_is_not_sealed(as_ana: Client, ana: Resident) -> None:
    mine = Letter.begin_personal(ana)
    for name in ("seal", "seal_withdraw", "seal_grow"):
        assert as_ana.post(reverse(f"letters:{name}", args=[mine.pk])).status_code == 404

"""How often the main pages ask the database: the same with one row and with many."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from letters.models import Letter, Reflection, Share, SharedValues, Value
from letters.reflection import blueprint, questions
from letters.values.models import digest
from principles import catalog
from principles.models import Agreement
from tests.letters.writing import write
from tests.people import Resident

pytestmark = pytest.mark.django_db

MOST = 7
# The home page gathers what waits from every part of the house.
MOST_AT_HOME = 12


@pytest.fixture
def years(ana: Resident, ben: Resident) -> Letter:
    """A home that is lived in: letters, answers, pledges, agreements."""
    joint = Letter.begin_joint(ana.partner)
    for person in (ana, ben):
        for question in questions.QUESTIONS:
            Reflection.answer(person, question, "I want to stay.\nAnd to ask.", 0)
        for _ in range(8):
            letter = Letter.begin_personal(person)
            write(letter, person, "I want to stay.")
            write(joint, person, "I want to stay.")
    for principle in catalog.PRINCIPLES:
        agreement = Agreement.of(ana.partner, principle.slug)
        for number in range(3):
            wording = agreement.propose(ana.partner, f"We do. {number}", base=number)
            wording.sign(ana.partner)
            wording.sign(ben.partner)
    return joint


@pytest.mark.parametrize("lived_in", [False, True])
@pytest.mark.parametrize(
    "name",
    ["couples:home", "principles:principles", "letters:letters", "letters:questions", "couples:us"],
)
def test_a_page_asks_a_bounded_number_of_times(
    as_ana: Client,
    name: str,
    lived_in: bool,
    request: Any,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    if lived_in:
        request.getfixturevalue("years")
    with django_assert_max_num_queries(MOST_AT_HOME if name == "couples:home" else MOST):
        assert as_ana.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("slug", ["repair", "ws"])
def test_a_principle_asks_at_most_seven_times(
    as_ana: Client, years: Letter, slug: str, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with django_assert_max_num_queries(MOST):
        as_ana.get(reverse("principles:principle", args=[slug]))


@pytest.mark.parametrize("name", ["letters:letter", "letters:letter_read"])
def test_a_letter_asks_at_most_seven_times(
    as_ana: Client, years: Letter, name: str, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    with django_assert_max_num_queries(MOST):
        assert as_ana.get(reverse(name, args=[years.pk])).status_code == 200


def test_a_shared_letter_asks_at_most_seven_times(
    as_ana: Client, as_ben: Client, ana: Resident, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    from letters.text import document

    letter = Letter.begin_personal(ana)
    digest = document.digest(document.blocks(letter.load()))
    share = Share.give(letter, ana.partner, digest)
    with django_assert_max_num_queries(MOST):
        assert as_ben.get(reverse("letters:share", args=[share.pk])).status_code == 200


@pytest.mark.parametrize(
    "name", ["values", "values_share", "our_values", "blueprint", "blueprint_paper"]
)
def test_finding_words_asks_at_most_seven_times(
    as_ana: Client,
    as_ben: Client,
    ana: Resident,
    ben: Resident,
    name: str,
    django_assert_max_num_queries: Callable[..., Any],
) -> None:
    for person in (ana, ben):
        for number in range(12):
            value, _new = Value.name(person, f"A value, number {number}")
            value.keep(value.text, "What it means.", ["repair", "ws"], 0)
        for prompt in blueprint.PROMPTS.values():
            Reflection.answer(person, prompt, "What happened.", 0)
        mine = list(Value.objects.visible_to(person.partner).in_order())
        chosen = [str(each.pk) for each in mine]
        other = person.partner.other()
        assert other
        SharedValues.give(person.partner, str(other.pk), digest(mine), chosen)
    with django_assert_max_num_queries(MOST):
        assert as_ana.get(reverse(f"letters:{name}")).status_code == 200

"""Whatever a form makes it makes once, however often its button is pressed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from couples.models import Invitation, Submission, User
from letters.models import Letter, Opening, Version
from principles.models import CalendarFeed, Draft, Kept, Moment, OwnPrinciple, Way, Wording
from principles.practices import packed
from principles.practices.models.decision import Round
from principles.practices.models.offer import Drawn
from tests.conftest import Mailbox
from tests.letters.giving.steps import digest_of, letter_of
from tests.people import Resident
from tests.principles.practices.steps import give, ready, words
from tests.races import while_another

pytestmark = pytest.mark.django_db

DESK = {"revision": 0, "tab_id": "w"}


def named(rows: Any) -> Callable[[], set[Any]]:
    return lambda: set(rows.all().values_list("pk", flat=True))


@dataclass(frozen=True)
class Act:
    """A page, what is sent from it and where to, and the names of what comes of it."""

    page: str
    address: str
    data: dict[str, Any]
    made: Callable[[], Any]
    new: int = field(default=1)

    def token(self, client: Client) -> str:
        """What the page gives the form that is sent to this address."""
        forms = [f.split("</form>")[0] for f in client.get(self.page).text.split("<form")[1:]]
        ours = [f for f in forms if re.search(rf'action="{self.address}["#]', f)]
        ours = ours or [f for f in forms if "action=" not in f.split(">")[0]]
        found = re.search(r'name="once" value="([\w-]{22})"', ours[0])
        assert found, ours[0]
        return found[1]


def letter_alone(ana: Resident, ben: Resident) -> Act:
    begin = reverse("letters:letter_begin")
    return Act(reverse("letters:letters"), begin, {}, named(Letter.objects.personal()))


def letter_after_the_questions(ana: Resident, ben: Resident) -> Act:
    begin = reverse("letters:letter_begin")
    return Act(reverse("letters:questions"), begin, {}, named(Letter.objects.personal()))


def letter_that_waits(ana: Resident, ben: Resident) -> Act:
    letter = letter_of(ana, "For a hard day.")
    page = reverse("letters:letter_put_away", args=[letter.pk])
    sent = {"digest": digest_of(letter), "reader": str(ben.partner.pk)}
    choice = {"audience": "other", "when": "day", "day": "2050-05-03"}
    return Act(page, page, sent | choice, named(Opening.objects))


def version_with_a_name(ana: Resident, ben: Resident) -> Act:
    letter = Letter.begin_joint(ana.partner)
    page = reverse("letters:versions", args=[letter.pk])
    rows = Version.objects.filter(kind=Version.Kind.NAMED)
    return Act(page, page, {"name": "Before the sea"}, named(rows))


def principle_of_our_own(ana: Resident, ben: Resident) -> Act:
    page = reverse("principles:own")
    said = {"name": "We eat together", "essence": "Even if it is toast."}
    return Act(page, page, said, named(OwnPrinciple.objects))


def small_way(ana: Resident, ben: Resident) -> Act:
    page = reverse("principles:ways", args=["repair"])
    return Act(page, page, {"text": "Walk to the bridge and back."}, named(Way.objects))


def given(ana: Resident, ben: Resident) -> Act:
    page = reverse("principles:practice", args=["transparent"])
    said = words("transparent", "I hid the box.") | DESK
    address = reverse("principles:draft_give", args=["transparent"])
    return Act(page, address, said, named(Moment.objects))


def kept(ana: Resident, ben: Resident) -> Act:
    page = reverse("principles:practice", args=["transparent"])
    said = words("transparent", "I hid the box.") | DESK
    address = reverse("principles:draft_keep", args=["transparent"])
    return Act(page, address, said, named(Kept.objects))


def taken_up(ana: Resident, ben: Resident) -> Act:
    row = Draft.keep(ana, "transparent", packed.pack({"text": "I hid the box."}), 0)
    address = reverse("principles:kept_take_up", args=[row.pk])
    page = reverse("principles:kept_words", args=["transparent"])
    return Act(page, address, {}, named(Kept.objects), new=-1)


def drawn(ana: Resident, ben: Resident) -> Act:
    for text in ("The soup.", "The lift."):
        give(ben, "supporters", text)
    page = reverse("principles:practice", args=["supporters"])
    return Act(page, reverse("principles:jar_draw"), {}, named(Drawn.objects))


def asked_again(ana: Resident, ben: Resident) -> Act:
    decision = give(ana, "joint-decisions", "We get a dog.")
    for person in (ana, ben):
        ready(decision, person, "not-yet")
    page = reverse("principles:moment", args=[decision.pk])
    address = reverse("principles:decision_again", args=[decision.pk])
    return Act(page, address, {"text": "A walk first."}, named(Round.objects))


def calendar_address(ana: Resident, ben: Resident) -> Act:
    page, address = reverse("principles:calendar"), reverse("principles:calendar_make")
    return Act(page, address, {}, named(CalendarFeed.objects))


ACTS = [
    letter_alone,
    letter_after_the_questions,
    letter_that_waits,
    version_with_a_name,
    principle_of_our_own,
    small_way,
    given,
    kept,
    taken_up,
    drawn,
    asked_again,
    calendar_address,
]


@pytest.mark.parametrize("act", ACTS)
def test_a_form_that_is_sent_twice_makes_one_and_leads_to_it(
    act: Callable[[User, User], Act], as_ana: Client, ana: Resident, ben: Resident
) -> None:
    its = act(ana, ben)
    before = its.made()
    sent = its.data | {"once": its.token(as_ana)}
    first = as_ana.post(its.address, sent)
    made = its.made()
    assert len(made) == len(before) + its.new
    again = as_ana.post(its.address, sent)
    assert its.made() == made
    assert (first.status_code, again.status_code) == (302, 302)
    assert again["Location"] == first["Location"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("act", [letter_alone, letter_that_waits, version_with_a_name, given])
def test_two_presses_at_the_same_moment_make_one(
    act: Callable[[User, User], Act], as_ana: Client, ana: Resident, ben: Resident
) -> None:
    its = act(ana, ben)
    before = its.made()
    sent = its.data | {"once": its.token(as_ana)}
    second = Client()
    second.force_login(ana)
    answers: Any = while_another(
        lambda: as_ana.post(its.address, sent), lambda: second.post(its.address, sent)
    )
    assert [answer.status_code for answer in answers] == [302, 302], answers
    assert len({answer["Location"] for answer in answers}) == 1
    assert len(its.made()) == len(before) + 1


def views_that_make(patterns: list[Any], prefix: str = "") -> Iterator[str]:
    for each in patterns:
        if isinstance(each, URLResolver):
            inner = f"{prefix}{each.namespace}:" if each.namespace else prefix
            yield from views_that_make(each.url_patterns, inner)
        elif getattr(each.callback, "makes_once", False):
            yield f"{prefix}{each.name}"


def test_every_form_that_leads_to_such_a_view_has_a_token() -> None:
    """A form without an address is sent to its own page: those are among ACTS."""
    views = set(views_that_make(get_resolver().url_patterns))
    assert len(views) > 15
    bare, found = [], set()
    for template in Path(settings.BASE_DIR, "templates").rglob("*.html"):
        for form in template.read_text().split("<form")[1:]:
            inside = form.split("</form>")[0]
            led_to = views & set(re.findall(r'action="{% url "([\w:]+)"', inside))
            found |= led_to
            if led_to and "{% once %}" not in inside:
                bare.append(f"{template.name}: {led_to}")
    assert bare == []
    assert len(found) > 12


def test_each_form_makes_one_of_its_own(as_ana: Client, ana: Resident, ben: Resident) -> None:
    """Who wants a second letter begins one: another page, another form."""
    its = letter_alone(ana, ben)
    for _each in range(2):
        as_ana.post(its.address, {"once": its.token(as_ana)})
    assert len(its.made()) == 2


def test_what_was_refused_may_be_sent_again(as_ana: Client, ana: Resident, ben: Resident) -> None:
    its = principle_of_our_own(ana, ben)
    token = its.token(as_ana)
    assert as_ana.post(its.address, {"name": "", "once": token}).status_code == 422
    assert not Submission.objects.exists()
    assert as_ana.post(its.address, its.data | {"once": token}).status_code == 302
    assert OwnPrinciple.objects.count() == 1


def test_the_token_of_one_person_is_nothing_for_another(
    as_ana: Client, as_ben: Client, ana: Resident, ben: Resident
) -> None:
    its = letter_alone(ana, ben)
    token = its.token(as_ana)
    places = [client.post(its.address, {"once": token})["Location"] for client in (as_ana, as_ben)]
    assert len(set(places)) == 2


@pytest.mark.parametrize("which", ["invite", "invite_mail"])
def test_one_invitation_and_one_mail(
    as_sol: Client, sol: Resident, which: str, mailbox: Mailbox
) -> None:
    page = reverse("couples:invite")
    if which == "invite_mail":
        Invitation.make(sol.partner)
    address = reverse(f"couples:{which}")
    act = Act(page, address, {"email": "kim@home.example"}, named(Invitation.objects))
    sent = act.data | {"once": act.token(as_sol)}
    for _press in range(2):
        as_sol.post(address, sent)
    assert Invitation.objects.count() == 1
    assert len(mailbox()) == (which == "invite_mail")


def test_words_for_us_that_are_sent_twice_are_proposed_once(
    as_ana: Client, ana: Resident, ben: Resident
) -> None:
    said = {"text": "We come back within the hour.", "base": 0, "reader": str(ben.partner.pk)}
    address = reverse("principles:propose", args=["repair"])
    for headers, codes in (({}, [302, 302]), ({"HX-Request": "true"}, [200, 204])):
        act = Act(address, address, said, named(Wording.objects))
        sent = said | {"once": act.token(as_ana)}
        answers = [as_ana.post(address, sent, headers=headers) for _press in range(2)]
        assert [answer.status_code for answer in answers] == codes
        said = {"text": "We come back tonight.", "base": 1, "reader": said["reader"]}
    assert Wording.objects.count() == 2

"""Moments for the tests: one of each kind, in the state that a test needs."""

from typing import Any, cast
from unittest import mock

from principles.catalog import practices
from principles.catalog.kinds import Shape
from principles.models import Area, Call, CallSwitch, Decision, Draft, Moment, Offer, Repair
from principles.practices import packed
from principles.practices.models import call
from principles.practices.models.area import Shares
from principles.practices.page import BY_KIND
from tests.people import Resident

OFFERS = [slug for slug in practices.of_shape(Shape.OFFER) if slug != "emergency"]


def words(kind: str, text: str) -> dict[str, str]:
    """What is written for a kind, with `text` in its main field."""
    if kind == "kindness":
        return {"feel": "cold", "about": text, "need": "a coat"}
    return {"text": text}


def give(person: Resident, kind: str, text: str = "The kettle is broken.") -> Any:
    text = packed.pack(words(kind, text))
    desk = _desk(person, kind)
    return again(BY_KIND[kind].begin(person.partner, kind, text, desk))


def _desk(person: Resident, kind: str) -> int:
    return Draft.on_desk(person, kind).revision


def again[M: Moment](moment: M) -> M:
    """As a request finds it: nothing remembered."""
    return cast(M, BY_KIND[moment.kind].objects.whole().get(pk=moment.pk))


def answer(choice: str = "", text: str = "") -> str:
    return packed.pack({"choice": choice, "text": text})


def ready(decision: Decision, person: Resident, choice: str = "yes", text: str = "Sleep.") -> None:
    decision = again(decision)
    mine = decision.round.answer_of(person.partner)
    base = mine.revision if mine else 0
    decision.ready(person.partner, answer(choice, text), base)


def tell(repair: Repair, person: Resident, story: str = "It was late.", part: str = "") -> None:
    again(repair).tell(person.partner, packed.pack({"story": story, "part": part}), 0)


def switch_on(*people: Resident, mail: bool = True) -> None:
    """They can call each other; by mail as well."""
    for person in people:
        CallSwitch.set(person.partner, on=True, mail=mail)


def call_out(person: Resident) -> Call:
    """A call that has gone out, and reached the other."""
    couple = person.partner.couple
    assert couple is not None
    for each in couple.people:
        CallSwitch.set(each, on=True)
    return _sent(person)


def call_unheard(person: Resident) -> Call:
    """One that has gone out, and reached nobody where the other has calls switched off."""
    switch_on(person)
    return _sent(person)


def _sent(person: Resident) -> Call:
    # Sent by hand: a timer of its own would wake in the middle of another test.
    with mock.patch.object(call, "send_after"):
        started = Call.start(person.partner)
    call.send(started.pk)
    return again(started)


__all__ = ["Area", "Offer", "Shares"]

"""What Ana and Ben did together before anybody looks around: practices, and an earlier review."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from couples.models import Partner
from principles.agreements.models.wording import Signature, Wording
from principles.practices import packed
from principles.practices.models.decision import Decision
from principles.practices.models.moment import Moment
from principles.practices.models.offer import Offer, Response
from principles.practices.models.repair import Repair, Side
from principles.reviews.models.mark import Said
from principles.reviews.models.review import Review

THANKS = (
    "The Tuesday you took my mother’s call and let me sleep.",
    "That you asked again, when I had said “fine”.",
)
# Of the review before: what Ana and Ben say about each agreement.
EARLIER = {
    "repair": (
        Said("wobbling", "We came back, but I had counted the minutes."),
        Said("wobbling", "It was nearer two hours. I was on the balcony."),
    ),
    "tell-first": (Said("holding", ""), Said("holding", "")),
    "joint-decisions": (Said("reword", "“Anything” is a lot of things."), Said("holding", "")),
}
SIGNED, LOOKED_BACK, LAST = (timedelta(days=days) for days in (70, 36, 8))


def live(ana: Partner, ben: Partner) -> None:
    """Something of each shape: over, settled, and one that waits for Ana."""
    talk = _give(
        ana, Offer, "backs", {"text": "The talk on Thursday, at nine.", "help": "Ring me."}
    )
    talk.respond(ben, "with", "I ring at half past eight, and I will be boring.")
    talk.follow(ana, "They laughed at the right place.")
    _was(talk, 12)
    jar = _give(ben, Offer, "supporters", {"sort": "you", "text": "You sang in the stairwell."})
    jar.respond(ana, "thanks")
    _was(jar, 5)
    hall = _give(ana, Repair, "repair", {"text": "The evening in the hall"})
    _tell(hall, ana, "I stood there with my coat on.", "I did not say that I was frightened.")
    _tell(hall, ben, "I thought that you were leaving.", "I asked about the dishes.")
    for partner in (ana, ben):
        for what in ("heard", "soothed", "understood"):
            hall.mark(partner, what, True)
    _was(hall, 20)
    dog = _give(ben, Decision, "joint-decisions", {"text": "We get a dog this spring."})
    for partner, answer in ((ana, "not-yet"), (ben, "yes")):
        need = "A fence first, and somebody for the mornings." if answer != "yes" else ""
        dog.ready(partner, packed.pack({"choice": answer, "text": need}), 0)
    dog.again(ana, "We build the fence, and then we get a dog.")
    for partner in (ana, ben):
        dog.ready(partner, packed.pack({"choice": "yes"}), 0)
    _was(dog, 9)
    news = {"sort": "good", "size": "big", "text": "They want me for the school in autumn."}
    _was(_give(ben, Offer, "tell-first", news), 1)


def look_back_earlier(ana: Partner, ben: Partner) -> None:
    """The agreements are older than the first review of them."""
    then = timezone.now() - SIGNED
    # A wording never changes, and its manager refuses to; here it gets the day it never had.
    wordings = Wording._base_manager.filter(agreement__couple=ana.couple)
    wordings.update(proposed_at=then)
    Signature.objects.filter(wording__agreement__couple=ana.couple).update(signed_at=then)
    look_back(ana, ben, EARLIER, LOOKED_BACK, "repair")


def look_back(
    ana: Partner,
    ben: Partner,
    marks: Mapping[str, tuple[Said, Said]],
    ago: timedelta,
    chosen: str,
) -> Review:
    """A review from beginning to end, as long ago as that."""
    review = Review.begin(ana)
    items = {item.wording.agreement.principle: item for item in review.items.all()}
    for place, partner in enumerate((ana, ben)):
        said = {items[slug].pk: both[place] for slug, both in marks.items()}
        review.done(partner, said, thanks=THANKS[place])
    review.choose(items[chosen])
    review.close(next_day(ago), "month")
    then = timezone.now() - ago
    Review.objects.filter(pk=review.pk).update(began_at=then, revealed_at=then, closed_at=then)
    return review


def next_day(ago: timedelta) -> date:
    return timezone.localdate() - ago + timedelta(days=28)


def _give[M: Moment](partner: Partner, shape: type[M], kind: str, answers: dict[str, str]) -> Any:
    return shape.objects.get(pk=shape.begin(partner, kind, packed.pack(answers)).pk)


def _tell(repair: Repair, partner: Partner, story: str, part: str) -> None:
    repair.tell(partner, packed.pack({"story": story, "part": part}), 0)


def _was(moment: Moment, days: int) -> None:
    """As if it had been some days ago."""
    then = timezone.now() - timedelta(days=days)
    rows = Moment.objects.filter(pk=moment.pk)
    rows.update(given_at=then)
    rows.exclude(settled_at=None).update(settled_at=then)
    rows.exclude(followed_at=None).update(followed_at=then)
    Response.objects.filter(moment=moment).update(at=then)
    Side.objects.filter(moment=moment).update(given_at=then)
    moment.rounds.update(revealed_at=then)

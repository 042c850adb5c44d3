"""Ana and Ben: a couple with letters, agreements and a finished review, to look around with."""

from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from couples.models import Invitation, User, Workspace
from letters import document, questions
from letters.document import Kind
from letters.models import Letter, Reflection, Share
from principles.models import Agreement, Pledge, Review
from principles.models.review_mark import Said

PASSWORD = "a walk after every dinner"  # noqa: S105 # printed for whoever asked for the demo
ANA, BEN = "ana@demo.example", "ben@demo.example"

ANSWERS = {
    "disagree": "I want to be someone who stays in the room.\nI want to lower my voice first.",
    "hard-day": "I want to be the one who makes the tea and asks nothing until it is drunk.",
    "true-of-us": "I want it to be true that neither of us has to be alone with bad news.",
}

OUR_LETTER = [
    (
        "Ana",
        Kind.PARAGRAPH,
        "We wrote you on two sofas in the same room, which felt silly for about a minute.",
    ),
    (
        "Ana",
        Kind.LINE,
        "I want to be someone who stays in the room, even when staying is the last thing I want.",
    ),
    (
        "Ben",
        Kind.LINE,
        "I want to be a partner who asks once more before deciding what you meant.",
    ),
    ("Ana", Kind.LINE, "I want to bring you the truth while it is still small."),
    (
        "Ben",
        Kind.PARAGRAPH,
        "When it is loud, we will be slow. When one of us is frightened, the other comes.",
    ),
    ("Ben", Kind.CLOSING, "Yours, on the good days and on the others,"),
    ("Ana", Kind.SIGNATURE, "Ana and Ben"),
]

OWN_LINES = {
    "Ana": "I want to be someone who lowers her voice first.",
    "Ben": "I want to be someone you do not have to guess about.",
}
OWN_WORDS = "It will not go well every time. I will come back and try again."

# Under each principle: what both signed, and what Ana and Ben say of it in their review.
AGREEMENTS = {
    "repair": (
        "We come back within the hour, even if all we can say is “not yet”.",
        Said("holding", ""),
        Said("holding", "Twice it took until morning, and it was fine."),
    ),
    "tell-first": (
        "We hear it from each other before anybody else hears it.",
        Said("holding", "You told me about the job before you told your sister."),
        Said("holding", ""),
    ),
    "joint-decisions": (
        "We ask before we book, buy or promise anything that both of us will live with.",
        Said(
            "wobbling",
            "I booked the dentist move and the car without asking. Small, but it is a habit.",
        ),
        Said("holding", "I noticed the car. I did not mind, and I would still like to be asked."),
    ),
}


class Command(BaseCommand):
    help = "Creates a couple, Ana and Ben, unless they are there, and says how to sign in as each."

    def handle(self, *args: Any, **options: Any) -> None:
        if not User.objects.filter(email__in=(ANA, BEN)).exists():
            with transaction.atomic():
                create_demo()
        self.stdout.write(
            f"  Two people live here already. Sign in as {ANA} or {BEN},\n"
            f"  each in a browser of their own; the password of both is: {PASSWORD}"
        )


def create_demo() -> None:
    ana, ben = (create_person(email, name) for email, name in ((ANA, "Ana"), (BEN, "Ben")))
    Workspace.begin(ana)
    Invitation.make(seat(ana)).accept(ben)
    write_letters(ana, ben)
    agree(ana, ben)
    look_back(ana, ben)


def create_person(email: str, name: str) -> User:
    user = User.objects.create_user(email, name, PASSWORD)
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    return user


def seat(user: User) -> Any:
    user.__dict__.pop("partner", None)
    return user.partner


def write_letters(ana: User, ben: User) -> None:
    for slug, text in ANSWERS.items():
        question = questions.get(slug)
        assert question is not None  # noqa: S101 # slugs of the catalogue
        Reflection.answer(ana, question, text, 0)
    people = {"Ana": ana, "Ben": ben}
    joint = Letter.begin_joint(seat(ana).workspace)
    for name, kind, text in OUR_LETTER:
        joint.add(people[name], kind, text)
    for name, line in OWN_LINES.items():
        letter = Letter.begin_personal(people[name])
        letter.add(people[name], Kind.LINE, line)
        letter.add(people[name], Kind.PARAGRAPH, OWN_WORDS)
    # Ben's is the last of them; he gives it to Ana.
    blocks = document.blocks(document.load(letter))
    Share.give(letter, seat(ben), document.digest(blocks))


def agree(ana: User, ben: User) -> None:
    for slug, (text, _, _) in AGREEMENTS.items():
        wording = Agreement.of(seat(ana), slug).propose(seat(ana), text)
        wording.sign(seat(ana))
        wording.sign(seat(ben))
    Agreement.of(seat(ben), "backs").propose(
        seat(ben), "We put the phone down when one of us comes in."
    ).sign(seat(ben))
    Pledge.of(ana, "repair").write("I put the kettle on. It means: I am still here.", 0)


def look_back(ana: User, ben: User) -> None:
    review = Review.begin(seat(ana))
    items = {item.wording.agreement.principle: item for item in review.items.all()}
    review.done(seat(ana), {items[slug].pk: said for slug, (_, said, _) in AGREEMENTS.items()})
    review.done(seat(ben), {items[slug].pk: said for slug, (_, _, said) in AGREEMENTS.items()})
    review.choose(items["joint-decisions"])
    review.close(timezone.localdate() + timedelta(days=28))

"""Ana and Ben: a couple with letters, agreements and a finished review, to look around with."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from couples.account.demo import ANA, BEN, PASSWORD
from couples.ids import uuid7
from couples.models import Invitation, User, Workspace
from letters.giving.models.opening import Opening
from letters.giving.models.share import Share
from letters.letter.models import authors
from letters.letter.models.letter import Letter
from letters.management.commands import _lived
from letters.notes.models.note import Note
from letters.notes.models.passage import Passage
from letters.reflection import blueprint, questions
from letters.reflection.models import Reflection
from letters.sealing.models import Seal
from letters.text import document
from letters.text.edit import Editor
from letters.text.model import Kind, base36
from letters.text.runs import Stretch, runs
from letters.values.models import SharedValues, Value, digest
from letters.versions.models import Version
from principles import catalog
from principles.agreements.models.agreement import Agreement, Words
from principles.agreements.models.own_principle import OwnPrinciple
from principles.daily.models.day import Day, Way
from principles.pledges.models import Pledge
from principles.practices.models.switch import CallSwitch
from principles.reviews.models.mark import Said

ANSWERS = {
    "disagree": "I want to be someone who stays in the room.\nI want to lower my voice first.",
    "hard-day": "I want to be the one who makes the tea and asks nothing until it is drunk.",
    "true-of-us": "I want it to be true that neither of us has to be alone with bad news.",
}

BLUEPRINT = {
    "closeness-first": "To the stairs. Nobody came, and after a while it stopped mattering.",
    "closeness-quiet": "That it is my fault, and that I have to find out which one.",
    "closeness-signs": "I ask what time you will be home. It is not about the time.",
}

# What each would like to be held to, what it means, and the principles in which it is lived.
VALUES = {
    "Ana": (
        ("Patience", "I let you finish, even when I know the end.", ("repair", "kindness")),
        ("Plain words", "I say what I want before I am angry about it.", ("transparent",)),
        ("Humour", "", ("kindness",)),
    ),
    "Ben": (
        ("A long breath", "I count to ten on the balcony, and then I come back in.", ("repair",)),
        ("Reliability", "When I say seven, it is seven.", ("backs", "emergency")),
        ("Playfulness", "", ()),
    ),
}

# The letter before this one, which both have signed.
FIRST_LETTER = [
    ("Ben", Kind.PARAGRAPH, "We have lived with you for a year now and never said hello."),
    ("Ben", Kind.LINE, "I want to be somebody you can ring at any hour."),
    ("Ana", Kind.LINE, "I want to be honest before I am polite."),
    ("Ana", Kind.SIGNATURE, "Ana and Ben"),
]

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
# The first of them are older than the rest of the letter.
EARLIER = 3

# What Ben proposes in the letter; what is said about it, beside it.
NOTED = "even when staying is the last thing I want"
SPARED, INSTEAD = "a minute", "an evening"
ADDED = " Even at four in the morning."
NOTE = "This is the line I go back to. What would help you to stay?"
REPLY = "If you sit down first. I stay where somebody sits."
QUIETLY = (
    "There is a thing about money that I have not said yet.\n\n"
    "I want to tell you about the savings before you ask."
)

OWN_WORDS = "It will not go well every time. I will come back and try again."

FOR_A_HARD_DAY = (
    "If you read this, it was a bad one. There is soup in the freezer, and there is me."
)

# Under each principle: what both signed, and what Ana and Ben say of it in their review.
AGREEMENTS = {
    "repair": (
        Words(
            "We come back within the hour, even if all we can say is “not yet”.",
            line_one="I put the kettle on. It means: I am still here.",
            line_two="I say my part first, without “but”.",
            hardest_when="We are both tired, and one of us has to be up at six.",
            missed_named_by="Whoever notices says “the hour is over”, and nothing else.",
            repaired_how="The one who left knocks, and brings two cups.",
            repaired_by="Before we sleep, or by breakfast.",
        ),
        Said("holding", ""),
        Said("holding", "Twice it took until morning, and it was fine."),
    ),
    "tell-first": (
        Words("We hear it from each other before anybody else hears it."),
        Said("holding", "You told me about the job before you told your sister."),
        Said("holding", ""),
    ),
    "joint-decisions": (
        Words("We ask before we book, buy or promise anything that both of us will live with."),
        Said(
            "wobbling",
            "I booked the dentist move and the car without asking. Small, but it is a habit.",
        ),
        Said("holding", "I noticed the car. I did not mind, and I would still like to be asked."),
    ),
}

# How long ago, under which principle, and what Ana said of the day.
DAYS = (
    (1, "repair", "Knocked. You had the door open already."),
    (3, "tell-first", "Rang you from the car park, before I rang my mother."),
    (4, "kindness", ""),
)


class Command(BaseCommand):
    help = "Creates a couple, Ana and Ben, unless they are there, and says how to sign in as each."

    def handle(self, *args: Any, **options: Any) -> None:
        if not User.objects.filter(email__in=(ANA, BEN)).exists():
            with transaction.atomic():
                create_demo()
        self.stdout.write(
            f"  Two people live here already. Sign in as {ANA} or {BEN},\n"
            f"  each in a browser of their own; the password of both is: {PASSWORD}\n"
            "  It is published, so it opens nothing unless the server is started with --demo."
        )


def create_demo() -> None:
    ana, ben = (create_person(email, name) for email, name in ((ANA, "Ana"), (BEN, "Ben")))
    Workspace.begin(ana)
    Invitation.make(seat(ana)).accept(ben).confirm()
    write_letters(ana, ben)
    agree(ana, ben)
    people = seat(ana), seat(ben)
    _lived.look_back_earlier(*people)
    marks = {slug: (hers, his) for slug, (_words, hers, his) in AGREEMENTS.items()}
    _lived.look_back(*people, marks, _lived.LAST, "joint-decisions")
    _lived.live(*people)
    for person in people:
        CallSwitch.set(person, on=True)


def create_person(email: str, name: str) -> User:
    user = User.objects.create_user(email, name, PASSWORD)
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    return user


def seat(user: User) -> Any:
    user.__dict__.pop("partner", None)
    return user.partner


def write_letters(ana: User, ben: User) -> None:
    people = {"Ana": ana, "Ben": ben}
    find_words(people)
    seal_the_first(people)
    joint = Letter.begin_joint(seat(ana))
    add(joint, people, OUR_LETTER[:EARLIER])
    Version.take(joint, Version.Kind.NAMED, by=ana, name="The first evening")
    add(joint, people, OUR_LETTER[EARLIER:])
    Version.take(joint, Version.Kind.AUTOMATIC)
    say_things_beside(joint, ana, ben)
    for name, line in OWN_LINES.items():
        letter = Letter.begin_personal(people[name])
        add(letter, people, [(name, Kind.LINE, line), (name, Kind.PARAGRAPH, OWN_WORDS)])
    # Ben's is the last of them; he gives it to Ana.
    Share.give(letter, seat(ben), seen(letter))
    soup = Letter.begin_personal(ben)
    add(soup, people, [("Ben", Kind.PARAGRAPH, FOR_A_HARD_DAY)])
    Opening.put_away(soup, seat(ben), seen(soup), Opening.Audience.OTHER, None)


def add(letter: Letter, people: dict[str, User], blocks: Sequence[tuple[str, Kind, str]]) -> None:
    for name, kind, text in blocks:
        letter.add(people[name], kind, text)


def seen(letter: Letter) -> str:
    return document.digest(document.blocks(letter.load()))


def find_words(people: dict[str, User]) -> None:
    for slug, text in ANSWERS.items():
        question = questions.get(slug)
        assert question is not None  # noqa: S101 # slugs of the catalogue
        Reflection.answer(people["Ana"], question, text, 0)
    for slug, text in BLUEPRINT.items():
        Reflection.answer(people["Ana"], blueprint.PROMPTS[slug], text, 0)
    for name, values in VALUES.items():
        for text, meaning, slugs in values:
            Value.name(people[name], text)[0].keep(text, meaning, slugs, 0)
    for giver, reader in (people.values(), reversed(people.values())):
        listed = Value.lock(giver)
        chosen = [str(value.pk) for value in listed]
        SharedValues.give(seat(giver), str(seat(reader).pk), digest(listed), chosen)


def seal_the_first(people: dict[str, User]) -> None:
    first = Letter.begin_joint(seat(people["Ana"]))
    add(first, people, FIRST_LETTER)
    for person in people.values():
        Seal.sign(first, seat(person), seen(first))


def say_things_beside(joint: Letter, ana: User, ben: User) -> None:
    """A note with an answer, a heart, two proposals, and what Ana writes quietly."""
    note, heart = uuid7(), uuid7()
    lines = [text for _, _, text in OUR_LETTER]
    liked = next(text for text in lines if "once more" in text)

    def mark(editor: Editor) -> None:
        client = base36(editor.doc.client_id)
        one, two = f"{client}_0", f"{client}_1"
        mine = seat(ben).who
        # From the end, so that the places before stay what they are.
        for at, words in reversed(list(where(editor))):
            text = words.text
            if NOTED in text:
                start = at + len(text[: text.index(NOTED)].encode())
                editor.text.format(start, start + len(NOTED.encode()), {f"note:{note}": True})
            elif text == liked:
                editor.text.format(at, at + len(text.encode()), {f"note:{heart}": True})
            elif SPARED in text and words.id is not None:
                before = text[: text.index(SPARED)]
                start = at + len(before.encode())
                end = start + len(SPARED.encode())
                owner, clock = words.id
                span = (base36(owner), base36(clock + len(before)), base36(len(SPARED)))
                editor.text.insert(end, INSTEAD, {f"ins:{one}": mine})
                editor.text.format(start, end, {f"del:{one}": f"{mine} {'.'.join(span)}"})
            elif text.startswith("When it is loud"):
                editor.text.insert(at + len(text.encode()), ADDED, {f"ins:{two}": mine})

    authors.edit(joint, ben, mark)
    thread = Note.leave(joint, seat(ben), note, Note.Kind.COMMENT, NOTED, NOTE)
    thread.reply(seat(ana), uuid7(), REPLY)
    Note.leave(joint, seat(ana), heart, Note.Kind.HEART, liked)
    Passage.keep(joint, ana, QUIETLY, 0, "")


def where(editor: Editor) -> Iterator[tuple[int, Stretch]]:
    """The words of the letter, and where they begin."""
    at = 0
    for run in runs(editor.doc, ids=True):
        if isinstance(run, Stretch):
            yield at, run
            at += len(run.text.encode())
        else:
            at += 1


def agree(ana: User, ben: User) -> None:
    for slug, (words, _, _) in AGREEMENTS.items():
        agreement = Agreement.of(seat(ana), slug)
        wording = agreement.propose(seat(ana), words.text, mine=words.line_one)
        if words.line_two:
            wording = agreement.put(seat(ben), words, wording.number)
        wording.sign(seat(ana))
        wording.sign(seat(ben))
    Agreement.of(seat(ben), "backs").propose(
        seat(ben), "We put the phone down when one of us comes in."
    ).sign(seat(ben))
    Pledge.of(ana, "repair").write("I put the kettle on. It means: I am still here.", 0)
    OwnPrinciple.propose(
        seat(ben), "We eat at one table", "One meal a day, whatever is on the plate."
    ).agree(seat(ana))
    OwnPrinciple.propose(seat(ben), "We keep one Sunday empty", "Nobody is invited, and we stay.")
    live_the_days(ana)


def live_the_days(ana: User) -> None:
    Way.add(seat(ana), "repair", "Knock, even when the door is open.")
    for ago, slug, line in DAYS:
        way = str(catalog.BY_SLUG[slug].ways[0])
        day = Day.of(ana, timezone.localdate() - timedelta(days=ago), slug, way)
        day.say(Day.Outcome.DONE if line else Day.Outcome.NOT_TODAY)
        day.keep(line, 0, "")

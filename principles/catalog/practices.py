"""The ten living practices, as code: what each is, and its words for every state and role.

There are three shapes, each with its own models and verbs (see practices/models/moment.py); a
kind is one of the shapes with words of its own. practices/test_practices.py fails for a
kind that leaves somebody in some state without a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from principles.catalog import sentences as words
from principles.catalog.kinds import Choice, Field, Kind, Shape, State

OFFERED = (State.GIVEN, State.ANSWERED, State.LATER, State.WITHDRAWN)
DECISION = (State.OPEN, State.READY, State.TABLE, State.DECIDED, State.STOPPED, State.SUSPENDED)

KINDS: tuple[Kind, ...] = (
    Kind(
        slug="backs",
        shape=Shape.OFFER,
        name=_("Ask for backing"),
        lead=_(
            "Before something hard, say what it is and what would help. You walk in knowing that "
            "one person is on your side, whatever happens in there."
        ),
        alone=_(
            "Write down what is coming and what would help. Half of asking is knowing. You can "
            "read it again on the way in."
        ),
        fields=(
            Field("text", _("What is coming?"), _("What is coming, and when?")),
            Field(
                "help",
                _("What would help? If you like."),
                _("What would help, and who could give it?"),
                required=False,
            ),
        ),
        give=_("Ask %(name)s for backing"),
        responses=(
            Choice("with", _("I’m with you")),
            Choice("there", _("I’ll be there")),
            Choice("later", _("Not this time, but tell me how it goes"), later=True),
        ),
        after=_("How did it go?"),
        empty=_("Nothing asked yet. What is the hardest thing in your calendar?"),
        states=(*OFFERED, State.FOLLOWED),
        sentences=words.BACKS,
    ),
    Kind(
        slug="emergency",
        shape=Shape.OFFER,
        name=_("I need you now"),
        lead=_(
            "One button, once each of you has switched it on. It appears on every page that the "
            "other has open. No words are required and no questions are asked."
        ),
        alone=_(
            "There is nobody at the other end of this button yet, so it is not here. What helps "
            "before anything happens is a short list: who would come, and their number."
        ),
        fields=(
            Field(
                "text",
                _("Who else could come? A name and a number a line. Only you can read this."),
                _("Who would come, in the middle of the night? A name and a number a line."),
            ),
        ),
        give=_("I need you now"),
        responses=(
            Choice("here", _("I’m here")),
            Choice("later", _("I cannot come now"), later=True),
        ),
        empty=_("Nothing here, and that is a good thing."),
        states=(State.PENDING, State.GIVEN, State.ANSWERED, State.LATER, State.ENDED),
        sentences=words.EMERGENCY,
    ),
    Kind(
        slug="tell-first",
        shape=Shape.OFFER,
        name=_("Told here first"),
        lead=_(
            "News, good or bad, big or small. Told to each other before it is told to the group "
            "chat, a mother, or the neighbour with the dog."
        ),
        alone=_(
            "Write the news down as you would tell it to the one who hears everything first. Keep "
            "it, or use it as the first sentence when you ring somebody."
        ),
        fields=(
            Field(
                "sort",
                _("What sort of news?"),
                choices=(Choice("good", _("Good")), Choice("bad", _("Bad"))),
                required=False,
            ),
            Field(
                "size",
                _("How big is it?"),
                choices=(Choice("big", _("Big")), Choice("small", _("Small"))),
                required=False,
            ),
            Field("text", _("The news"), _("The news, as you would tell it")),
        ),
        give=_("Tell %(name)s"),
        responses=(
            Choice("glad", _("I’m so glad")),
            Choice("sorry", _("I’m sorry")),
            Choice("more", _("Tell me everything tonight")),
            Choice("later", _("I want to hear it properly, a bit later"), later=True),
        ),
        empty=_("No news so far. It may be small: the key turned up."),
        states=OFFERED,
        sentences=words.TELL_FIRST,
    ),
    Kind(
        slug="transparent",
        shape=Shape.OFFER,
        name=_("Something I want you to know"),
        lead=_(
            "Prepared in your own time, where nobody sees it, and given when you are ready. Nobody "
            "can ask what lies here, or whether anything does."
        ),
        alone=_(
            "Say it to the page first. You can rehearse it, let it lie for a week, and decide "
            "later whether there is somebody to tell."
        ),
        fields=(
            Field(
                "text",
                _("What do you want them to know? It can be clumsy."),
                _("What would you want somebody to know?"),
                rows=5,
            ),
        ),
        give=_("Give this to %(name)s"),
        responses=(
            Choice("thanks", _("Thank you for telling me")),
            Choice("tonight", _("Can we talk tonight?")),
            Choice("hard", _("This is hard to hear, and I’m glad I know")),
            Choice("later", _("I need a little time with this"), later=True),
        ),
        empty=_("Nothing here. Not everything that is inside is a secret."),
        states=OFFERED,
        sentences=words.TRANSPARENT,
    ),
    Kind(
        slug="repair",
        shape=Shape.MARKS,
        name=_("Repair"),
        lead=_(
            "After a quarrel, or a silence. Each tells their side and their part. Then each says "
            "for themselves when they feel heard, soothed and understood. Nobody can say it for "
            "the other."
        ),
        alone=_(
            "Write what happened the way the other person would tell it, and then your part. It "
            "stays yours. It also makes the phone call shorter."
        ),
        fields=(
            Field(
                "text",
                _("What is it about? A few words that neither of you minds."),
                _("What happened, as the other would tell it? And what was your part?"),
            ),
        ),
        give=_("Begin the repair"),
        empty=_("Nothing to mend at present, or nothing begun."),
        states=(State.OPEN, State.TOLD, State.MARKING, State.MENDED, State.SUSPENDED),
        sentences=words.REPAIR,
    ),
    Kind(
        slug="share-power",
        shape=Shape.MARKS,
        name=_("Who leads, who decides"),
        lead=_(
            "The areas of your life together, one by one: who keeps it going, and who has the last "
            "word. Both say how it could be; it counts once both say the same."
        ),
        alone=_(
            "Take one area: money, cooking, the calendar. Write who led and who decided where you "
            "lived before, and how you would like it to be."
        ),
        fields=(
            Field(
                "text",
                _("One area of your life: money, cooking, whose parents when."),
                _("One area: how was it, and how would you like it?"),
                rows=1,
            ),
        ),
        give=_("Put it on the list"),
        empty=_("No area yet. The dishes are a fine place to begin."),
        states=(State.OPEN, State.TOLD, State.DIFFERENT, State.AGREED, State.SUSPENDED),
        sentences=words.SHARE_POWER,
    ),
    Kind(
        slug="kindness",
        shape=Shape.OFFER,
        name=_("Say it again, kinder"),
        lead=_(
            "Something came out wrong, or is about to. Three lines turn it round: what you feel, "
            "what about, and what you need. Give it, or keep it; writing it is most of the work."
        ),
        alone=_(
            "The three lines work on anybody: a brother, a colleague, yourself. Write them, keep "
            "them, and say them aloud once before you need them."
        ),
        fields=(
            Field("feel", _("I feel …"), rows=1),
            Field("about", _("about …"), rows=1),
            Field("need", _("I need …"), rows=1),
        ),
        give=_("Say it to %(name)s"),
        keep=_("Keep it"),
        responses=(
            Choice("heard", _("I hear you")),
            Choice("yes", _("Yes, I can do that")),
            Choice("talk", _("Let us talk about it")),
            Choice("later", _("I need to cool down first"), later=True),
        ),
        empty=_("Nothing said again yet. The kettle is a good place to start over."),
        states=OFFERED,
        sentences=words.KINDNESS,
    ),
    Kind(
        slug="joint-decisions",
        shape=Shape.BLIND,
        name=_("A decision for two"),
        lead=_(
            "One of you puts a question that needs both. Each answers where the other cannot see "
            "it: yes, or not yet and what you would need. Two yeses decide. Anything else goes "
            "back to the table."
        ),
        alone=_(
            "Write the question as if somebody else had to say yes to it, then what you would "
            "answer and what you would need. Many questions decide themselves on the second line."
        ),
        fields=(
            Field(
                "text",
                _("The question, so that yes is an answer: “We get a dog this spring.”"),
                _("The question, your answer, and what you would need to say yes"),
            ),
        ),
        give=_("Put it to both of us"),
        empty=_("Nothing decided here yet. Start with something small, such as Sunday."),
        states=DECISION,
        sentences=words.JOINT_DECISIONS,
    ),
    Kind(
        slug="ws",
        shape=Shape.BLIND,
        name=_("Find what works for both"),
        lead=_(
            "First what each of you needs, written unseen and shown at the same moment. Then "
            "ideas, as many as come. Only what works for both can be chosen, so nobody loses."
        ),
        alone=_(
            "Write what you need, and what the other one may need, with equal care. Then three "
            "ideas, the third of them silly. One of the three often works for both."
        ),
        fields=(
            Field(
                "text",
                _("What is it about? One line, without an answer in it."),
                _("What you need, what they may need, and three ideas"),
            ),
        ),
        give=_("Begin, both unseen"),
        empty=_("Nothing here yet. Holidays are a classic."),
        states=(
            State.OPEN,
            State.READY,
            State.NEEDS,
            State.DECIDED,
            State.STOPPED,
            State.SUSPENDED,
        ),
        sentences=words.WS,
    ),
    Kind(
        slug="supporters",
        shape=Shape.OFFER,
        name=_("The jar"),
        lead=_(
            "Things you noticed and things worth a toast, folded small and put in a jar. On a hard "
            "day, draw one."
        ),
        alone=_(
            "A jar works for one. Write down what you did well and what was good, and draw one on "
            "a day that has nothing to say for itself."
        ),
        fields=(
            Field(
                "sort",
                _("What is it?"),
                choices=(
                    Choice("you", _("Something I noticed about you")),
                    Choice("us", _("Something for both of us to celebrate")),
                ),
                required=False,
            ),
            Field(
                "text",
                _("What was it? The small thing, with its place and its day."),
                _("What was good? The small thing, with its place and its day."),
            ),
        ),
        give=_("Put it in the jar"),
        responses=(
            Choice("thanks", _("Thank you for seeing that")),
            Choice("toast", _("To us")),
            Choice("keep", _("I’m keeping this one")),
        ),
        empty=_("Nothing in the jar yet. What did you notice this week?"),
        states=(State.GIVEN, State.ANSWERED, State.WITHDRAWN),
        sentences=words.SUPPORTERS,
    ),
)
BY_SLUG: Mapping[str, Kind] = {kind.slug: kind for kind in KINDS}
SLUGS = tuple(BY_SLUG)


def of_shape(shape: Shape) -> tuple[str, ...]:
    return tuple(kind.slug for kind in KINDS if kind.shape is shape)

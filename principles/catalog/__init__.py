"""The ten principles, as code: their words, their order, and whose turn it is today.

The words are the product's own; the ten names are those of the essay that it grew from.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date
    from uuid import UUID

    from django.utils.functional import _StrPromise


# Compared by identity: lazy words change with the reader's language, so they make no stable hash.
@dataclass(frozen=True, slots=True, eq=False)
class Principle:
    """One of the ten. `ways` are small things to do today, each a sentence, none asking for two."""

    slug: str
    name: _StrPromise
    essence: _StrPromise
    ordinary_day: _StrPromise
    not_this: _StrPromise
    ways: tuple[_StrPromise, ...]
    invitation: _StrPromise
    # Of a principle that two people added: the row it comes from.
    own_id: UUID | None = None

    @classmethod
    def of_ones_own(cls, own_id: UUID, slug: str, name: str, essence: str) -> Principle:
        words = cast("tuple[_StrPromise, _StrPromise]", (name, essence))
        nothing = cast("_StrPromise", "")
        return cls(slug, *words, nothing, nothing, (), OWN_INVITATION, own_id)


PRINCIPLES: tuple[Principle, ...] = (
    Principle(
        slug="backs",
        name=_("We have each other’s backs, always"),
        essence=_(
            "In any room, one person is on your side before they have heard the story. If one of "
            "us is wrong, the other says so later, on the way home. Nobody gets to recruit one of "
            "us against the other."
        ),
        ordinary_day=_(
            "Somebody’s aunt starts on your haircut, and the subject changes before you have to "
            "look up. The story of the burnt goose is told again, and a hand finds your back. At "
            "work the talk turns to what is wrong with everyone’s other half, and you have nothing "
            "to add."
        ),
        not_this=_(
            "It is not agreeing, and it is not covering up. You can think the other is wrong, say "
            "so, and still walk in together. You can also tell a friend, a sister or a doctor what "
            "goes on at home. Loyalty that leaves you with nobody else to talk to is not loyalty."
        ),
        ways=(
            _("Say one good thing about them to somebody they have never met."),
            _("Leave one joke at their expense unmade."),
            _("In company, let one small mistake of theirs go by."),
            _("Think of the hardest part of their day, and send one line just before it begins."),
            _("Tell them one thing they handled well this month, down to the detail you noticed."),
            _("If you have grumbled about them to somebody, tell that person the rest of it."),
            _("Answer the difficult relative yourself this time."),
            _("Take one dull job off their list unasked: a form, a booking, a call."),
            _("Think of one thing they told you in confidence, and let it stop with you."),
            _("Send them into something hard with “whatever happens in there, I’m out here”."),
            _("Pass on a compliment that somebody paid them while they were not there."),
            _("Remember the name of whoever is making their week hard, and ask for the latest."),
        ),
        invitation=_(
            "Think of a room where they could do with company. You could begin with “When somebody "
            "…, I will …”."
        ),
    ),
    Principle(
        slug="emergency",
        name=_("We drop everything in an emergency"),
        essence=_(
            "When one of us is frightened, hurt or at the end of their strength, the other stops "
            "and comes. Questions can wait. So can being right."
        ),
        ordinary_day=_(
            "The meeting goes on without you. You pick up on the second ring. You say “I’m coming” "
            "before you know what happened."
        ),
        not_this=_(
            "It is not a way to win an argument, and not a leash. A missed call is not a failed "
            "test. Whoever calls decides what counts as an emergency; whoever is called may be on "
            "an aeroplane. If what frightens you is at home, there is a page about safety, and "
            "nothing here shows that you opened it."
        ),
        ways=(
            _("Suggest one word that means “now”, and say that it counts day and night."),
            _("Let their number through your “do not disturb”."),
            _("Tell one person at work that this number always gets you out of the room."),
            _("Practise on something small: say “I’m here”, and then nothing for a minute."),
            _("Write down who could fetch the child, the dog or the key if you had to go at once."),
            _("Save the number of somebody who could get to them faster than you can."),
            _("Tell them what helps you when you are frightened: a voice, a hand, quiet, a lift."),
            _("Write down what helped last time, where you will find it at three in the morning."),
            _("Find out how you would get to them tonight after the last train has gone."),
            _("Tell them you would rather be called for nothing than not be called."),
            _("Put aside enough, in the tank or on the card, for one trip that nobody planned."),
            _("Look for what could be dropped from today’s diary, and notice how much it is."),
        ),
        invitation=_(
            "What happens at your end when the phone rings? You could begin with “When you call, I "
            "will …”."
        ),
    ),
    Principle(
        slug="tell-first",
        name=_("We tell each other first"),
        essence=_(
            "News comes home before it goes anywhere else. The promotion, the lump, the dent in "
            "the car, the heron on the roof. Bad news does not improve in a drawer."
        ),
        ordinary_day=_(
            "You read the email twice and ring before you forward it. The group chat is second, "
            "and so is your sister. Now and then a message begins “nobody knows this yet”, and it "
            "is about a heron."
        ),
        not_this=_(
            "Offered, never inspected. First does not mean at once: you may need an hour, a walk "
            "or a doctor before you have the words. What a friend told you in confidence is "
            "theirs. Nobody owes a password, a location or a call log to prove who heard it when, "
            "and you can always speak first to somebody who keeps you safe."
        ),
        ways=(
            _("Send them the day’s best picture, and wait an hour before anybody else gets it."),
            _("Begin one message with “nobody knows this yet”."),
            _("Bring home one bit of news that was about to evaporate, even one about a bus."),
            _("If something is bothering you and has no words yet, say just that."),
            _("Mention a plan while it is still only an idea."),
            _("If you are about to ask three friends for advice, make them numbers two to four."),
            _("Pass on a compliment you were paid, even if it sounds like boasting."),
            _("Own up to the dent, the fine or the broken bowl before it is found."),
            _("Tell them one thing that a friend has already heard from you and they have not."),
            _("Put the phone face down for their next story, even the one you have heard."),
            _("Leave them a voice message with the good bit while it is still warm."),
            _("Tell them how you like to get bad news: at once, in the evening, sitting down."),
        ),
        invitation=_(
            "Which kind of news gets stuck on its way from you to them? You could begin with “I "
            "will bring you …”."
        ),
    ),
    Principle(
        slug="transparent",
        name=_("We are fully transparent"),
        essence=_(
            "What matters to both of us is told, not discovered. Even when the telling is clumsy."
        ),
        ordinary_day=_(
            "“I bought it and I hid the box.” “I had lunch with my ex, and I want you to hear it "
            "from me.” “I’m not fine, and I don’t know why yet.”"
        ),
        not_this=_(
            "Offered, never inspected. Nobody hands over a password, a location, a diary, or what "
            "they said to a friend or a therapist. Having an inside is not a secret. “If you had "
            "nothing to hide, you would show me” is this principle turned inside out."
        ),
        ways=(
            _("Say the small true thing before it grows."),
            _("Tell them that a clumsy telling is welcome at any hour, and then ask nothing."),
            _("Give the real number the first time: the price, the delay, the glasses of wine."),
            _("Admit one thing you have been polite about: the sofa, the nickname, the soup."),
            _("Say what you want for dinner, or for your birthday, instead of hinting."),
            _("Go back to one sentence that you ended with “never mind”, and finish it."),
            _("Correct one thing you let them believe because it was easier."),
            _("Name the mood you brought in from outside, so that nobody wonders who caused it."),
            _("Say “not yet” where you would have said “it’s nothing”."),
            _("Show them something that you are making while it is still bad."),
            _("Mention the old friend who wrote, in the voice you use for the weather."),
            _("Thank them for something awkward they once told you, and add nothing."),
        ),
        invitation=_(
            "What is better told than found? You could begin with “You will hear it from me when "
            "…”."
        ),
    ),
    Principle(
        slug="repair",
        name=_("We repair quickly"),
        essence=_(
            "Nobody gets through a week without stepping on someone. What counts is how soon we "
            "turn round, and whether both of us can breathe again afterwards. Who started it is "
            "rarely worth finding out."
        ),
        ordinary_day=_(
            "One of you puts the kettle on, and it means: I am still here. Somebody says “that "
            "came out wrong, can I have another go?” and gets one. You say your own part first, "
            "and it does not end in “but”."
        ),
        not_this=_(
            "Quick is not “now”: anyone can ask for an hour, and says when they will be back. "
            "Nobody owes forgiveness on a timer. An apology is not a ticket to do it again. And if "
            "you say sorry in order to stay safe, it is not this principle that you need; there is "
            "a page about safety."
        ),
        ways=(
            _("Pick one thing you said this week that came out wrong, and say it again."),
            _("Apologise for one small thing, without the word “but”."),
            _("Name your part first, even if it is only a tenth of it."),
            _("Put the kettle on for two, or send the line that means the same."),
            _("Decide what you will say when you need a break, with a time in it."),
            _("Go back to something you brushed aside this week, and say that you noticed."),
            _("Write three lines about the last quarrel from where they were standing."),
            _("Thank them for a time when they went first."),
            _("Throw out one old case that you have been keeping for evidence."),
            _("Sit down beside them, or send the ordinary message you would have sent anyway."),
            _("Say how you know that a quarrel is over."),
            _("Put right the thing itself as well: the forgotten call, the form, the biscuits."),
        ),
        invitation=_(
            "What are the first ten minutes afterwards like, if you are the one who turns round? "
            "You could begin with “When I have hurt you, I will …”."
        ),
    ),
    Principle(
        slug="share-power",
        name=_("We share power"),
        essence=_(
            "There are two bosses here and no staff. One of us can lead and the other follow, and "
            "next time it may be the other way round. A no from either of us is enough to stop and "
            "look at the map again."
        ),
        ordinary_day=_(
            "You ask “what do you think?” before you have built the shelf in your head. Whoever "
            "earns more does not get the bigger vote. One of you does the tax, and the other "
            "understands it. On Sunday, the one who always plans does not."
        ),
        not_this=_(
            "It is not splitting every plate down the middle, or a vote about the soap. You can be "
            "in charge of the kitchen or the calendar because you both want it so, and either of "
            "you can ask for that to change. Equal airtime is not equal power, though. If one of "
            "you pays for every no, no agreement here will put that right, and the page about "
            "safety is the better one to read."
        ),
        ways=(
            _("Ask “what would you do?” about something you had decided, ready to undecide it."),
            _("Hand over one thing that you always choose: the film, the route, the music."),
            _("Let them get to the end of the sentence, and then count to three."),
            _("Do one job that has quietly become theirs."),
            _("Explain one thing that only you understand: the boiler, the tax, the school app."),
            _("Say “I’d like to” instead of “we need to”."),
            _("Follow for an evening, and improve nothing."),
            _("Tell them about one time when they were right and you were louder."),
            _("Say what you want once, plainly, before you give way."),
            _("Take one no today without asking for the reasons."),
            _("Name one thing that you have been deciding alone, and say that it is open."),
            _("Give up the good chair, the remote or the last word, and don’t announce it."),
        ),
        invitation=_(
            "Where does your word usually settle it? You could begin with “Before I decide …, I "
            "will …”."
        ),
    ),
    Principle(
        slug="kindness",
        name=_("We choose kindness and fairness"),
        essence=_(
            "We are at least as polite to each other as we are to strangers. Fairness is kindness "
            "with a pencil: it looks at who did what, and who got to sit down. Hard things can be "
            "said. The tone is a choice."
        ),
        ordinary_day=_(
            "It is late, the lid is off again, and what you say is “long day?”. You ask for a "
            "thing instead of pointing out that nobody did it. You count what the other did today "
            "before you count what you did."
        ),
        not_this=_(
            "It is not swallowing things and smiling. You can be furious and fair in one sentence. "
            "“You’re not being very kind” is no answer to “that hurt”. And nobody can be kind for "
            "two: if it only ever runs one way, it is something else."
        ),
        ways=(
            _("Turn one complaint into a request: “could you …?” instead of “you never …”."),
            _("Thank them for something they do so often that it has become furniture."),
            _("Assume, once today, that there was a good reason."),
            _("Answer one short message as if it had been meant well."),
            _("Count three things they did today that you did not have to do."),
            _("Leave the dishwasher, or the spreadsheet, exactly the way they left it."),
            _("Before you give advice, ask whether advice is wanted."),
            _("Warm something for them: a plate, a bath, a tone of voice."),
            _("Delete the last sentence before you send it."),
            _("Swap one “always” or “never” for “on Tuesday”."),
            _("Work out who did the last three boring things, and do the fourth."),
            _("Be on time, or say early that you will be late."),
        ),
        invitation=_(
            "Think of the hour when your sentences get short. You could begin with “When I am "
            "tired, I will …”."
        ),
    ),
    Principle(
        slug="joint-decisions",
        name=_("We make joint decisions"),
        essence=_(
            "If both of us will live with it, both of us say yes to it. One yes and one silence is "
            "not a decision. It takes longer this way, and gets undone less often."
        ),
        ordinary_day=_(
            "“I’ll ask at home” is a complete answer. The sofa stays in the shop for another week. "
            "You say which way you lean before it has become a plan. Nobody has to say “I thought "
            "you wouldn’t mind”."
        ),
        not_this=_(
            "It is not a permit office. Your friends, your body, your work, your faith, your "
            "doctor and your haircut are yours to decide, and so is leaving. A no stops a thing; "
            "it does not hand the decision to whoever said it. And asking ten times is not asking."
        ),
        ways=(
            _("Answer one invitation with “I’ll ask and let you know”."),
            _("Bring up one decision while it is still weeks away."),
            _("Say which way you lean, and that it is only a lean."),
            _("Say “I’m only thinking aloud” before you think aloud."),
            _("Name one thing that the two of you are deciding by not deciding."),
            _("Write two lines about one decision: what you want, and what you could live with."),
            _("Mention the price, the date and the catch before you ask for a yes."),
            _("Say “I don’t mind” only where it is true."),
            _("Go back to one “I thought you wouldn’t mind”, and ask now."),
            _("Name one thing that is theirs alone to decide, and say so."),
            _("Suggest a sum that either of you can spend without a word."),
            _("Give one open question a date, so that it is not settled at midnight."),
        ),
        invitation=_(
            "Which decisions do you tend to make on the way home? You could begin with “Before I "
            "say yes to …, I will …”."
        ),
    ),
    Principle(
        slug="ws",
        name=_("We go for the Ws"),
        essence=_(
            "W is for we, and for a win that both of us would call one. Beating the person you "
            "love is an odd thing to bring to bed. So when there are two answers, we look for a "
            "third."
        ),
        ordinary_day=_(
            "One wants the sea and one wants the mountains, and after an hour it turns out that "
            "you mean swimming and quiet, which is a lake. “Fine, whatever” is treated as an open "
            "question. Somebody asks “what would make this good for you?” and writes the answer "
            "down."
        ),
        not_this=_(
            "A win for both is not the middle of everything: nobody wants half a dog. Some things "
            "have no third answer, and it is honest to say so. It is not wearing somebody down "
            "until they call it a win. Being safe, saying no and being left in peace are not on "
            "the table."
        ),
        ways=(
            _("Take one thing that they want, and work out what it is for."),
            _("Say what you want and, one layer down, what you want it for."),
            _("Write down three ways to settle something, one of them silly."),
            _("Reopen one thing that you won and they lost."),
            _("Describe one quarrel as a puzzle, in a sentence with nobody’s name in it."),
            _("Offer to go second."),
            _("Divide something unevenly, in their favour, without remarking on it."),
            _("Find something that costs you little and would mean a good deal to them."),
            _("Say what you would not be willing to give up, so that nobody has to dig for it."),
            _("Try their way for one day, as an experiment with an end."),
            _("Say “this isn’t right for both of us yet”, and leave it open overnight."),
            _("Remind them of a time when you two found the third answer."),
        ),
        invitation=_(
            "What could you do in the minute before you win? You could begin with “When we want "
            "different things, I will …”."
        ),
    ),
    Principle(
        slug="supporters",
        name=_("We are each other’s biggest supporters"),
        essence=_(
            "When one of us tries something, the other is in the front row. What goes well for one "
            "is good news for two. We say it out loud, because minds are hard to read, even after "
            "nine years."
        ),
        ordinary_day=_(
            "You ask how the thing went, because you remembered that there was a thing. The bad "
            "first draft is on the fridge on purpose. “You were good in there” is said on the "
            "stairs, before the coats are off."
        ),
        not_this=_(
            "A supporter is not a manager. Cheering for somebody gives you no say in their work, "
            "their body or their time, and applause is not owed for everything. “I don’t think "
            "this is a good idea” can be said from the front row. Support that stops when the "
            "other grows was something else."
        ),
        ways=(
            _("Ask how the thing went, the one they mentioned on Monday."),
            _("Write down one good thing you saw them do, with the date, and keep it."),
            _("Say exactly what was good: not “nice talk”, but which sentence."),
            _("Read, watch or listen to one thing that they love and that leaves you cold."),
            _("Celebrate something half finished: a cake for chapter three."),
            _("Free up one hour for the thing they are trying to do."),
            _("Remember what they wanted to be at twelve, and mention it with respect."),
            _("Tell them one thing that they have become better at since you met."),
            _("Look up when they come in, or when their name lights up."),
            _("Thank them for one thing nobody claps for: the forms, the bins, the school gate."),
            _("Retire your joke about the new hobby for a month."),
            _("Leave a note where they will find it without you: a pocket, a book, an inbox."),
        ),
        invitation=_(
            "What are they trying to do at the moment, and where do you sit? You could begin with "
            "“When you try something new, I will …”."
        ),
    ),
)

OWN_INVITATION = _("What will you do for it, on an ordinary day? Begin with “When …, I will …”.")

BY_SLUG: Mapping[str, Principle] = MappingProxyType({each.slug: each for each in PRINCIPLES})


def get(slug: str) -> Principle | None:
    return BY_SLUG.get(slug)


def for_day(day: date, offset: int) -> tuple[Principle, _StrPromise]:
    """The principle of a day and one of its small ways.

    Any ten days in a row bring all ten principles, any hundred and twenty all their ways.
    `offset` is the home's own number, so that both partners meet the same words.
    """
    turn = day.toordinal() + offset
    principle = PRINCIPLES[turn % len(PRINCIPLES)]
    round_ = turn // len(PRINCIPLES)
    return principle, principle.ways[round_ % len(principle.ways)]

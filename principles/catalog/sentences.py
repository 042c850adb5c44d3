"""What the two read about a moment in each of its states; see principles/catalog/practices.py.

`began` is for the one who began it, `other` for the other one. `%(name)s` is always the name of
the one who is not reading. State is described and never graded: nobody is late here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


class Sentences(NamedTuple):
    began: _StrPromise
    other: _StrPromise


BACKS: Mapping[str, Sentences] = {
    "given": Sentences(
        _("You asked %(name)s. You can still take it back."),
        _("%(name)s has something hard ahead and asks for your backing."),
    ),
    "answered": Sentences(
        _("%(name)s answered. When it is over, you can say how it went."),
        _("You answered. %(name)s may tell you how it went, or not."),
    ),
    "later": Sentences(
        _("%(name)s cannot this time, and would like to hear how it goes."),
        _("You said not this time. If that changes, you can say so here."),
    ),
    "followed": Sentences(
        _("It is over, and you said how it went."),
        _("It is over. %(name)s says how it went."),
    ),
    "withdrawn": Sentences(
        _("You took it back. The words are with what you kept for yourself."),
        _("%(name)s took this back."),
    ),
}

EMERGENCY: Mapping[str, Sentences] = {
    "pending": Sentences(
        _("It goes out to %(name)s in a few seconds."),
        _("Nothing has reached you from %(name)s."),  # never shown: nothing is visible yet
    ),
    "given": Sentences(
        _(
            "It is out, and stands on the pages that %(name)s has open, where you have both "
            "switched this on. Ringing is surer."
        ),
        _("%(name)s needs you now."),
    ),
    "answered": Sentences(
        _("%(name)s says: I’m here."),
        _("You said that you are here. %(name)s ends this when it is over."),
    ),
    "later": Sentences(
        _("%(name)s cannot come now. That is an answer, and below is what else you can do."),
        _("You said that you cannot come now. If that changes, say “I’m here”."),
    ),
    "ended": Sentences(
        _("You ended it. You owe nobody an explanation."),
        _("%(name)s ended it."),
    ),
}

TELL_FIRST: Mapping[str, Sentences] = {
    "given": Sentences(
        _("You told %(name)s first. You can still take it back."),
        _("%(name)s has news, and you are the first to hear it."),
    ),
    "answered": Sentences(
        _("%(name)s heard it and answered."),
        _("You answered. The rest is for a table with two chairs."),
    ),
    "later": Sentences(
        _("%(name)s wants to hear it properly, a bit later."),
        _("You said a bit later. Answer here or, better, across the table."),
    ),
    "withdrawn": Sentences(
        _("You took it back. The words are with what you kept for yourself."),
        _("%(name)s took this back."),
    ),
}

TRANSPARENT: Mapping[str, Sentences] = {
    "given": Sentences(
        _("You gave this to %(name)s. You can still take it back."),
        _("%(name)s wants you to know something. Read it when you have a quiet minute."),
    ),
    "answered": Sentences(
        _("%(name)s answered."),
        _("You answered. It took something to write this."),
    ),
    "later": Sentences(
        _("%(name)s needs a little time with this."),
        _("You asked for a little time. Answer when you have something to say."),
    ),
    "withdrawn": Sentences(
        _("You took it back. The words are with what you kept for yourself."),
        _("%(name)s took this back."),
    ),
}

KINDNESS: Mapping[str, Sentences] = {
    "given": Sentences(
        _("You said it again, kinder. You can still take it back."),
        _("%(name)s has said something again, kinder this time."),
    ),
    "answered": Sentences(
        _("%(name)s answered."),
        _("You answered."),
    ),
    "later": Sentences(
        _("%(name)s needs to cool down first, and will come back to it or not."),
        _("You said that you need to cool down first. It waits here."),
    ),
    "withdrawn": Sentences(
        _("You took it back. The words are with what you kept for yourself."),
        _("%(name)s took this back."),
    ),
}

SUPPORTERS: Mapping[str, Sentences] = {
    "given": Sentences(
        _("It is in the jar. %(name)s can read it now, or draw it one day."),
        _("%(name)s put something in the jar."),
    ),
    "answered": Sentences(
        _("It is in the jar, and %(name)s answered."),
        _("It is in the jar, with your answer."),
    ),
    "withdrawn": Sentences(
        _("You took it out of the jar. The words are with what you kept for yourself."),
        _("%(name)s took this out of the jar."),
    ),
}

REPAIR: Mapping[str, Sentences] = {
    "open": Sentences(
        _("You began this. Tell your side when you can; %(name)s tells theirs."),
        _("%(name)s would like to mend this with you. Tell your side when you can."),
    ),
    "told": Sentences(
        _("Your side is told. It goes on once both are."),
        _("Your side is told. It goes on once both are."),
    ),
    "marking": Sentences(
        _("Both sides are told. Each of you says for yourself what is true by now."),
        _("Both sides are told. Each of you says for yourself what is true by now."),
    ),
    "mended": Sentences(
        _("Mended. Both of you feel heard, soothed and understood."),
        _("Mended. Both of you feel heard, soothed and understood."),
    ),
    "suspended": Sentences(
        _("This rests. Either of you can take it up again."),
        _("This rests. Either of you can take it up again."),
    ),
}

SHARE_POWER: Mapping[str, Sentences] = {
    "open": Sentences(
        _("Say how it could be. %(name)s does the same."),
        _("%(name)s put this on the list. Say how it could be."),
    ),
    "told": Sentences(
        _("You said how it could be. Not both of you have."),
        _("You said how it could be. Not both of you have."),
    ),
    "different": Sentences(
        _("You see it differently. Both versions are below; take one, or write a third."),
        _("You see it differently. Both versions are below; take one, or write a third."),
    ),
    "agreed": Sentences(
        _("Agreed. Either of you can say something new at any time."),
        _("Agreed. Either of you can say something new at any time."),
    ),
    "suspended": Sentences(
        _("Off the list for now. Either of you can put it back."),
        _("Off the list for now. Either of you can put it back."),
    ),
}

JOINT_DECISIONS: Mapping[str, Sentences] = {
    "open": Sentences(
        _("You put this question. %(name)s sees your answer when both of you are ready."),
        _("%(name)s puts a question that needs both of you. Nobody sees your answer yet."),
    ),
    "ready": Sentences(
        _("You are ready. When both are, both answers open at the same moment."),
        _("You are ready. When both are, both answers open at the same moment."),
    ),
    "table": Sentences(
        _("Back to the table. What each of you needs is below."),
        _("Back to the table. What each of you needs is below."),
    ),
    "decided": Sentences(
        _("Decided: both of you said yes."),
        _("Decided: both of you said yes."),
    ),
    "stopped": Sentences(
        _("Stopped before anything was shown. Nothing of the answers is kept."),
        _("Stopped before anything was shown. Nothing of the answers is kept."),
    ),
    "suspended": Sentences(
        _("Not decided, and left there for now."),
        _("Not decided, and left there for now."),
    ),
}

WS: Mapping[str, Sentences] = {
    "open": Sentences(
        _("Write what you need. %(name)s sees it when both of you are ready."),
        _("%(name)s is looking for something that works for both. Write what you need, unseen."),
    ),
    "ready": Sentences(
        _("You are ready. When both are, each of you sees what the other needs."),
        _("You are ready. When both are, each of you sees what the other needs."),
    ),
    "needs": Sentences(
        _("What each of you needs is here. Now ideas, from either, as many as come."),
        _("What each of you needs is here. Now ideas, from either, as many as come."),
    ),
    "decided": Sentences(
        _("This one works for both of you."),
        _("This one works for both of you."),
    ),
    "stopped": Sentences(
        _("Stopped before anything was shown. Nothing of what you wrote is kept."),
        _("Stopped before anything was shown. Nothing of what you wrote is kept."),
    ),
    "suspended": Sentences(
        _("Nothing chosen, and left there for now."),
        _("Nothing chosen, and left there for now."),
    ),
}

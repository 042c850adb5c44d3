"""Where a review is, as a whole and for one of the two."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _

from couples.refusals import Refusal


class Stage(StrEnum):
    """Where a review is; DONE is MARKING for somebody who is done while the other is not."""

    MARKING = "marking"
    DONE = "done"
    REVEALED = "revealed"
    CLOSED = "closed"
    STOPPED = "stopped"


class Step(models.TextChoices):
    """Where the two are, once both can see. Either goes ahead, and either comes back."""

    THANKS = "thanks", _("Thank you")
    SAID = "said", _("What you each said")
    TALK = "talk", _("One to talk about")
    NEXT = "next", _("Next time")


class Rhythm(models.TextChoices):
    """How often two people like to look back; empty is: when they like."""

    WEEK = "week", _("Every week")
    MONTH = "month", _("Every month")
    QUARTER = "quarter", _("Every three months")


class NotYet(Refusal):
    """A review needs something that both signed."""


class Refused(Refusal):
    """Not possible at the stage where the review is now."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.value)
        self.stage = stage

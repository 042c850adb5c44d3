"""What two people gave each other, and how its lines come into the letter of both.

Only what lies given is here: the newest letter that each gave the other, never a draft, and nothing
that was taken back.
"""

from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction

from couples import nudges
from couples.models import Couple, Partner
from couples.refusals import Refusal
from letters.giving.models.share import Share
from letters.letter.models import authors
from letters.letter.models.letter import Letter
from letters.text import document
from letters.text.document import Block
from letters.text.edit import Editor
from letters.text.model import Kind

# What one begins and ends a letter with is not taken over.
LINES = {Kind.LINE, Kind.PARAGRAPH}


class NotGiven(Refusal):
    """There is no such line, or not any more."""


class AlreadyThere(Refusal):
    """These words stand in the letter of both."""


class Line(NamedTuple):
    """A line of what was given; `number` counts the blocks of the share."""

    number: int
    block: Block
    is_taken: bool


class Gift(NamedTuple):
    share: Share
    lines: list[Line]


def between(partner: Partner, other: Partner, letter: Letter | None) -> list[Gift]:
    """What each gave the other last, the other's first. `letter` is the one they write together."""
    here = _said(document.blocks(letter.load(partner.user))) if letter else set()
    shares = [_newest(other, partner), _newest(partner, other)]
    return [
        Gift(
            share,
            [
                Line(number, block, _words(block) in here)
                for number, block in enumerate(share.blocks)
                if block.kind in LINES and block.text.strip()
            ],
        )
        for share in shares
        if share is not None
    ]


def take_over(share: Share, number: int, partner: Partner) -> Letter:
    """Put a line of what was given into the letter of both, at its end and as its giver's words;
    the letter is begun if there is none.

    Raises NotTogether, NotGiven where it was taken back meanwhile, and AlreadyThere.
    """
    with transaction.atomic():
        # Two who tap the same line come one by one.
        other = Couple.objects.of(partner).lock().other_than(partner)
        given = Share.objects.given().select_for_update(of=("self",))
        us = (partner, other)
        now = given.filter(pk=share.pk, giver__in=us, recipient__in=us).first()
        blocks = now.blocks if now else []
        if now is None or number >= len(blocks) or blocks[number].kind not in LINES:
            raise NotGiven
        block = blocks[number]
        letter = Letter.begin_joint(partner)
        if _words(block) in _said(document.blocks(letter.load(partner.user))):
            raise AlreadyThere
        giver = partner if now.giver_id == partner.pk else other
        theirs = tuple(run._replace(person_id=giver.user_id) for run in block.runs)
        line = Block(block.kind, theirs)
        authors.edit(letter, partner.user, Editor.add, line)
        nudges.nudge(partner.workspace_id, "letters")
        nudges.nudge(partner.workspace_id, "home")
    return letter


def _newest(giver: Partner, recipient: Partner) -> Share | None:
    return (
        Share.objects.filter(giver=giver, recipient=recipient)
        .select_related("giver__user")
        .last_given()
    )


def _said(blocks: Iterable[Block]) -> set[str]:
    return set(map(_words, blocks))


def _words(block: Block) -> str:
    return " ".join(block.text.split())

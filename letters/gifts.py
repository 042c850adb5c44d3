"""What two people gave each other, and how its lines come into the letter of both.

Only what lies given is here: the newest letter that each gave the other, never a draft, and nothing
that was taken back.
"""

from collections.abc import Iterable
from typing import NamedTuple

import pycrdt
from django.db import transaction

from couples import live
from couples.models import Partner
from letters import authors, crdt, document, restoring
from letters.authors import AuthoredBlock, AuthoredRun
from letters.document import Block, Kind
from letters.models import Letter, Share
from letters.models.share import together

# What one begins and ends a letter with is not taken over.
LINES = {Kind.LINE, Kind.PARAGRAPH}
GOODBYES = {Kind.CLOSING, Kind.SIGNATURE}


class NotGiven(Exception):
    """There is no such line, or not any more."""


class AlreadyThere(Exception):
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
    here = _said(document.blocks(document.load(letter))) if letter else set()
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
        other = together(partner)  # holds the home: two who tap the same line come one by one
        given = Share.objects.given().select_for_update(of=("self",))
        us = (partner, other)
        now = given.filter(pk=share.pk, giver__in=us, recipient__in=us).first()
        blocks = now.blocks if now else []
        if now is None or number >= len(blocks) or blocks[number].kind not in LINES:
            raise NotGiven
        block = blocks[number]
        letter = Letter.begin_joint(partner.workspace)
        if _words(block) in _said(document.blocks(document.load(letter))):
            raise AlreadyThere
        giver = partner if now.giver_id == partner.pk else other
        runs = tuple(AuthoredRun(run.text, run.marks, giver.user_id) for run in block.runs)
        authors.write(
            letter,
            partner.user,
            lambda doc: _insert(doc, block),
            words=[AuthoredBlock(block.kind, runs)],
        )
        live.nudge(partner.workspace_id, "letters")
        live.nudge(partner.workspace_id, "home")
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


def _insert(doc: crdt.Doc, block: Block) -> None:
    """At the end of what is written, before the goodbyes and an empty paragraph that waits there.
    Those stay where they are: somebody may be typing into them at this moment."""
    children = doc.get(document.ROOT, type=pycrdt.XmlFragment).children
    end = len(children)
    while end and _follows(children[end - 1]):
        end -= 1
    restoring.insert(children, end, block)


def _follows(node: object) -> bool:
    if not isinstance(node, pycrdt.XmlElement):
        return False
    return node.tag in GOODBYES or (node.tag == Kind.PARAGRAPH and not node.children)

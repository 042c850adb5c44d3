"""Deciding about suggestions: the one edit that makes a decision a fact.

Words that go are erased by their ids, and what was decided is written into the map `decided`, by
ids as well: the marks themselves stay and count no more. So a decision touches nothing that nobody
had seen, and two that contradict each other end in the one that came first.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Self

from letters.text import crdt
from letters.text.crdt import Doc
from letters.text.ids import Id, Ranges, Span, own_client
from letters.text.lib0 import Malformed
from letters.text.model import DECIDED, PROPOSAL, Decisions, is_about
from letters.text.replica import Replica
from letters.text.runs import Marker, Run, Stretch, Unknown, runs, settled
from letters.text.updates import entry, to_units, write

ACCEPT, DECLINE = "accept", "decline"
MOST, MOST_SPANS = 500, 20_000


class About(NamedTuple):
    """One suggestion, as a page showed it: how often it had been decided about, and which words and
    blocks carried its marks."""

    suggestion: str
    seen: int
    spans: list[Span]


class Decision(NamedTuple):
    number: int
    verdict: str
    of: list[About]

    @classmethod
    def read(cls, data: bytes) -> Self:
        """What a page sent. Raises Malformed."""
        try:
            told = json.loads(data)
            of = [_about(each) for each in told["of"]]
            number, verdict = told["n"], told["verdict"]
        except (ValueError, KeyError, TypeError, RecursionError, AttributeError) as error:
            raise Malformed("a decision that cannot be read") from error
        if verdict not in (ACCEPT, DECLINE) or type(number) is not int or not 0 <= number < 2**31:
            raise Malformed("a decision of another kind")
        if len(of) > MOST or sum(len(each.spans) for each in of) > MOST_SPANS:
            raise Malformed("a decision about too much")
        return cls(number, verdict, of)


def _about(told: dict[str, object]) -> About:
    name, seen, ranges = told["id"], told["seen"], told["ranges"]
    if not isinstance(name, str) or not PROPOSAL.fullmatch(f"ins:{name}"):
        raise ValueError
    if type(seen) is not int or not isinstance(ranges, list):
        raise TypeError
    spans = []
    for client, clock, length in ranges:
        if not all(
            type(number) is int and 0 <= number < 2**53 for number in (client, clock, length)
        ):
            raise TypeError
        spans.append((client, clock, clock + length))
    return About(name, seen, spans)


def settle(replica: Replica, seat: str, decision: Decision) -> bytes | None:
    """The edit; None where there is nothing to decide any more. Raises Malformed for somebody who
    accepts their own suggestion for the other."""
    told = Decisions(replica.doc)
    found = runs(replica.doc, ids=True)
    structs: list[bytes] = []
    erased: list[Span] = []
    for about in decision.of:
        owner = replica.suggested.get(about.suggestion)
        if owner == seat and decision.verdict == ACCEPT:
            raise Malformed("one's own suggestion, accepted for the other")
        verdict, count, before = told.of(about.suggestion)
        if owner is None or (verdict != decision.verdict and about.seen < count):
            continue  # the other had decided already, and this one had not seen it
        news = list(_news(found, about, before))
        if not news:
            continue
        for name, span in news:
            proposes = name.partition(":")[0]
            if proposes == ("ins" if decision.verdict == DECLINE else "del"):
                if replica.first is None or span[:2] != replica.first:
                    erased.append(span)
            elif proposes == "kind" and decision.verdict == ACCEPT:
                structs.append(_kind(replica, Id(*span[:2]), name))
        every = Ranges((*before, *(span for _, span in news)))
        structs.append(_fact(replica, about.suggestion, decision.verdict, count + 1, every))
    if not structs:
        return None
    # Ranges that touch are one: Yrs goes from one to the next and knows no halves of a character.
    return write(own_client(), 0, structs, Ranges(erased))


def _news(found: Iterable[Run], about: About, before: Ranges) -> Iterator[tuple[str, Span]]:
    """What of it stands in the letter with an open mark, and was seen."""
    seen = Ranges(about.spans)
    names = [f"{kind}:{about.suggestion}" for kind in ("ins", "del", "kind")]
    for run in found:
        if isinstance(run, Unknown) or run.id is None:
            continue
        id = run.id
        if isinstance(run, Marker):
            for name in names:
                if name in run.values and id in seen and id not in before:
                    yield name, (*id, id.clock + 1)
            continue
        for name in names[:2]:
            value = run.attributes.get(name)
            if isinstance(value, str):
                clock = id.clock
                for character in run.text:
                    start, clock = clock, clock + len(to_units(character))
                    units = [Id(id.client, at) for at in range(start, clock)]
                    # One of two units goes as both do: half a character would spoil the letter.
                    if all(unit in seen and unit not in before for unit in units) and is_about(
                        name, value, units[0]
                    ):
                        yield name, (id.client, start, clock)


def unstretch(before: Doc, replica: Replica) -> bytes | None:
    """What puts right that marks of proposed words came over words that stood in the letter before:
    words become proposed by being typed, and in no other way. None where that has not happened."""
    had, known = _proposed(before), crdt.state(before.get_state())
    told = Decisions(replica.doc)
    structs: list[bytes] = []
    for suggestion, spans in _proposed(replica.doc).items():
        old = [
            (client, start, min(end, known.get(client, 0)))
            for client, start, end in spans
            if start < known.get(client, 0)
        ]
        vanished = [part for span in old for part in had.get(suggestion, Ranges()).outside(*span)]
        if vanished:
            verdict, count, ranges = told.of(suggestion)
            every = Ranges((*ranges, *vanished))
            structs.append(_fact(replica, suggestion, verdict or ACCEPT, count, every))
    return write(own_client(), 0, structs) if structs else None


def _proposed(doc: Doc) -> dict[str, Ranges]:
    """The words that are proposed, by the suggestion."""
    found: dict[str, Ranges] = {}
    for run in settled(doc, ids=True):
        if not isinstance(run, Stretch) or run.id is None:
            continue
        for name in run.attributes:
            if name.startswith("ins:"):
                length = len(to_units(run.text))
                found.setdefault(name[4:], Ranges()).add(*run.id, run.id.clock + length)
    return found


def _fact(replica: Replica, suggestion: str, verdict: str, count: int, ranges: Ranges) -> bytes:
    """The entry that says what was decided about a suggestion so far."""
    value = {
        "verdict": verdict,
        "n": count,
        "ranges": [[client, start, end - start] for client, start, end in ranges],
    }
    after = replica.current((DECIDED, suggestion))
    words = json.dumps(value, separators=(",", ":"))
    return entry(suggestion, words, parent=DECIDED, after=after)


def _kind(replica: Replica, marker: Id, name: str) -> bytes:
    value = replica.proposals.get(marker, {}).get(name, "").partition(" ")[2]
    return entry("k", value, parent=marker, after=replica.current((marker, "k")))


__all__: Sequence[str] = ["ACCEPT", "DECLINE", "About", "Decision", "settle"]

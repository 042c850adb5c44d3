"""Sets of ids: whatever is put in, they are that set."""

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from letters.text.ids import ById, Id, Ranges, among

SPANS = st.lists(
    st.tuples(st.sampled_from([1, 2]), st.integers(0, 40), st.integers(1, 9)).map(
        lambda span: (span[0], span[1], span[1] + span[2])
    ),
    max_size=20,
)


def ids(spans: Iterable[tuple[int, int, int]]) -> set[tuple[int, int]]:
    return {(client, clock) for client, start, end in spans for clock in range(start, end)}


@given(SPANS, SPANS)
def test_ranges_are_a_set_of_ids(
    spans: list[tuple[int, int, int]], asked: list[tuple[int, int, int]]
) -> None:
    ranges, plain = Ranges(spans), ids(spans)
    assert ids(ranges) == plain
    assert bool(ranges) == bool(plain)
    for client in (1, 2, 3):
        for clock in range(55):
            assert ((client, clock) in ranges) == ((client, clock) in plain)
    for span in asked:
        mine = ids([span])
        assert ranges.covers(*span) == (mine <= plain)
        assert ranges.touches(*span) == bool(mine & plain)
        assert ids(ranges.within(*span)) == mine & plain
        assert ids(ranges.outside(*span)) == mine - plain


@given(SPANS)
def test_they_are_kept_as_few_ranges(spans: list[tuple[int, int, int]]) -> None:
    kept = sorted(Ranges(spans))
    for (client, _, end), (other, start, _) in pairwise(kept):
        assert client != other or end < start


def test_what_counts_on_is_one_range() -> None:
    ranges = Ranges()
    for clock in range(1000):
        ranges.add(7, clock, clock + 1)
    assert list(ranges) == [(7, 0, 1000)]


@given(SPANS)
def test_what_is_known_of_ids_is_found(spans: list[tuple[int, int, int]]) -> None:
    known: ById[tuple[int, int, int]] = ById()
    apart = Ranges()
    told: dict[tuple[int, int], tuple[int, int, int]] = {}
    for span in spans:
        if not apart.touches(*span):
            apart.add(*span)
            known.add(Id(*span[:2]), span[2] - span[1], span)
            told |= dict.fromkeys(ids([span]), span)
    for client in (1, 2, 3):
        for clock in range(55):
            id = Id(client, clock)
            assert known.get(id) == told.get(id)
            assert (id in known) == (id in told)


@given(SPANS, st.integers(0, 50), st.sampled_from([1, 3, 9, 2**30]))
def test_ids_among_a_stretch(spans: list[tuple[int, int, int]], first: int, length: int) -> None:
    some = {Id(*id) for id in ids(spans)}
    assert set(among(some, Id(1, first), length)) == {
        id for id in some if id.client == 1 and first <= id.clock < first + length
    }

"""The frames of the letter's socket."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters import wire


@given(st.integers(0, 2**53 - 1))
def test_numbers_come_back(number: int) -> None:
    reader = wire.Reader(wire.uint(number))
    assert reader.uint() == number
    assert reader.ended


@given(st.binary(max_size=300))
def test_a_sync_frame_holds_its_payload(data: bytes) -> None:
    frame = wire.sync(wire.UPDATE, data)
    assert frame[:2] == b"\x00\x02"
    assert wire.payload(frame, 2) == data


@pytest.mark.parametrize(
    "frame",
    [
        b"\x00\x02",
        b"\x00\x02\x05abc",
        b"\x00\x02\x01ab",
        b"\x00\x02\x80",
        b"\x00\x02" + b"\xff" * 9,
    ],
    ids=["no length", "too short", "too long", "half a number", "no number"],
)
def test_a_frame_with_a_wrong_length_is_malformed(frame: bytes) -> None:
    with pytest.raises(wire.Malformed):
        wire.payload(frame, 2)


def awareness(*presences: tuple[int, int, str]) -> bytes:
    return wire.payload(wire.awareness([wire.Presence(*one) for one in presences]), 1)


def test_a_page_speaks_for_itself_only() -> None:
    data = awareness((1, 5, '{"user":"mallory"}'), (2, 6, '{"user": {"name":"Ana"}}'))
    assert wire.presence_of(2, data) == (2, 6, '{"user":{"name":"Ana"}}')
    assert wire.presence_of(3, data) is None


def test_a_page_that_goes_says_null() -> None:
    assert wire.presence_of(2, awareness((2, 6, "null"))) == (2, 6, wire.GONE)


@pytest.mark.parametrize(
    "state",
    [
        "",
        "{",
        "NaN",
        '{"a":Infinity}',
        "[1]",
        '"text"',
        "1",
        "[" * 5000,
        '{"a":"' + "x" * 5000 + '"}',
    ],
)
def test_a_state_that_would_break_the_other_browser_is_malformed(state: str) -> None:
    with pytest.raises(wire.Malformed):
        wire.presence_of(2, awareness((2, 1, state)))


@pytest.mark.parametrize(
    "data", [b"", b"\x01", b"\x01\x02\x01", b"\x00\x00", b"\xff\xff\xff\xff\x7f"]
)
def test_an_awareness_message_that_ends_wrongly_is_malformed(data: bytes) -> None:
    with pytest.raises(wire.Malformed):
        wire.presence_of(2, data)


def test_text_that_is_no_text_is_malformed() -> None:
    with pytest.raises(wire.Malformed):
        wire.presence_of(2, b"\x01\x02\x01\x04{\xff\xfe}")


def test_states_are_written_anew() -> None:
    found = wire.presence_of(2, awareness((2, 1, '{"a" : 1, "a": 2, "é": "\\u00e9"}')))
    assert found is not None
    assert json.loads(found.state) == {"a": 2, "é": "é"}

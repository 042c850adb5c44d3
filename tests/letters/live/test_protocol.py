"""The frames of the letter's socket."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from letters.live import protocol
from letters.text import lib0
from tests.clients.socket import returned

ANA = {"name": "Ana", "who": "one"}


@given(st.integers(0, 2**53 - 1))
def test_numbers_come_back(number: int) -> None:
    reader = lib0.Reader(lib0.uint(number))
    assert reader.uint() == number
    assert reader.ended


@pytest.mark.parametrize(
    "data",
    [lib0.uint(2**53), lib0.uint(2**60), b"\x80\x00", b"\x85\x80\x00", b"\xff" * 9 + b"\x01"],
)
def test_a_number_that_no_browser_reads_or_writes_is_malformed(data: bytes) -> None:
    with pytest.raises(lib0.Malformed):
        lib0.Reader(data).uint()


@given(st.binary(max_size=300))
def test_a_sync_frame_holds_its_payload(data: bytes) -> None:
    frame = protocol.sync(protocol.UPDATE, data)
    assert frame[:2] == b"\x00\x02"
    assert protocol.payload(frame, 2) == data


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
    with pytest.raises(lib0.Malformed):
        protocol.payload(frame, 2)


def awareness(*presences: tuple[int, int, str]) -> bytes:
    return protocol.payload(protocol.awareness([protocol.Presence(*one) for one in presences]), 1)


def test_a_page_speaks_for_itself_only() -> None:
    data = awareness((1, 5, '{"cursor":"mallory"}'), (2, 6, '{"cursor": {"anchor":1}}'))
    expected = '{"user":{"name":"Ana","who":"one"},"cursor":{"anchor":1}}'
    assert protocol.presence_of(2, data, ANA) == (2, 6, expected)
    assert protocol.presence_of(3, data, ANA) is None


def test_who_it_is_comes_from_the_session_and_nothing_else_is_passed_on() -> None:
    said = '{"user": {"name":"Ben", "who":"two"}, "color":"red", "cursor": null}'
    found = protocol.presence_of(2, awareness((2, 6, said)), ANA)
    assert found is not None
    assert json.loads(found.state) == {"user": ANA, "cursor": None}


def test_a_page_that_goes_says_null() -> None:
    assert protocol.presence_of(2, awareness((2, 6, "null")), ANA) == (2, 6, protocol.GONE)


@pytest.mark.parametrize(
    "state",
    [
        "",
        "{",
        "NaN",
        '{"cursor":Infinity}',
        "[1]",
        '"text"',
        "1",
        "[" * 5000,
        '{"cursor":"' + "x" * 5000 + '"}',
    ],
)
def test_a_state_that_would_break_the_other_browser_is_malformed(state: str) -> None:
    with pytest.raises(lib0.Malformed):
        protocol.presence_of(2, awareness((2, 1, state)), ANA)


@pytest.mark.parametrize(
    "data", [b"", b"\x01", b"\x01\x02\x01", b"\x00\x00", b"\xff\xff\xff\xff\x7f"]
)
def test_an_awareness_message_that_ends_wrongly_is_malformed(data: bytes) -> None:
    with pytest.raises(lib0.Malformed):
        protocol.presence_of(2, data, ANA)


def test_text_that_is_no_text_is_malformed() -> None:
    with pytest.raises(lib0.Malformed):
        protocol.presence_of(2, b"\x01\x02\x01\x04{\xff\xfe}", ANA)


def test_states_are_written_anew() -> None:
    said = '{"cursor" : {"a": 1, "a": 2, "é": "\\u00e9"}}'
    found = protocol.presence_of(2, awareness((2, 1, said)), ANA)
    assert found is not None
    assert json.loads(found.state)["cursor"] == {"a": 2, "é": "é"}


# -- What comes back, and decisions --------------------------------------------------------------


@given(st.binary(max_size=300), st.binary(min_size=16, max_size=16))
def test_what_is_returned_holds_an_update_and_its_receipt(update: bytes, receipt: bytes) -> None:
    assert protocol.returned(returned(update, receipt), 16) == (update, receipt)


@pytest.mark.parametrize("frame", [b"f", b"f\x05ab", b"f\x02ab", b"f\x02ab" + b"r" * 17])
def test_what_is_returned_without_a_whole_receipt_is_malformed(frame: bytes) -> None:
    with pytest.raises(lib0.Malformed):
        protocol.returned(frame, 16)

"""The log of whoever runs this: what happened, when, and to whom, in ids; and no word of anybody's.

A line has a time with its zone and cannot be broken by what somebody sends. Of an exception it says
where and of which kind, and its words only where they are the system's own: databases and parsers
quote in theirs what people wrote.
"""

import json
import logging
from datetime import UTC, datetime
from traceback import format_tb
from types import TracebackType
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError

events = logging.getLogger("events")
SAY_WHY = (OSError, OperationalError, ImproperlyConfigured)

type Raised = (
    tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
)


def note(event: str, **facts: object) -> None:
    """Something that an operator looks for; the facts are ids, kinds and numbers."""
    events.info(event, extra={"facts": facts})


class Lines(logging.Formatter):
    """For people: one line for each, and the traceback below it."""

    def formatTime(self, record: logging.LogRecord, _form: str | None = None) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).astimezone()
        return moment.isoformat(timespec="milliseconds")

    def formatMessage(self, record: logging.LogRecord) -> str:
        facts = "".join(f" {name}={value}" for name, value in facts_of(record).items())
        record.message = one_line(record.message + facts)
        return super().formatMessage(record)

    def formatException(self, raised: Raised) -> str:
        return told(raised[1])


class Json(Lines):
    """For programs: each line an object."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        } | facts_of(record)
        if record.exc_info:
            line["exception"] = told(record.exc_info[1])
        return json.dumps(line, default=str)


def facts_of(record: logging.LogRecord) -> dict[str, object]:
    facts: dict[str, object] = getattr(record, "facts", {})
    return facts


def one_line(text: str) -> str:
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def told(error: BaseException | None) -> str:
    """Where it was raised and of which kind, with what it came from."""
    parts: list[str] = []
    while error is not None:
        why = f": {one_line(str(error))}" if isinstance(error, SAY_WHY) else ""
        kind = f"{type(error).__module__}.{type(error).__qualname__}{why}\n"
        parts.append("".join([*format_tb(error.__traceback__), kind]))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "which came from\n".join(parts).rstrip()

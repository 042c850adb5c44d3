"""Queries that are compiled once: what a page asks is the same for everybody, but for the values.

Most of a page's time went into building querysets and compiling them. A function that builds one
and is `@prepared` does so once for each shape of its arguments, with placeholders in their place;
afterwards values are put where the placeholders came out, and Django makes the rows as ever.

    @prepared
    def running(partner: Partner) -> QuerySet[Review]:
        return Review.objects.visible_to(partner).open()

    for review in running(partner): ...

Rules stay where they are, in Django's words: `visible_to(partner)` is given a partner who has
nothing but ids and dates. What decides about a shape is part of it, and is kept as it is: which
fields and values are None or empty, what is an enum or a bool, and the language. Whatever else of
the arguments a function looks at, compares or computes with is *refused*: the query runs as Django
runs it, every time, with a warning, which is an error in the tests. So that nothing slips through,
each shape is built twice, with other placeholders and where it is another day, and has to come out
the same.

For reading alone: it gives lists, which nobody filters further, and locks nothing.
"""

import sys
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache, update_wrapper
from threading import local
from types import NoneType
from typing import Any, Never
from uuid import UUID
from warnings import warn

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import (
    FETCH_RAISE,
    CharField,
    DateField,
    DateTimeField,
    Model,
    QuerySet,
    UUIDField,
)
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone
from django.utils.translation import get_language

# A day apart at every moment, so that nothing that was made of today is taken for a constant.
ELSEWHERE = ("Pacific/Kiritimati", "Pacific/Pago_Pago")

# The arguments of a query → the one value among them that is meant.
type Source = Callable[[Sequence[Any]], Any]
# With the connection: the parameter as the database is given it.
type Part = Callable[[Sequence[Any], Any], Any]
type Build = Callable[..., Any]

_placeholders: ContextVar["Placeholders | None"] = ContextVar("placeholders", default=None)
_plain: ContextVar[bool] = ContextVar("plain", default=False)


class Refused(Exception):
    """Why a query cannot be prepared."""


@contextmanager
def plainly() -> Iterator[None]:
    """Every query as Django builds it, to compare with."""
    token = _plain.set(True)
    try:
        yield
    finally:
        _plain.reset(token)


def now() -> datetime:
    """`timezone.now()`; in a query that is prepared, of each time that it runs."""
    building = _placeholders.get()
    return timezone.now() if building is None else building.put(datetime, _now)


def _now(_values: Sequence[Any]) -> datetime:
    return timezone.now()


# -- Placeholders --------------------------------------------------------------------------------


class _Guarded:
    """Looks like a value; whoever wants to know which one is refused, unless it is Django, which
    brings it to the database."""

    def __getattribute__(self, name: str) -> Any:
        if name != "__class__":
            _only_for_django()
        return super().__getattribute__(name)

    def __hash__(self) -> int:
        _only_for_django()
        return id(self)

    def __eq__(self, other: object) -> bool:
        # Django asks each text whether it is empty, which it is not.
        if other != "" and isinstance(other, str | UUID | date):
            raise Refused("it looks at one of its values")
        return False

    def __bool__(self) -> bool:
        return True

    def _refuse(self, *_others: object) -> Never:
        raise Refused("it looks at one of its values")

    __lt__ = __le__ = __gt__ = __ge__ = _refuse


def _only_for_django() -> None:
    if not sys._getframe(2).f_globals["__name__"].startswith(("django.", "uuid")):
        raise Refused("it looks at one of its values")


class _Id(_Guarded, UUID):
    pass


class _Moment(_Guarded, datetime):
    pass


class _Day(_Guarded, date):
    pass


class _Text(_Guarded, str):
    __slots__ = ()

    def __len__(self) -> int:
        _only_for_django()
        return super().__len__()

    def __iter__(self) -> Iterator[str]:
        _only_for_django()
        return super().__iter__()

    __contains__ = __getitem__ = _Guarded._refuse


MADE: dict[type, Callable[[int], Any]] = {
    UUID: lambda number: _Id(int=0x5EED_0000_0000_7000_8000_0000_0000_0000 + number),
    datetime: lambda number: _Moment(3000, 1, 1, microsecond=number, tzinfo=UTC),
    date: lambda number: _Day.fromordinal(date(3000, 1, 1).toordinal() + number),
    str: lambda number: _Text(f"placeholder {number}"),
}
# What is known of a row, beside that something is None.
IN_ROWS = (UUID, datetime, date)
# How Django brings such a value to the database.
FIELDS: dict[type, Any] = {
    UUID: UUIDField(),
    datetime: DateTimeField(),
    date: DateField(),
    str: CharField(),
}


class Placeholders:
    """Values that occur nowhere else, and where to find what each of them stands for."""

    def __init__(self, step: int) -> None:
        # What is computed from one placeholder may look like another, but not with both steps.
        self.step = step
        self.made: list[tuple[Any, type, Source]] = []
        self.rows: list[tuple[Model, Source]] = []
        # Those of which one at least has to come out: all ids of a row are one.
        self.needed: list[range] = []

    def put(self, kind: type, source: Source) -> Any:
        value = self._add(kind, source)
        self.needed.append(range(len(self.made) - 1, len(self.made)))
        return value

    def _add(self, kind: type, source: Source) -> Any:
        value = MADE[kind](self.step * (len(self.made) + 1))
        self.made.append((value, kind, source))
        return value

    def stand_in(self, value: Any, source: Source) -> Any:
        """What is built with in place of an argument. Raises Refused."""
        if _is_kept(value):
            return value
        if isinstance(value, Model):
            return self._row(value, source)
        for kind in MADE:
            if isinstance(value, kind):
                return self.put(kind, source)
        raise Refused(f"it is given a {type(value).__name__}")

    def _row(self, row: Model, source: Source) -> Model:
        """A row of which ids and dates are known, and what is None; to ask for more raises."""
        known: dict[str, Any] = {}
        before = len(self.made)
        for name in _names(type(row)):
            value = vars(row).get(name, row)
            if value is None:
                known[name] = None
            elif type(value) in IN_ROWS:
                known[name] = self._add(type(value), _attribute(source, name))
        self.needed.append(range(before, len(self.made)))
        row = type(row).from_db(
            row._state.db, list(known), list(known.values()), fetch_mode=FETCH_RAISE
        )
        self.rows.append((row, source))
        return row


def _attribute(source: Source, name: str) -> Source:
    return lambda values: getattr(source(values), name)


def _argument(at: int) -> Source:
    return lambda values: values[at]


@cache
def _names(model: type[Model]) -> tuple[str, ...]:
    return tuple(field.attname for field in model._meta.concrete_fields)


def _is_kept(value: Any) -> bool:
    return value is None or value == "" or isinstance(value, bool | Enum)


def _shape(value: Any) -> Any:
    """What may decide how a query looks: the same for two values that only stand in it."""
    if _is_kept(value):
        return type(value), value
    if isinstance(value, Model):
        known = vars(value)
        kinds = [type(known.get(name, value)) for name in _names(type(value))]
        return type(value), *[kind if kind in (NoneType, *IN_ROWS) else None for kind in kinds]
    return type(value)


# -- Building ------------------------------------------------------------------------------------


@contextmanager
def _asking_nothing() -> Iterator[None]:
    """What the database would say of placeholders must not decide about anything."""

    def refuse(*_execution: Any) -> Never:
        raise Refused("it asks the database while it is built")

    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(connections[alias].execute_wrapper(refuse))
        yield


class _Attempt:
    """A query as it comes out with placeholders. Raises Refused, and EmptyResultSet."""

    def __init__(self, build: Build, values: Sequence[Any], step: int, zone: str) -> None:
        self.placeholders = Placeholders(step)
        token = _placeholders.set(self.placeholders)
        try:
            with timezone.override(zone), _asking_nothing():
                arguments = [
                    self.placeholders.stand_in(value, _argument(at))
                    for at, value in enumerate(values)
                ]
                self.rows: Any = build(*arguments)
                self.compiler = self.rows.query.get_compiler(using=self.rows.db)
                self.sql, self.params = self.compiler.as_sql()
                connection = self.compiler.connection
        except (Refused, EmptyResultSet):
            raise
        except Exception as error:
            raise Refused(f"it cannot be built of placeholders: {error!r}") from error
        finally:
            _placeholders.reset(token)
        if self.rows.query.select_for_update:
            raise Refused("it locks rows")
        if not all(isinstance(each, str) for each in self.rows._prefetch_related_lookups):
            raise Refused("it has a Prefetch, which is a query of its own")
        if type(self.compiler) is not SQLCompiler:
            raise Refused("its database compiles in a way of its own")
        # It belongs to the thread that happens to be here.
        del self.compiler.connection
        self.expected = [
            FIELDS[kind].get_db_prep_value(value, connection)
            for value, kind, _source in self.placeholders.made
        ]
        self.found = [self._which(param) for param in self.params]

    def _which(self, param: Any) -> int | None:
        """The placeholder that came out there."""
        for at, value in enumerate(self.expected):
            if param is value or (type(param) is type(value) is str and param == value):
                return at
        return None

    def part(self, at: int | None, param: Any, against: Any) -> Part:
        """What stands at a place of the SQL: one of the values, or always the same."""
        if at is None:
            if type(param) is not type(against) or param != against:
                raise Refused("it computes with one of its values, or with the time")
            return lambda _values, _connection: param
        _value, kind, source = self.placeholders.made[at]
        field = FIELDS[kind]
        return lambda values, connection: field.get_db_prep_value(source(values), connection)

    def require_all(self) -> None:
        """Of each argument something came out; what did not was looked at in another way."""
        if not all(set(each) & set(self.found) for each in self.placeholders.needed):
            raise Refused("one of its values does not come out as it went in")

    def known(self) -> list[tuple[Any, Source]]:
        """The rows that Django gives to what it finds by way of them: `review.items` have their
        review."""
        found = []
        for field, known in self.rows._known_related_objects.items():
            (row,) = known.values()
            source = next((source for each, source in self.placeholders.rows if each is row), None)
            if source is None:
                raise Refused("it begins with a row that it was not given")
            found.append((field, source))
        return found


class Statement:
    """SQL with places for values, and a queryset that makes rows of what the database answers."""

    def __init__(self, build: Build, values: Sequence[Any]) -> None:
        one, other = (
            _Attempt(build, values, step, zone)
            for step, zone in zip((7, 11), ELSEWHERE, strict=True)
        )
        if one.sql != other.sql or one.found != other.found:
            raise Refused("its SQL depends on values or on the time")
        self.parts = [
            one.part(at, param, against)
            for at, param, against in zip(one.found, one.params, other.params, strict=True)
        ]
        one.require_all()
        self.rows, self.compiler, self.sql = one.rows, one.compiler, one.sql
        self.known = one.known()
        self.kept = local()

    def run(self, values: Sequence[Any]) -> list[Any]:
        connection = connections[self.compiler.using]
        params = tuple([part(values, connection) for part in self.parts])
        like: Any = self.rows
        compiler = _Bound(self.compiler, connection, (self.sql, params), self.kept)
        query: Any = _Compiled(like.query, compiler)
        rows: Any = type(like)(model=like.model, query=query, using=like._db)
        rows._prefetch_related_lookups = like._prefetch_related_lookups
        rows._iterable_class, rows._fields = like._iterable_class, like._fields
        if self.known:
            rows._known_related_objects = {
                field: {source(values).pk: source(values)} for field, source in self.known
            }
        return list(rows)


class _Bound(SQLCompiler):
    """A compiler that is done: what it found out of the query, with other values."""

    def __init__(self, done: SQLCompiler, connection: Any, ready: Any, kept: local) -> None:
        vars(self).update(vars(done))
        self.connection, self.ready, self.kept = connection, ready, kept

    def as_sql(self, *_arguments: Any, **_more: Any) -> Any:
        return self.ready

    def get_converters(self, expressions: Any) -> Any:
        """The same for as long as a thread has its connection, and dear to find."""
        if not hasattr(self.kept, "converters"):
            self.kept.converters = super().get_converters(expressions)
        return self.kept.converters


class _Compiled:
    """What a queryset asks of its query, and nothing that could change it."""

    def __init__(self, query: Any, compiler: _Bound) -> None:
        self.query, self.compiler = query, compiler

    def get_compiler(self, *_arguments: Any, **_more: Any) -> _Bound:
        return self.compiler

    def __getattr__(self, name: str) -> Any:
        return getattr(self.query, name)

    def chain(self, *_arguments: Any, **_more: Any) -> Never:
        raise TypeError("What was prepared cannot be filtered further.")

    clone = chain


class Prepared[**P, M]:
    """A function that builds a queryset, called for its rows."""

    def __init__(self, build: Callable[P, QuerySet[Any, M]]) -> None:
        self.build = build
        self.statements: dict[Hashable, Statement | None] = {}
        update_wrapper(self, build)

    def __call__(self, *values: P.args, **named: P.kwargs) -> list[M]:
        return self._run(self.build, values, named)

    def first(self, *values: P.args, **named: P.kwargs) -> M | None:
        """As `first()` of the queryset."""
        return next(iter(self._run(self._first, values, named)), None)

    def _first(self, *values: P.args, **named: P.kwargs) -> QuerySet[Any, M]:
        rows = self.build(*values, **named)
        return (rows if rows.ordered else rows.order_by("pk"))[:1]

    def _run(self, build: Build, values: tuple[Any, ...], named: dict[str, Any]) -> list[M]:
        if named:
            raise TypeError("A prepared query takes its values in order.")
        if _placeholders.get() is not None:
            raise Refused("it runs another query")
        if _plain.get():
            return list(build(*values))
        statement = self._statement(build, values)
        return list(build(*values)) if statement is None else statement.run(values)

    def _statement(self, build: Build, values: tuple[Any, ...]) -> Statement | None:
        """None where Django is to do it, each time."""
        shape = build == self._first, get_language(), *[_shape(value) for value in values]
        if shape not in self.statements:
            self.statements[shape] = self._prepare(build, values)
        return self.statements[shape]

    def _prepare(self, build: Build, values: tuple[Any, ...]) -> Statement | None:
        try:
            return Statement(build, values)
        except EmptyResultSet:
            return None
        except Refused as refused:
            warn(f"{self.build.__qualname__} cannot be prepared: {refused}", stacklevel=4)
            return None


prepared = Prepared

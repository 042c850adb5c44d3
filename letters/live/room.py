"""A room: one open letter in this process, and the pages that write it.

An edit is looked at, applied, handed to the group commit, and relayed to the other pages at once;
"saved" is said later, after the commit. Awareness (names and cursors) is relayed to everybody, the
sender included, because y-websocket takes thirty seconds of silence for a dead link; it is never
stored.

The log in the database is the truth. Another process may write to the same letter: what it wrote
is read there (log_tail.py). Decisions about suggestions are settled there as well (suggestions.py).

Who does not show themselves keeps the rhythm of their writing to themselves as well: what they
write reaches the other in one piece with the strokes of a clock, on the page as on every other way
(discretion.py).

The last one out takes a version and a new snapshot, and the document leaves the memory; more of
both in maintenance.py.
"""

import asyncio
import logging
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from letters.letter.models.document import Document
from letters.live import protocol
from letters.live.connection import Connection
from letters.live.discretion import Discretion
from letters.live.group_commit import Batch, Overloaded, Part
from letters.live.loading import Stored, in_thread, load, read, view
from letters.live.log_tail import LogTail
from letters.live.maintenance import Maintenance
from letters.live.receipts import LENGTH, Receipts
from letters.live.suggestions import Suggestions
from letters.text import crdt, lib0
from letters.text.authorship import Attribution
from letters.text.replica import Replica
from letters.text.updates import Contents, parse, sections
from letters.text.validity import Ahead, Foreign

if TYPE_CHECKING:
    from letters.live.registry import Rooms

log = logging.getLogger(__name__)

MAX_RETURNED = 16 * 2**20
PENDING_BARRIER = 200  # bytes that one takes in memory, about


class Room:
    def __init__(self, letter_id: UUID, owner_id: UUID, rooms: "Rooms") -> None:
        self.letter_id = letter_id
        self.owner_id = owner_id
        self.rooms = rooms
        self.commit = rooms.commit
        self.connections: set[Connection] = set()
        self.presences: dict[int, tuple[protocol.Presence, Connection]] = {}
        self.receipts = Receipts(letter_id)
        self.discretion = Discretion(self._show)
        self._replica: Replica | None = None
        self.tail = LogTail(self)
        self.suggestions = Suggestions(self)
        self.maintenance = Maintenance(self)
        # The latest group commit that holds something of this room and is not done.
        self.batch: Batch | None = None
        # The number of that after which the document was last seen to have all that was let in.
        self.proved = 0
        # What is written, as soon as it is read, for pages that have nothing yet.
        self.stored: asyncio.Future[Stored | None] = asyncio.get_running_loop().create_future()
        # While this runs, the document is not there.
        self.loading: asyncio.Task[None] | None = asyncio.create_task(self._open())
        self.retiring: asyncio.Task[None] | None = None

    @property
    def replica(self) -> Replica:
        assert self._replica is not None, "pages are served once it is there"  # noqa: S101
        return self._replica

    # -- The document ----------------------------------------------------------------------------

    async def ready(self) -> bool:
        """Wait until the document is there, or the pages are turned away; whether it is there."""
        while self.loading is not None:
            await asyncio.shield(self.loading)
        return self.rooms.open.get(self.letter_id) is self

    async def _open(self) -> None:
        self.maintenance.begin()
        try:
            stored = await self._load([])
        except Document.DoesNotExist:
            return  # all pages have been told
        except Exception:
            log.exception("A letter could not be opened.")
            return
        self.tail.seq, self.maintenance.snapshot_seq = stored.log.seq, stored.log.snapshot_seq
        for row in stored.log.rows:
            self.discretion.hold_row(row)

    async def _load(self, held: list[bytes]) -> Stored:
        try:
            stored = await in_thread(read, self.letter_id)
            if not self.stored.done():
                self.stored.set_result(stored)
                # Pages that wait for it are served before the document takes the processor.
                for _ in range(4):
                    await asyncio.sleep(0)
            self._replica = await in_thread(load, self.letter_id, stored.log, held)
            for page in self.connections:
                self._replica.authors.owners[page.client_id] = page.person_id
            return stored
        except Document.DoesNotExist:
            self.abandon(protocol.CLOSED, "not found")
            raise
        except Exception:
            self.abandon()
            raise
        finally:
            self.loading = None
            if not self.stored.done() or self.stored.result():
                self.stored = asyncio.get_running_loop().create_future()
                self.stored.set_result(None)

    async def serve_cold(self, page: Connection) -> bool:
        """Send a page that has nothing what is written, without waiting for the document to be
        put together of it; whether that was done."""
        stored = await self.stored
        if stored is None or stored.rest is None or stored.log.snapshot is None:
            return False
        page.send(protocol.sync(protocol.UPDATE, stored.log.snapshot))
        page.send(protocol.sync(protocol.STEP_2, stored.rest))
        return True

    def abandon(self, code: int = protocol.BROKEN, reason: str = "reload") -> None:
        """What this room knows and what is written have come apart. The pages hold everything
        that matters: they come back to a new room, and bring what is missing."""
        self.rooms.forget(self)
        self.discretion.stop()
        self.close_all(code, reason)

    async def _mend(self, update: bytes, sender: Connection | None) -> None:
        """Yrs failed over an update: load the document anew, without it."""
        try:
            await self._load(self.commit.held(self))
        except Exception:
            log.exception("A letter could not be loaded anew.")
            return
        if sender is not None:
            sender.close(protocol.MALFORMED, "malformed")

    # -- What pages send -------------------------------------------------------------------------

    def edit(self, update: bytes, sender: Connection) -> None:
        """Take an edit in and pass it on. Raises what `Replica.check` raises, and Overloaded."""
        if update == lib0.NOTHING:
            return
        try:
            contents = self.replica.check(update, sender.writer)
        except Ahead:
            if not sender.answered:
                return  # it is in what the page will answer to the greeting
            # It may be partly known; then it is the rest that counts.
            rest = crdt.beyond(update, self.replica.doc.get_state())
            if rest == update:
                raise
            self._reconcile(rest, sender)
        else:
            self._take(update, contents, sender)

    def reconcile(self, update: bytes, sender: Connection) -> None:
        """Take in what a page has that the room has not. That is nothing at most times, but it
        names all that was ever erased; only news becomes an edit. Raises what `edit` raises."""
        parse(update)  # Yrs is not shown anything that was not looked at
        returned, sender.returned, sender.answered = sender.returned, [], True
        if returned:
            self._bring(returned, update, sender)
        else:
            self._reconcile(crdt.beyond(update, self.replica.doc.get_state()), sender)

    def _reconcile(self, rest: bytes, sender: Connection) -> None:
        contents = self.replica.check(rest, sender.writer)
        if self._is_news(contents):
            self._take(rest, contents, sender)

    def returned(self, frame: bytes, sender: Connection) -> None:
        """What the page was told and this room may not know: it was not written down when the
        server went down. It is taken in with what the page says next, as each may stand beside the
        other. Raises Malformed and Overloaded."""
        update, receipt = protocol.returned(frame, LENGTH)
        if not self.receipts.fits(update, receipt):
            raise lib0.Malformed("what this server has never told")
        if sum(map(len, sender.returned)) > MAX_RETURNED:
            raise Overloaded
        sender.returned.append(update)
        if sender.answered:
            self.reconcile(lib0.NOTHING, sender)

    def _bring(self, returned: list[bytes], update: bytes, sender: Connection) -> None:
        """Whose page is here brings their words themselves. Raises what `edit` raises."""
        here = {page.client_id for page in self.connections if page is not sender}
        proven = [sections(one, lambda client: client not in here) for one in returned]
        own = sections(update, lambda client: client == sender.client_id)
        whole = crdt.merge([*proven, own])
        if len(whole) > 1:
            raise lib0.Malformed("what does not fit together")
        state = self.replica.doc.get_state()
        rest = crdt.beyond(whole[0], state)
        for frame in returned:
            self.replica.recall(parse(frame))
        known = Contents([], [])
        for one in map(parse, proven):
            known.structs.extend(one.structs)
            known.erased.extend(one.erased)
        contents = self.replica.check(rest, sender.writer, known)
        clocks = self.replica.known | {s.client: s.clock + s.length for s in contents.structs}
        for struct in parse(crdt.beyond(update, state)).structs:
            if struct.clock + struct.length > clocks.get(struct.client, 0):
                raise Foreign
        if self._is_news(contents):
            owners = self.replica.authors.owners
            mine = all(owners.get(s.client) == sender.person_id for s in contents.structs)
            self._take(rest, contents, sender, brought=not mine)

    def _is_news(self, contents: Contents) -> bool:
        erased = self.replica.erased
        return bool(contents.structs) or not all(erased.covers(*span) for span in contents.erased)

    def _take(
        self, update: bytes, contents: Contents, sender: Connection, *, brought: bool = False
    ) -> None:
        if self.commit.full:
            raise Overloaded
        stretches = self.replica.may_stretch(contents, sender.writer)
        before = self.replica.doc.get_update() if stretches else b""
        try:
            found = self.replica.apply(update, contents, client=sender.client_id)
        except crdt.Spoiled as error:
            log.warning("A letter is loaded anew: %s", error)
            self.loading = asyncio.create_task(self._mend(update, sender))
            return
        sender.erased += contents.erased
        self._accept(update, found, sender, discreet=not sender.shown and not brought)
        if stretches:
            self.rooms.keep(asyncio.create_task(self.suggestions.put_right(before)))

    def _accept(
        self,
        update: bytes,
        attributions: Sequence[Attribution],
        sender: Connection,
        *,
        discreet: bool,
    ) -> None:
        clients = []
        if not sender.wrote:
            # A page that was silent for a day may be forgotten by now.
            sender.wrote = True
            clients = [(sender.client_id, sender.person_id)]
        hidden = self.discretion.hold(update, sender.person_id) if discreet else None
        self.commit.add(self, Part([update], list(attributions), clients, hidden))
        self.relay(update, sender, by=sender.person_id if hidden else None)

    def confirm(self, barrier: bytes, page: Connection) -> None:
        """Send the barrier back once everything is written that came before it, and is in the
        document: words as well as erasures."""
        erased, page.erased = page.erased, []
        batch = self.batch
        if erased and not self.replica.has_erased(erased):
            self._came_apart()
        elif batch is None:
            self._confirm(barrier, page)
        elif self.commit.full:
            raise Overloaded
        else:
            saved = partial(self._confirm, barrier, page, batch.number)
            batch.when_written(self, saved, PENDING_BARRIER)

    def _confirm(self, barrier: bytes, page: Connection, batch: int = 0) -> None:
        # Nothing comes in while those are told that waited for the same commit: one look is enough.
        if page.closed is not None:
            return
        if batch == 0 or batch != self.proved:
            if not self.replica.has_all():
                self._came_apart()
                return
            self.proved = batch
        page.send(barrier)

    def _came_apart(self) -> None:
        log.error("A letter does not have what was put into it; it is opened anew.")
        self.abandon()

    def present(self, data: bytes, page: Connection) -> None:
        """Pass on what a page says of itself. Raises Malformed."""
        presence = protocol.presence_of(page.client_id, data, page.user)
        if presence is None or not page.shown:
            return
        if presence.state == protocol.GONE:
            self.presences.pop(presence.client_id, None)
        else:
            self.presences[presence.client_id] = presence, page
        self.relay_presence([presence])

    # -- What pages get --------------------------------------------------------------------------

    async def greet(self, page: Connection) -> None:
        doc = await self._view(page)
        page.send(protocol.sync(protocol.STEP_1, doc.get_state()))
        self.introduce(page)

    async def answer(self, vector: bytes, page: Connection) -> None:
        """Send a page at `vector` what it does not have. Raises Malformed."""
        doc = await self._view(page)
        page.send(self._sync(protocol.STEP_2, crdt.missing(doc, vector)))

    async def _view(self, page: Connection) -> crdt.Doc:
        """The letter as it reaches this page."""
        if not self.discretion.hides_from(page.person_id):
            return self.replica.doc
        if self.batch is not None:
            await self.batch.landed(self)
        return await in_thread(view, self.letter_id, page.person_id)

    def introduce(self, page: Connection) -> None:
        """Tell a page who else is here."""
        everybody = [presence for presence, _ in self.presences.values()]
        others = [presence for presence in everybody if presence.client_id != page.client_id]
        if others and page.shown:
            page.send(protocol.awareness(others))

    def _sync(self, step: int, update: bytes) -> bytes:
        """The frame for an update, with a receipt unless all of it is written down."""
        frame = protocol.sync(step, update)
        return frame if self.batch is None else frame + self.receipts.of(update)

    def relay(
        self, update: bytes, sender: Connection | None = None, *, by: UUID | None = None
    ) -> None:
        """To everybody else; with `by` only to this person's pages."""
        pages = [
            page
            for page in self.connections
            if page is not sender and (by is None or page.person_id == by)
        ]
        if pages:
            frame = self._sync(protocol.UPDATE, update)
            for page in pages:
                page.send(frame)

    def _show(self, updates: list[bytes], by: UUID) -> None:
        """What somebody wrote without showing themselves reaches the others."""
        for update in crdt.merge(updates):
            frame = self._sync(protocol.UPDATE, update)
            for page in self.connections:
                if page.person_id != by:
                    page.send(frame)

    def relay_presence(self, presences: list[protocol.Presence]) -> None:
        frame = protocol.awareness(presences)
        for page in self.connections:
            if page.shown:
                page.send(frame)

    def enter(self, page: Connection) -> None:
        self.connections.add(page)
        if self._replica is not None:
            self._replica.authors.owners[page.client_id] = page.person_id

    def leave(self, page: Connection) -> None:
        self.connections.discard(page)
        gone = [known for known, whose in self.presences.values() if whose is page]
        for presence in gone:
            del self.presences[presence.client_id]
        if gone:
            self.relay_presence([presence._replace(state=protocol.GONE) for presence in gone])
        if not self.connections:
            self.rooms.retire(self)
        else:
            self.maintenance.left()

    def close_all(self, code: int, reason: str) -> None:
        for page in self.connections:
            page.close(code, reason)

    # -- The log ---------------------------------------------------------------------------------

    def written(self, seqs: Sequence[int]) -> None:
        """The group commit wrote rows of this room."""
        self.tail.written(seqs)
        self.maintenance.written()

    def unwritable(self) -> None:
        self.abandon()

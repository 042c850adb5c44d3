"""A room: one open letter in this process, and the pages that write it.

An edit is applied, handed to the group commit, and relayed to the other pages at once; "saved" is
said later, after the commit. Awareness (names and cursors) is relayed to everybody, the sender
included, because y-websocket takes thirty seconds of silence for a dead link; it is never stored.

The log in the database is the truth. Another process may write to the same letter: its rows show
as a gap in the numbers, or are found by a look at all open letters once a second (rooms.py).

The last one out takes a version and a new snapshot, and the document leaves the memory; more of
both in upkeep.py.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import pycrdt

from letters import crdt, structs, wire
from letters.commit import Batch, Overloaded
from letters.connection import Connection
from letters.loading import Loaded, Stored, in_thread, load, read
from letters.models import Brought, Document
from letters.upkeep import Upkeep

if TYPE_CHECKING:
    from letters.rooms import Rooms

log = logging.getLogger(__name__)

MAX_WEIGHT = 2**20
SETTLE_EVERY, MERGE_ABOVE = 256, 64
PENDING_BARRIER = 200  # bytes that one takes in memory, about
# Somebody who does not show themselves also keeps the rhythm of their typing to themselves: their
# words reach the other in one piece, this many seconds later.
LATE = 5.0

BROKEN, TRY_AGAIN = 1011, 1013
MALFORMED, CLOSED = 4400, 4404


class TooLarge(Exception):
    """The letter has reached its size."""


class Room:
    def __init__(self, letter_id: UUID, owner_id: UUID, rooms: "Rooms") -> None:
        self.letter_id = letter_id
        self.owner_id = owner_id
        self.rooms = rooms
        self.commit = rooms.commit
        self.connections: set[Connection] = set()
        self.presences: dict[int, tuple[wire.Presence, Connection]] = {}
        self.late: list[tuple[bytes, Connection]] = []
        self.doc: crdt.Doc = pycrdt.Doc()
        # The letter weighs this at most, and less perhaps once something was erased.
        self.weight = 0
        self.weight_is_exact = False
        # Up to which row of the log the pages have everything, and the own rows beyond a gap.
        self.seq = 0
        self.beyond: set[int] = set()
        self.upkeep = Upkeep(self)
        # Updates that may lie pending: looked at in bulk, because nearly none of them does.
        self.unsettled: list[bytes] = []
        # The latest group commit that holds something of this room and is not done.
        self.batch: Batch | None = None
        # What is written, as soon as it is read, for pages that have nothing yet.
        self.stored: asyncio.Future[Stored | None] = asyncio.get_running_loop().create_future()
        # While this runs, the document is not there.
        self.loading: asyncio.Task[None] | None = asyncio.create_task(self._open())
        self.catching_up: asyncio.Task[None] | None = None
        self.retiring: asyncio.Task[None] | None = None

    # -- The document ----------------------------------------------------------------------------

    async def ready(self) -> None:
        """Wait until the document is there, or the pages are turned away."""
        while self.loading is not None:
            await asyncio.shield(self.loading)

    async def _open(self) -> None:
        try:
            loaded = await self._load([])
        except Document.DoesNotExist:
            return  # all pages have been told
        except Exception:
            log.exception("A letter could not be opened.")
            return
        self.seq, self.upkeep.snapshot_seq = loaded.seq, loaded.snapshot_seq

    async def _load(self, held: list[bytes]) -> Loaded:
        try:
            stored = await in_thread(read, self.letter_id)
            if not self.stored.done():
                self.stored.set_result(stored)
                # Pages that wait for it are served before the document takes the processor.
                for _ in range(4):
                    await asyncio.sleep(0)
            loaded = await in_thread(load, stored.log, held)
            self.doc, self.weight = loaded.doc, loaded.weight
            self.unsettled = loaded.pending
            return loaded
        except Document.DoesNotExist:
            self.abandon(CLOSED, "not found")
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
        if stored is None or stored.rest is None:
            return False
        page.send(wire.sync(wire.UPDATE, stored.log.updates[0]))
        page.send(wire.sync(wire.STEP_2, stored.rest))
        return True

    def abandon(self, code: int = BROKEN, reason: str = "reload") -> None:
        """What this room knows and what is written have come apart. The pages hold everything
        that matters: they come back to a new room, and bring what is missing."""
        self.rooms.forget(self)
        self.close_all(code, reason)

    async def _mend(
        self, update: bytes, sender: Connection | None, brought: Sequence[Brought] = ()
    ) -> None:
        """Yrs failed over an update: load the document anew, with that update as the last."""
        try:
            loaded = await self._load([*self.commit.held(self), update])
        except Exception:
            log.exception("A letter could not be loaded anew.")
            return
        if sender is None:
            return
        if loaded.fits:
            self._accept(update, sender, brought)
        else:
            sender.close(MALFORMED, "malformed")

    async def _bring(self, update: bytes, sender: Connection, weight: int) -> None:
        """A page has what somebody else wrote and this room does not know. Another process may
        have written it down; otherwise it came through this page, which is then said of it."""
        try:
            await self._load(self.commit.held(self))
        except Exception:
            log.exception("A letter could not be loaded anew.")
            return
        try:
            inserted = structs.contents(crdt.beyond(update, self.doc.get_state())).inserted
            others = [span for span in inserted if span[0] != sender.client_id]
            person = sender.person_id
            brought = [Brought(*span, person) for span in others] if person else []
            self._take(update, sender, weight, brought)
        except wire.Malformed:
            sender.close(MALFORMED, "malformed")
        except (TooLarge, Overloaded) as error:
            log.warning("What a page brought could not be taken in: %s", type(error).__name__)
            sender.close(TRY_AGAIN, "try again")

    def settle(self) -> None:
        """Keep of the unsettled updates those that do lie pending."""
        left = list(crdt.pending(self.doc, dict(enumerate(self.unsettled))).values())
        self.unsettled = crdt.merge(left) if len(left) > MERGE_ABOVE else left

    # -- What pages send -------------------------------------------------------------------------

    def edit(self, update: bytes, sender: Connection) -> None:
        """Take an edit in and pass it on. Raises Malformed, Foreign, TooLarge and Overloaded."""
        if update == wire.NOTHING:
            return
        weight = crdt.weigh(update)
        if not crdt.is_all_by(update, sender.signature):
            raise wire.Foreign
        self._take(update, sender, weight)

    def _take(
        self, update: bytes, sender: Connection, weight: int, brought: Sequence[Brought] = ()
    ) -> None:
        if self.weight + weight > MAX_WEIGHT and update[0] != 0:  # erasing is the way out
            self._weigh_anew()
            if self.weight + weight > MAX_WEIGHT:
                raise TooLarge
        if self.commit.full:
            raise Overloaded
        try:
            crdt.apply(self.doc, update)
        except crdt.Spoiled as error:
            log.warning("A letter is loaded anew: %s", error)
            self.loading = asyncio.create_task(self._mend(update, sender, brought))
        else:
            self.weight += weight
            self._accept(update, sender, brought)

    def _weigh_anew(self) -> None:
        """Something may have been erased since the last time."""
        if not self.weight_is_exact:
            self.settle()
            self.weight = crdt.weight_of(self.doc) + sum(map(len, self.unsettled))
            self.weight_is_exact = True

    def _accept(self, update: bytes, sender: Connection, brought: Sequence[Brought] = ()) -> None:
        if not sender.wrote and sender.person_id is not None:
            # A page that was silent for a day may be forgotten by now.
            sender.wrote = True
            brought = [*brought, Brought(sender.client_id, 0, 0, sender.person_id)]
        self.weight_is_exact = False
        self.unsettled.append(update)
        if len(self.unsettled) >= SETTLE_EVERY:
            self.settle()
        self.commit.add(self, update, brought)
        if sender.shown:
            self.relay(wire.sync(wire.UPDATE, update), sender)
            return
        if not self.late:
            asyncio.get_running_loop().call_later(LATE, self._relay_late)
        self.late.append((update, sender))

    def _relay_late(self) -> None:
        late, self.late = self.late, []
        for update, sender in late:
            self.relay(wire.sync(wire.UPDATE, update), sender)

    def reconcile(self, update: bytes, sender: Connection) -> None:
        """Take in what a page has that the room has not. That is nothing at most times, but it
        names all that was ever erased; only news becomes an edit. Where the server went down in
        mid-sentence that may be the other's words, too. Raises what `edit` raises."""
        weight = crdt.weigh(update)
        if crdt.adds_nothing(self.doc, update):
            return
        if crdt.is_all_by(crdt.beyond(update, self.doc.get_state()), sender.signature):
            self._take(update, sender, weight)
        else:
            self.loading = asyncio.create_task(self._bring(update, sender, weight))

    def answer(self, vector: bytes, page: Connection) -> None:
        """Send a page at `vector` what it does not have. Raises Malformed."""
        page.send(wire.sync(wire.STEP_2, crdt.missing(self.doc, vector)))
        # Yrs keeps to itself what lies pending; but the page may get the rest at any time.
        self.settle()
        for update in self.unsettled:
            page.send(wire.sync(wire.UPDATE, update))

    def confirm(self, barrier: bytes, page: Connection) -> None:
        """Send the barrier back once everything is written that came before it."""
        if self.batch is None:
            page.send(barrier)
        elif self.commit.full:
            raise Overloaded
        else:
            self.batch.size += PENDING_BARRIER
            self.batch.then.append(lambda: page.send(barrier))

    def present(self, data: bytes, page: Connection) -> None:
        """Pass on what a page says of itself. Raises Malformed."""
        presence = wire.presence_of(page.client_id, data)
        if presence is None or not page.shown:
            return
        if presence.state == wire.GONE:
            self.presences.pop(presence.client_id, None)
        else:
            self.presences[presence.client_id] = presence, page
        self.relay_presence([presence])

    # -- What pages get --------------------------------------------------------------------------

    def greet(self, page: Connection) -> None:
        page.send(wire.sync(wire.STEP_1, self.doc.get_state()))
        self.introduce(page)

    def introduce(self, page: Connection) -> None:
        """Tell a page who else is here."""
        everybody = [presence for presence, _ in self.presences.values()]
        others = [presence for presence in everybody if presence.client_id != page.client_id]
        if others and page.shown:
            page.send(wire.awareness(others))

    def relay(self, frame: bytes, sender: Connection | None = None) -> None:
        for page in self.connections:
            if page is not sender:
                page.send(frame)

    def relay_presence(self, presences: list[wire.Presence]) -> None:
        frame = wire.awareness(presences)
        for page in self.connections:
            if page.shown:
                page.send(frame)

    def leave(self, page: Connection) -> None:
        self.connections.discard(page)
        gone = [known for known, whose in self.presences.values() if whose is page]
        for presence in gone:
            del self.presences[presence.client_id]
        if gone:
            self.relay_presence([presence._replace(state=wire.GONE) for presence in gone])
        if not self.connections:
            self.rooms.retire(self)
        else:
            self.upkeep.left()

    def close_all(self, code: int, reason: str) -> None:
        for page in self.connections:
            page.close(code, reason)

    # -- The log ---------------------------------------------------------------------------------

    def written(self, seq: int) -> None:
        """The group commit wrote a row of this room."""
        self.beyond.add(seq)
        self._advance(self.seq)
        if self.beyond:
            self.catch_up()
        self.upkeep.written()

    def unwritable(self) -> None:
        self.abandon()

    def _advance(self, seq: int) -> None:
        self.seq = max(self.seq, seq)
        while self.seq + 1 in self.beyond:
            self.seq += 1
        self.beyond = {row for row in self.beyond if row > self.seq}

    def catch_up(self) -> None:
        """Another process wrote to this letter: fetch that."""
        if self.catching_up is None:
            self.catching_up = asyncio.create_task(self._catch_up())

    async def _catch_up(self) -> None:
        try:
            stored = await in_thread(Document.read, self.letter_id, self.seq)
            await self.ready()
            for update in stored.updates:
                try:
                    crdt.apply(self.doc, update)
                except (crdt.Spoiled, wire.Malformed):
                    self.loading = asyncio.create_task(self._mend(update, None))
                    await self.ready()
                self.weight += len(update)
                self.unsettled.append(update)
                self.relay(wire.sync(wire.UPDATE, update))
            self.settle()
            self._advance(stored.seq)
        except Exception:
            # The next look at the log tries again.
            log.exception("A letter could not be brought up to date.")
        finally:
            self.catching_up = None

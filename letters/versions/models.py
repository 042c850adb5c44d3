"""Versions: what a letter said at some moment, and who had written since the one before.

One is taken by the room after ten minutes of writing and when somebody leaves the editor, by hand
with a name, before and after a restore, and when somebody offers words to be sealed. It holds the
words with their authors, which is what pages show and a restore brings back, and the whole state
of the document, compressed, for the day when words are not enough.
"""

import json
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple, Self
from uuid import UUID

import pycrdt
from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from couples.crypto.fields import EncryptedBinaryField, EncryptedTextField
from couples.ids import uuid7
from couples.models import Partner, User
from couples.models.submission import free
from couples.refusals import Full, Refusal
from letters.letter.models import authors
from letters.letter.models.authorship import Attribution
from letters.letter.models.client import Client
from letters.letter.models.document import Document
from letters.letter.models.letter import Letter
from letters.text import authored, crdt, document, offload
from letters.text.document import Block
from letters.text.edit import Editor

LONGEST_NAME = 80

# Automatic versions are all kept for two days, then the last one of each day, and after two months
# the last one of each week. What somebody named, restored or offered to seal always stays.
ALL_FOR = timedelta(days=2)
DAILY_FOR = timedelta(days=60)


MOST_NAMED = 200
TOO_MANY = _("This letter has %(most)d versions with a name. Those without one are kept as ever.")


class Closed(Refusal):
    """The letter is not written on any more."""


class Draft(NamedTuple):
    """What a version will hold. `seq` is the last row of the log that is in it."""

    seq: int
    told: offload.Told
    writers: list[User]
    # The number of the version before it, or 0, and whether that one says the same.
    after: int
    is_known: bool


class VersionQuerySet(models.QuerySet["Version"]):
    def visible_to(self, partner: Partner) -> Self:
        return self.filter(letter__in=Letter.objects.visible_to(partner))

    def newest(self) -> "Version | None":
        return self.order_by("-number").first()

    def automatic(self) -> Self:
        return self.filter(kind=Version.Kind.AUTOMATIC)

    def with_people(self) -> Self:
        return self.select_related("by", "restored").prefetch_related("writers")


class Version(models.Model):
    class Kind(models.TextChoices):
        AUTOMATIC = "automatic"
        NAMED = "named"
        RESTORED = "restored"
        OFFERED = "offered"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    letter = models.ForeignKey(Letter, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    at = models.DateTimeField(default=timezone.now, editable=False)
    kind = models.CharField(max_length=9, choices=Kind)
    # Taken while one of the two did not show themselves: of its moment only the day is told.
    is_quiet = models.BooleanField(default=False)
    # Who asked for it; nobody did for an automatic one.
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # Who wrote since the version before. Erasing leaves no trace of who did it.
    writers = models.ManyToManyField(User, related_name="+")
    name = EncryptedTextField()
    words = EncryptedTextField()
    packed = EncryptedBinaryField()
    restored = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = VersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "number"], name="one_version_per_number_and_letter"
            )
        ]

    def __str__(self) -> str:
        return f"version {self.id}"

    @property
    def key_owner_id(self) -> UUID:
        return self.letter.key_owner_id

    # -- What it says ----------------------------------------------------------------------------

    @property
    def authored(self) -> list[Block]:
        return authored.from_json(json.loads(self.words))

    @property
    def blocks(self) -> list[Block]:
        return authored.without_writers(self.authored)

    @property
    def state(self) -> bytes:
        """The whole document as one Yjs update, unpacked anew each time."""
        return zlib.decompress(self.packed)

    def before(self) -> "Version | None":
        return self.letter.versions.filter(number__lt=self.number).newest()

    # -- Taking one ------------------------------------------------------------------------------

    @classmethod
    def take(
        cls,
        letter: Letter,
        kind: "Version.Kind",
        by: User | None = None,
        name: str = "",
        restored: "Version | None" = None,
        at: datetime | None = None,
        reader: User | None = None,
        draft: "Draft | None" = None,
        claim: Callable[[], object] = free,
    ) -> "Version | None":
        """The letter as it is written down at this moment, and as it reaches whoever asks. None for
        an automatic one that would say the same as the version before it. `draft` is what it will
        hold, where that is known. Raises Full where there are enough with a name, and what `claim`
        does."""
        draft = draft or cls.draft(letter, reader or by)
        with transaction.atomic():
            claim()
            Letter.objects.select_for_update(of=("self",), no_key=True).get(pk=letter.pk)
            number = cls.objects.filter(letter=letter).aggregate(last=Max("number"))["last"] or 0
            named = cls.objects.filter(letter=letter, kind=cls.Kind.NAMED)
            if kind == cls.Kind.NAMED and named.count() >= MOST_NAMED:
                raise Full(TOO_MANY, MOST_NAMED)
            # Somebody else may just have taken one, with all that was written until then.
            if kind == cls.Kind.AUTOMATIC and number and (draft.is_known or number != draft.after):
                return None
            version = cls.objects.create(
                letter=letter,
                number=number + 1,
                at=at or timezone.now(),
                kind=kind,
                is_quiet=letter.is_quiet,
                by=by,
                name=name,
                words=draft.told.words,
                packed=draft.told.packed,
                restored=restored,
            )
            version.writers.set(draft.writers)
            _thin(letter)
        return version

    @classmethod
    def draft(
        cls, letter: Letter, reader: User | None, like: "tuple[str, str] | None" = None
    ) -> "Draft":
        """What a version of this moment would hold, as it reaches `reader`: all that takes time,
        reckoned before a lock is taken, which then is held for a moment only. `like` is a digest,
        and the words with their authors to take where the letter says just that."""
        last = cls.objects.filter(letter=letter).newest()
        log = Document.read(letter.pk, reader=reader.pk if reader else None)
        known = Attribution.objects.authors(letter.pk)
        told = offload.offload(offload.tell, log.updates, known, like)
        return Draft(
            log.seq,
            told,
            list(_writers(letter, told.clocks, last)),
            last.number if last else 0,
            last is not None and last.words == told.words,
        )

    @classmethod
    def take_automatic(cls, letter_id: UUID) -> None:
        """In a thread of the room: somebody left, or has written for a while. Where one of the two
        does not show themselves that would tell of it; see `take_of_day`."""
        letter = Letter.objects.with_people().filter(pk=letter_id).first()
        if letter is not None and not letter.is_quiet:
            cls.take(letter, cls.Kind.AUTOMATIC)

    @classmethod
    def take_of_day(cls, letter: Letter) -> None:
        """Where one of the two does not show themselves: what the letter said at the end of the
        last day on which somebody wrote. It is there from the next day on, for whoever looks first,
        so it tells of that day and of nothing else."""
        if not letter.is_quiet:
            return
        written_at = Document.objects.values_list("written_at", flat=True).get(pk=letter.pk)
        newest = cls.objects.filter(letter=letter).newest()
        is_over = timezone.localdate(written_at) < timezone.localdate()
        if is_over and (newest is None or newest.at < written_at):
            cls.take(letter, cls.Kind.AUTOMATIC, at=written_at)

    @classmethod
    def begin_day(cls, letter_id: UUID) -> None:
        """In a thread of the room, before anybody writes."""
        letter = Letter.objects.with_people().filter(pk=letter_id, kind=Letter.Kind.JOINT).first()
        if letter is not None:
            cls.take_of_day(letter)

    def restore(self, person: User) -> "Version | None":
        """Have the letter say this again: as a new edit that merges with what is typed meanwhile,
        and after the present was taken as a version. None where the letter says so already.

        Raises Closed where nobody writes on it any more.
        """
        letter = self.letter
        if not Letter.objects.open().filter(pk=letter.pk).exists():
            raise Closed
        # All of this is thought out without a lock: everybody else goes on writing.
        wanted = self.authored
        mine = document.digest(authored.without_writers(wanted)), self.words
        before = Version.draft(letter, person)
        if before.told.digest == mine[0]:
            return None
        Version.take(letter, Version.Kind.AUTOMATIC, draft=before)
        authors.edit(letter, person, Editor.bring, wanted)
        # It says just this now, by the same hands, unless somebody typed meanwhile.
        after = Version.draft(letter, person, like=mine)
        return Version.take(letter, Version.Kind.RESTORED, by=person, restored=self, draft=after)


def lock(letter: Letter) -> None:
    """Let nobody write on the letter or take a version of it until the transaction ends. Raises
    Closed where nobody could anyway."""
    # The document's row as well: every edit waits for it. No edit waits for the letter's, because
    # its key is not locked.
    Letter.objects.select_for_update(of=("self",), no_key=True).get(pk=letter.pk)
    Document.objects.select_for_update(of=("self",)).get(pk=letter.pk)
    if not Letter.objects.open().filter(pk=letter.pk).exists():
        raise Closed


def _writers(letter: Letter, clocks: dict[int, int], last: Version | None) -> models.QuerySet[User]:
    """Whose pages have written something that the version before does not have."""
    known = crdt.state(pycrdt.get_state(last.state)) if last is not None else {}
    news = [client for client, clock in clocks.items() if clock > known.get(client, 0)]
    clients = Client.objects.filter(letter=letter, client_id__in=news)
    return User.objects.filter(pk__in=clients.values("person"))


def _thin(letter: Letter) -> None:
    now = timezone.now()
    old = letter.versions.automatic().filter(at__lt=now - ALL_FOR)
    last: dict[object, UUID] = {}
    everything = list(old.order_by("number").values_list("pk", "at"))
    for pk, at in everything:
        last[at.date() if at > now - DAILY_FOR else at.isocalendar()[:2]] = pk
    stay = set(last.values())
    Version.objects.filter(pk__in=[pk for pk, _ in everything if pk not in stay]).delete()

"""I need you now: recorded at once, and out after a few seconds unless it is undone.

It reaches the other where both have it switched on (`switch.py`). For the one who calls there is no
difference: the same rows, pages and nudges, so nobody finds out the other's switch by calling.

It leaves with the process, not with the page: the page may be closed right after the button. What
did not go out because the process ended goes out when the next one starts (`catch_up`).
"""

import logging
from datetime import datetime, timedelta
from threading import Timer
from typing import ClassVar
from uuid import UUID

from django.db import connections, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from couples import nudges
from couples.mail.outbox import OutgoingMail
from couples.models import Couple, Partner
from couples.refusals import NotTogether, Refusal
from principles.catalog.kinds import State
from principles.practices import mail, packed
from principles.practices.models.moment import Refused
from principles.practices.models.offer import Offer
from principles.practices.models.switch import CallSwitch, Sending

UNDO = timedelta(seconds=5)
# When the database did not let it go out.
RETRY = timedelta(seconds=5)
# Pressing again within this time sends nothing: ten of them in a minute help nobody.
AGAIN = timedelta(minutes=1)
# How many go out within how long. A second one that is meant always does; it is no means of keeping
# somebody busy.
BOUNDS = ((2, timedelta(minutes=15)), (6, timedelta(days=1)))

logger = logging.getLogger(__name__)


class SwitchedOff(Refusal):
    """The one who would call has it switched off themselves."""


class TooOften(Refusal):
    """As many went out as may; the next one can `until` then."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


class Call(Offer):
    KINDS: ClassVar[tuple[str, ...]] = ("emergency",)

    class Meta:
        proxy = True

    def state_for(self, partner: Partner) -> State:
        if self.closed_at:
            return State.ENDED
        if self.given_at > timezone.now():
            return State.PENDING
        return super().state_for(partner)

    def may_withdraw(self, partner: Partner) -> bool:
        return False

    def may_respond(self, partner: Partner) -> bool:
        """Either answer can be changed for the other one while it lasts: plans fall through."""
        theirs = partner.pk != self.begun_by_id
        return theirs and self.state_for(partner) in (State.GIVEN, State.LATER, State.ANSWERED)

    def may_follow(self, partner: Partner) -> bool:
        return False

    @property
    def may_go_out_again(self) -> bool:
        return self.sent_at is not None and self.sent_at <= timezone.now() - AGAIN

    @classmethod
    def start(cls, partner: Partner) -> "Call":
        """The button. Pressed twice, or on two devices, it is one call. Raises NotTogether,
        SwitchedOff and TooOften."""
        with transaction.atomic():
            couple = Couple.objects.of(partner).lock()
            if not CallSwitch.of(partner).is_on:
                raise SwitchedOff
            mine = cls.objects.filter(kind="emergency", begun_by=partner, closed_at=None)
            call = mine.first()
            if call is None:
                _bound(partner)
                call = cls.objects.create(
                    kind="emergency",
                    couple=couple,
                    begun_by=partner,
                    given_at=timezone.now() + UNDO,
                )
                couple.calling_since = timezone.now()
                couple.save(update_fields=["calling_since"])
                partner.couple = couple
                pk = call.pk
                transaction.on_commit(lambda: send_after(pk, UNDO.total_seconds()))
        assert isinstance(call, Call)  # noqa: S101
        return call

    def undo(self, partner: Partner) -> None:
        """Within the few seconds. Nothing of it is kept. Raises Refused when it is out."""
        with transaction.atomic():
            self.lock(partner)
            if partner.pk != self.begun_by_id or self.state_for(partner) is not State.PENDING:
                raise Refused(self.state_for(partner))
            self.delete()
            self._hang_up()

    def again(self, partner: Partner) -> None:
        """Send it once more: what the other put aside stands on their pages again. Raises TooOften,
        too."""
        with transaction.atomic():
            self.lock(partner)
            state = self.state_for(partner)
            mine = partner.pk == self.begun_by_id
            if not mine or state not in (State.GIVEN, State.LATER) or not self.may_go_out_again:
                raise Refused(state)
            _bound(partner)
            self.given_at, self.sent_at = timezone.now(), None
            self.save(update_fields=["given_at", "sent_at"])
            pk = self.pk
            transaction.on_commit(lambda: send_after(pk, 0))

    def say(self, partner: Partner, text: str) -> None:
        """A line to go with it, if words help: on its own page, and nowhere that opens by itself.
        Only the caller's, and never asked for."""
        with transaction.atomic():
            self.lock(partner)
            if partner.pk != self.begun_by_id or self.closed_at:
                raise Refused(self.state_for(partner))
            self.text = packed.pack({"text": text})
            self.save(update_fields=["text"])
            self.nudge()

    def end(self, partner: Partner) -> None:
        """Over. The caller says so, nobody else; twice is once."""
        with transaction.atomic():
            self.lock(partner)
            if partner.pk != self.begun_by_id:
                raise Refused(self.state_for(partner))
            if self.closed_at is None:
                self.closed_at = timezone.now()
                self.save(update_fields=["closed_at"])
                OutgoingMail.objects.filter(about=self.pk).delete()
                self._hang_up()
                self.nudge()

    @classmethod
    def switch_off(cls, partner: Partner) -> None:
        """Calls between the two reach nobody from now on: what stands over this person's pages
        goes, with a mail that has not been sent, and a call of their own is over. The other's pages
        hear of the last alone, as if it had been ended. Raises NotTogether."""
        with transaction.atomic():
            switch = CallSwitch.set(partner, on=False)
            # The couple is held from here on.
            for call in cls.objects.filter(kind="emergency", couple=switch.couple, closed_at=None):
                assert isinstance(call, Call)  # noqa: S101
                OutgoingMail.objects.filter(about=call.pk).delete()
                if call.begun_by_id != partner.pk:
                    continue
                if call.state_for(partner) is State.PENDING:
                    call.undo(partner)
                else:
                    call.end(partner)
            # This person's own pages only.
            nudges.nudge(partner.pk, "emergency")

    def is_left_with(self, partner: Partner) -> bool:
        """Whether it ended because the other left while this person was calling them. Of all pages
        this is the one that is not taken away."""
        ended_at = self.couple.ended_at
        mine = partner.pk == self.begun_by_id and partner.left_at is None
        return mine and ended_at is not None and self.closed_at == ended_at

    def sentence(self, partner: Partner) -> str:
        if self.is_left_with(partner):
            text = _("%(name)s has left, so nobody answers here. Below is what else you can do.")
            return text % {"name": self.receiver.name}
        return super().sentence(partner)

    def lock(self, partner: Partner) -> None:
        """Also raises Refused for the one who is left with it."""
        try:
            super().lock(partner)
        except NotTogether:
            self.refresh_from_db()
            if self.is_left_with(partner):
                raise Refused(State.ENDED) from None
            raise

    def _hang_up(self) -> None:
        """Nothing stands over the pages of the two any more, unless the other calls, too."""
        if not Call.objects.filter(kind="emergency", couple=self.couple, closed_at=None).exists():
            self.couple.calling_since = None
            self.couple.save(update_fields=["calling_since"])

    def nudge(self) -> None:
        # Before it is out no page is told: a nudge would say that something is coming.
        if self.sent_at is None:
            return
        nudges.nudge(self.couple.workspace_id, "emergency")
        super().nudge()


# -- Going out -----------------------------------------------------------------------------------


def send_after(pk: UUID, seconds: float) -> None:
    timer = Timer(seconds, _send_from_a_thread, [pk])
    timer.daemon = True
    timer.start()


def _send_from_a_thread(pk: UUID) -> None:
    try:
        send(pk)
    except Exception:
        logger.exception("A call did not go out. It is tried again in %d s.", RETRY.seconds)
        send_after(pk, RETRY.total_seconds())
    finally:
        connections.close_all()  # this thread ends here


def send(pk: UUID) -> bool:
    """To the other's open pages, and into the outbox. Whoever comes first sends it, and only
    once."""
    with transaction.atomic():
        found = Call.objects.filter(pk=pk).select_related("couple").first()
        if found is None:
            return False
        found.couple.lock_row()
        unsent = Call.objects.filter(pk=pk, sent_at=None, closed_at=None, couple__ended_at=None)
        call = unsent.with_people().first()
        if call is None:
            return False
        # A timer that wakes a moment early does not send a moment early for others.
        call.given_at, call.sent_at = min(call.given_at, timezone.now()), timezone.now()
        here = CallSwitch.objects.on().filter(couple=call.couple)
        switches = {each.partner_id: each for each in here}
        if len(switches) == 2:
            call.reached_at = call.sent_at
            if switches[call.receiver.pk].by_mail:
                home, since = call.couple.workspace_id, call.given_at
                mail.send_call(call.receiver.user, home=home, about=call.pk, since=since)
        call.save(update_fields=["given_at", "sent_at", "reached_at"])
        Sending.objects.create(couple=call.couple, by=call.giver, at=call.sent_at)
        call.nudge()
    return True


def _bound(partner: Partner) -> None:
    """Raises TooOften. The couple is held."""
    longest = max(within for _most, within in BOUNDS)
    mine = Sending.objects.filter(by=partner)
    mine.filter(at__lte=timezone.now() - longest).delete()
    sent = sorted(mine.values_list("at", flat=True), reverse=True)
    free = [sent[most - 1] + within for most, within in BOUNDS if len(sent) >= most]
    if free and max(free) > timezone.now():
        raise TooOften(max(free))


def catch_up() -> None:
    """What was on its way when the process ended."""
    for pk, at in Call.objects.filter(kind="emergency", sent_at=None, closed_at=None).values_list(
        "pk", "given_at"
    ):
        send_after(pk, max(0.0, (at - timezone.now()).total_seconds()))


def end_with(leaver: Partner) -> None:
    """Every call between the two is over when one of them leaves; see Partner.leave(), which holds
    the couple's row."""
    couples = Couple.objects.of(leaver)
    between = Call.objects.filter(couple__in=couples, kind="emergency", closed_at=None)
    if between.update(closed_at=leaver.left_at):
        nudges.nudge(leaver.workspace_id, "emergency")


def open_for(partner: Partner) -> list[Call]:
    """The calls of these two that are not over, the other's first; of those, what has reached this
    person since they switched it on. One query, and none where nobody calls."""
    if partner.couple is None or partner.couple.calling_since is None:
        return []
    mine = CallSwitch.objects.filter(
        couple=OuterRef("couple"), partner=partner, on_at__lte=OuterRef("reached_at")
    )
    calls = Call.objects.visible_to(partner).filter(closed_at=None).with_people()
    calls = calls.filter(Q(begun_by=partner) | Exists(mine))
    return sorted(calls, key=lambda call: call.begun_by_id == partner.pk)  # type: ignore[arg-type]

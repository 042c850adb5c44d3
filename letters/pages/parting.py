"""What becomes of letters when somebody leaves; see Partner.leave(), which holds the home."""

from couples.models import Couple, Partner
from letters.giving.models.opening import Opening
from letters.letter.changed import letter_changed
from letters.letter.models.document import Document


def end_with(leaver: Partner) -> None:
    """The letter of both is from now on what it is: an edit that is on its way comes too late, on
    whichever page. What can be opened is kept by both."""
    couples = Couple.objects.of(leaver)
    open_ones = Document.objects.filter(letter__couple__in=couples, closed_at=None)
    closed = list(open_ones.values_list("pk", flat=True))
    Document.objects.filter(pk__in=closed).update(closed_at=leaver.left_at)
    for letter_id in closed:
        letter_changed(letter_id)
    Opening.keep(leaver)

"""Letters to give, and the steps of giving them."""

from letters.giving.models.share import read
from letters.models import Letter, Opening, Reveal, Share
from letters.text import document
from tests.letters.writing import write
from tests.people import Resident


def letter_of(person: Resident, *lines: str) -> Letter:
    """A letter of one's own."""
    letter = Letter.begin_personal(person)
    for line in lines:
        write(letter, person, line)
    return letter


def digest_of(letter: Letter) -> str:
    """As the preview names the words that it shows."""
    return document.digest(document.blocks(letter.load()))


def words_of(given: Share | Opening) -> list[str]:
    return [block.text for block in read(given.words)]


def again(reveal: Reveal) -> Reveal:
    """The reveal as a request finds it: nothing remembered."""
    return Reveal.objects.with_people().get(pk=reveal.pk)


def ready(reveal: Reveal, person: Resident, *lines: str, letter: Letter | None = None) -> Letter:
    """Ready with a letter; with a new one of these lines where none is named."""
    letter = letter or letter_of(person, *lines)
    again(reveal).ready(person.partner, letter, digest_of(letter))
    return letter

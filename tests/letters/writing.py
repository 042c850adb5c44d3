"""Words put into a letter, as a person of the couple."""

from couples.models import User
from letters.document import Kind
from letters.models import Letter


def write(letter: Letter, person: User, text: str) -> None:
    letter.add(person, Kind.LINE, text)

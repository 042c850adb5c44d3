"""Words put into a letter, as a person of the couple."""

from couples.models import User
from letters.models import Letter
from letters.text.model import Kind


def write(letter: Letter, person: User, text: str) -> None:
    letter.add(person, Kind.LINE, text)

"""Words put into a letter, as a person of the couple."""

from letters.models import Letter
from letters.text.model import Kind
from tests.people import Resident


def write(letter: Letter, person: Resident, text: str) -> None:
    letter.add(person, Kind.LINE, text)

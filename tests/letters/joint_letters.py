"""Couples with a joint letter on a real server, for the tests that speak to its socket."""

import json
from dataclasses import dataclass

from tests.clients.socket import Page
from tests.server import Server

MAKE = """
import json, os
from django.conf import settings
from django.test import Client
from couples.models import Invitation, User, Workspace
from letters.models import Letter

settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

def cookie(user):
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"

couples = []
for number in range(%d):
    tag = os.urandom(4).hex()
    ana, ben = (
        User.objects.create_user(f"{name}-{tag}@home.example", name.title(), "a walk after dinner")
        for name in ("ana", "ben")
    )
    Workspace.begin(ana)
    Invitation.make(ana.partner).accept(ben).confirm()
    ana, ben = (User.objects.get(pk=person.pk) for person in (ana, ben))
    couples.append({
        "ana": cookie(ana),
        "ben": cookie(ben),
        "ben_user": str(ben.pk),
        "joint": str(Letter.begin_joint(ana.partner).pk),
        "personal": str(Letter.begin_personal(ana).pk),
    })
print(json.dumps(couples))
"""

WRITTEN = """
import json
from letters.text import document
from letters.models import Letter
letters = Letter.objects.in_bulk(%r)
print(json.dumps({str(pk): document.to_text(document.blocks(letter.load()))
                  for pk, letter in letters.items()}))
"""


@dataclass
class Served:
    """One couple on a server: session cookies, the joint letter, and a personal one of Ana's."""

    server: Server
    ana: str
    ben: str
    ben_user: str
    joint: str
    personal: str

    def page(self, cookie: str, letter: str | None = None) -> Page:
        return Page(self.server.base_url, letter or self.joint, cookie)

    async def both(self) -> tuple[Page, Page]:
        return await self.page(self.ana).open(), await self.page(self.ben).open()


def make_couples(server: Server, number: int) -> list[Served]:
    made = json.loads(server.shell(MAKE % number).splitlines()[-1])
    return [Served(server, **couple) for couple in made]


def written(server: Server, letters: list[str]) -> dict[str, str]:
    """What the database holds, read by a process of its own."""
    found: dict[str, str] = json.loads(server.shell(WRITTEN % letters).splitlines()[-1])
    return found

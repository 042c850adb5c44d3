"""Pictures of every page: two widths, two themes, in var/screens/, and all of them on one sheet.

Run by bin/screens; `bin/screens --readme` also renews the picture in the README. It is no test:
somebody has to look.
"""

import argparse
import base64
import json
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import _bootstrap as house
from _chromium import installed_chromium
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright

from tests.browser.flags import FLAGS
from tests.server import Server

SCREENS = house.ROOT / "var" / "screens"
SIZES = {"wide": (1280, 860), "phone": (390, 844)}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
PASSWORD = "a walk after every dinner"
CODE = """
from letters.models import Letter, Opening
from principles.models import Review
from couples.models import User, Workspace, Invitation
sol = User.objects.create_user("sol@demo.example", "Sol", {password!r})
Workspace.begin(sol)
invitation = Invitation.make(sol.partner)
joint = Letter.objects.joint().get(closed_at=None)
ana = User.objects.get(name="Ana")
review = Review.objects.newest_first().first()
own = Letter.objects.personal().get(person=ana)
sealed = Letter.objects.joint().exclude(closed_at=None).get()
waiting = Opening.objects.get()
print(joint.pk, own.pk, sealed.pk, waiting.pk, review.pk, invitation.token)
"""
# One moment of each state that looks different, by the name of its picture.
MOMENTS = """
import json
from principles.models import Moment
from principles.practices.models.area import Shares
from tests.principles.practices.steps import again, answer, call_out, give, ready
from couples.models import User
ana, ben = (User.objects.get(name=name) for name in ("Ana", "Ben"))
made = {f"was-{each.kind}": each for each in Moment.objects.all()}
made["offer-given"] = give(ana, "transparent", "I hid the box under the stairs.")
later = give(ana, "kindness", "the plans")
later.respond(ben.partner, "later")
made["offer-later"] = later
asked = give(ana, "joint-decisions", "We paint the kitchen yellow.")
made["decision-open"] = asked
waits = give(ben, "joint-decisions", "We let the spare room.")
ready(waits, ana, "not-yet", "To know for how long.")
made["decision-ready"] = waits
table = give(ana, "joint-decisions", "We go without a car.")
ready(table, ana), ready(table, ben, "not-yet", "A week to try it.")
made["decision-table"] = table
needs = give(ben, "ws", "The summer")
for person, words in ((ana, "The sea."), (ben, "No aeroplane.")):
    ready(needs, person, "", words)
for person, words in ((ana, "A tent by the lake."), (ben, "The night train.")):
    idea = again(needs).add_idea(person.partner, words)
    again(needs).mark(ben.partner, idea, True)
again(needs).mark(ana.partner, idea, True)
made["ws-needs"] = needs
made["repair-begun"] = give(ben, "repair", "Sunday")
area = give(ana, "share-power", "Money")
for person, shares in ((ana, Shares("one", "both")), (ben, Shares("two", "both"))):
    again(area).propose(person.partner, shares, "The bills are mine, the rest is ours.")
made["area-different"] = area
print(json.dumps({name: str(moment.pk) for name, moment in made.items()}))
"""
CALL = """
from couples.models import User
from tests.principles.practices.steps import call_out
print(call_out(User.objects.get(name="Ben")).pk)
"""
PRACTICES = (
    *("backs", "emergency", "tell-first", "transparent", "repair"),
    *("share-power", "kindness", "joint-decisions", "ws", "supporters"),
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bin/screens", description=__doc__.splitlines()[0])
    parser.add_argument("--readme", action="store_true", help="renew docs/screenshot.png as well")
    parser.add_argument("names", nargs="*", help="only pages with one of these in their name")
    options = parser.parse_args()
    shutil.rmtree(SCREENS, ignore_errors=True)
    SCREENS.mkdir(parents=True)
    with served() as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed_chromium(), args=FLAGS)
        if options.readme:
            # First: later somebody calls out, and that is over every page.
            picture_for_the_readme(browser, server)
        look_at_everything(browser, server, options.names)
        browser.close()
    sheet()


@contextmanager
def served() -> Iterator[Server]:
    with tempfile.TemporaryDirectory(prefix="dear-screens-") as folder:
        var = Path(folder) / "var"
        server = Server(
            var,
            {
                "DJANGO_SETTINGS_MODULE": "config.settings",
                "SECRET_KEY": secrets.token_urlsafe(50),
                "MASTER_KEYS": "k1:" + base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
                "DATABASE_URL": f"sqlite:///{var}/dear.sqlite3",
                "KEYS_DATABASE_URL": f"sqlite:///{var}/keys.sqlite3",
                "TIME_ZONE": "UTC",
                "DEMO": "true",
            },
        )
        server.migrate()
        server.run("manage.py", "create_demo")
        server.start()
        try:
            yield server
        finally:
            server.stop()


def sign_in(context: BrowserContext, who: str) -> Page:
    page = context.new_page()
    page.goto("/account/login/")
    page.get_by_label("Email").fill(f"{who}@demo.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/home/")
    return page


def look_at_everything(browser: Browser, server: Server, names: list[str]) -> None:
    ids = server.shell(CODE.format(password=PASSWORD)).split()[-6:]
    joint, own, sealed, waiting, review, token = ids
    places = {
        "guest": {
            "front": "/",
            "sign-up": "/account/signup/",
            "sign-in": "/account/login/",
            "code": "/account/login/code/",
            "about": "/about/",
            "privacy": "/privacy/",
            "safety": "/safety/",
            "invitation": f"/i/{token}/",
            "not-found": "/nothing/",
        },
        "ana": {
            "home": "/home/",
            "letters": "/letters/",
            "questions": "/letters/questions/",
            "question": "/letters/questions/hard-day/",
            "pause": "/letters/pause/",
            "values": "/letters/values/",
            "our-values": "/letters/values/ours/",
            "blueprint": "/letters/blueprint/",
            "blueprint-page": "/letters/blueprint/closeness/",
            "way-in": "/letters/blueprint/way-in/",
            "our-letter": f"/letters/{joint}/",
            "our-letter-read": f"/letters/{joint}/read/",
            "our-letter-authors": f"/letters/{joint}/authors/",
            "our-letter-notes": f"/letters/{joint}/notes/",
            "our-letter-versions": f"/letters/{joint}/versions/",
            "our-letter-version": f"/letters/{joint}/versions/1/?against=now",
            "our-letter-seal": f"/letters/{joint}/seal/",
            "sealed": f"/letters/{sealed}/sealed/",
            "waiting": f"/letters/waiting/{waiting}/",
            "grow": "/letters/grow/",
            "own-letter": f"/letters/{own}/",
            "share": f"/letters/{own}/share/",
            "put-away": f"/letters/{own}/put-away/",
            "reveal": "/letters/reveal/",
            "principles": "/principles/",
            "principle-held": "/principles/repair/",
            "principle-proposed": "/principles/backs/",
            "principle-empty": "/principles/kindness/",
            "wordings": "/principles/repair/wordings/",
            "ours": "/principles/ours/",
            "own-principle": "/principles/own/",
            "ways": "/principles/repair/ways/",
            "days": "/days/",
            "reminder": "/reminder/",
            "reviews": "/reviews/",
            "calendar": "/reviews/calendar/",
            "picture": "/reviews/picture/",
            "review-closed": f"/reviews/{review}/",
            "practices": "/practices/",
            "history": "/practices/joint-decisions/history/",
            "decisions": "/practices/decisions/",
            "us": "/home/us/",
            "kept": "/kept/",
            "devices": "/account/sessions/",
            "email": "/account/email/",
        },
        "sol": {
            "home-alone": "/home/",
            "invite": "/home/invite/",
            "letters-alone": "/letters/",
            "principle-alone": "/principles/repair/",
            "reviews-alone": "/reviews/",
        },
    }
    moments = json.loads(server.shell(MOMENTS).splitlines()[-1])
    places["ana"] |= {f"moment-{name}": f"/moments/{pk}/" for name, pk in moments.items()}
    places["ana"] |= {f"practice-{kind}": f"/practices/{kind}/" for kind in PRACTICES}
    places["sol"] |= {f"alone-{kind}": f"/practices/{kind}/" for kind in PRACTICES}
    states = {}
    for who in ("ana", "sol"):
        context = browser.new_context(base_url=server.base_url)
        sign_in(context, who)
        states[who] = context.storage_state()
        context.close()
    chosen = {
        who: {name: at for name, at in pages.items() if not names or any(n in name for n in names)}
        for who, pages in places.items()
    }
    photograph(browser, server, states, chosen)
    # Last, because from here on it stands over every page.
    call = server.shell(CALL).split()[-1]
    urgent = {"emergency-over-a-page": "/practices/", "emergency-called": f"/moments/{call}/"}
    photograph(browser, server, states, {"ana": urgent})


def photograph(
    browser: Browser,
    server: Server,
    states: dict[str, StorageState],
    places: dict[str, dict[str, str]],
) -> None:
    for (width, viewport), theme in ((size, theme) for size in SIZES.items() for theme in THEMES):
        for who, addresses in places.items():
            context = browser.new_context(
                base_url=server.base_url,
                viewport={"width": viewport[0], "height": viewport[1]},
                color_scheme=theme,
                reduced_motion="reduce",
                storage_state=states.get(who),
            )
            page = context.new_page()
            for name, address in addresses.items():
                page.goto(address)
                if page.locator("letter-editor").count():
                    page.locator("letter-editor[data-ready]").wait_for()
                page.wait_for_timeout(150)
                overflow = page.evaluate(
                    "document.documentElement.scrollWidth - document.documentElement.clientWidth"
                )
                if overflow > 0:
                    print(f"{name} at {viewport[0]} pixels is {overflow} pixels too wide.")
                page.screenshot(path=SCREENS / f"{name}-{width}-{theme}.png", full_page=True)
            context.close()


def picture_for_the_readme(browser: Browser, server: Server) -> None:
    """Ana and Ben in one letter, as Ana sees it."""
    joint = server.shell(
        "from letters.models import Letter; print(Letter.objects.joint().get(closed_at=None).pk)"
    )
    pages = []
    for who in ("ana", "ben"):
        context = browser.new_context(
            base_url=server.base_url,
            viewport={"width": 1280, "height": 860},
            color_scheme="light",
            reduced_motion="reduce",
        )
        page = sign_in(context, who)
        page.goto(f"/letters/{joint.split()[-1]}/")
        page.locator("letter-editor[data-ready]").wait_for()
        pages.append(page)
    ana, ben = pages
    ana.locator(".letter p").nth(5).click()
    ana.keyboard.press("End")
    ben.locator(".letter p").nth(3).click()
    ben.keyboard.press("End")
    ben.keyboard.type(" ")
    ben.keyboard.press("Backspace")
    ana.wait_for_timeout(600)
    ana.screenshot(path=house.ROOT / "docs" / "screenshot.png")


def sheet() -> None:
    """Every picture, small, in rows: one row a page, light and dark, wide and phone."""
    names = sorted({path.name.rsplit("-", 2)[0] for path in SCREENS.glob("*-wide-light.png")})
    columns = [
        ("wide", "light", 480),
        ("wide", "dark", 480),
        ("phone", "light", 200),
        ("phone", "dark", 200),
    ]
    height, gap, head = 420, 12, 22
    width = sum(each for *_, each in columns) + gap * (len(columns) + 1)
    for number in range(0, len(names), 8):
        some = names[number : number + 8]
        whole = Image.new("RGB", (width, (height + gap + head) * len(some)), "#888")
        draw = ImageDraw.Draw(whole)
        for row, name in enumerate(some):
            x, y = gap, row * (height + gap + head)
            draw.text((x, y + 5), name, fill="#fff")
            for size, theme, wide in columns:
                with Image.open(SCREENS / f"{name}-{size}-{theme}.png") as picture:
                    small = picture.resize((wide, round(picture.height * wide / picture.width)))
                whole.paste(small.crop((0, 0, wide, min(height, small.height))), (x, y + head))
                x += wide + gap
        whole.save(SCREENS / f"sheet-{number // 8 + 1}.png")
    print(f"{len(names)} pages, four pictures each, in {SCREENS}; the sheets are sheet-*.png.")


if __name__ == "__main__":
    main()

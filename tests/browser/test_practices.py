"""The practices by two people in two browsers: given and answered, unseen and revealed, marked."""

import re

import pytest
from playwright.sync_api import Page, Route, ViewportSize, expect

from tests.browser.barriers import no_barriers
from tests.browser.conftest import Couple, OpenBrowser, Troubles
from tests.server import Server

pytestmark = pytest.mark.one_database

PHONE: ViewportSize = {"width": 390, "height": 844}
CANARY = "Nobody may read this sentence yet."


def live(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("data-live", "on")


def go(page: Page, address: str) -> Page:
    page.goto(address)
    live(page)
    return page


def write(page: Page, kind: str, fields: dict[str, str], button: str) -> str:
    """Write at the desk of a practice and give it; the address of what came of it."""
    go(page, f"/practices/{kind}/")
    for label, text in fields.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name=button).click()
    page.wait_for_url(re.compile("/moments/"))
    live(page)
    return page.url


def says(page: Page, words: str) -> None:
    expect(page.locator("#moment-now [role=status]")).to_contain_text(words)


def took_back(page: Page) -> None:
    """Take back what was just given."""
    page.get_by_role("button", name="Take it back").click()
    says(page, "You took it")


# -- Offer → response ----------------------------------------------------------------------------

# What is written, the button that gives it, “not now” where there is one, and the answer.
OFFERS = [
    (
        "backs",
        {"What is coming?": "The interview."},
        "Ask Ben for backing",
        "Not this time",
        "I’m with you",
    ),
    ("tell-first", {"The news": "We got the flat."}, "Tell Ben", "a bit later", "I’m so glad"),
    (
        "transparent",
        {"What do you want them to know?": "I hid the box."},
        "Give this to Ben",
        "I need a little time",
        "Thank you for telling me",
    ),
    (
        "kindness",
        {"I feel …": "left out", "about …": "the plans", "I need …": "to be asked"},
        "Say it to Ben",
        "I need to cool down",
        "I hear you",
    ),
    (
        "supporters",
        {"What was it?": "You rang my mother."},
        "Put it in the jar",
        "",
        "Thank you for seeing that",
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "fields", "button", "later", "response"), OFFERS)
def test_what_is_given_is_answered_and_both_pages_follow(
    couple: Couple, kind: str, fields: dict[str, str], button: str, later: str, response: str
) -> None:
    for page in (couple.ana, couple.ben):
        page.set_viewport_size(PHONE)
    # Given and taken back, before anybody has answered.
    go(couple.ben, write(couple.ana, kind, fields, button))
    took_back(couple.ana)
    says(couple.ben, "Ana took")
    expect(couple.ben.locator("#moment-act button")).to_have_count(0)
    no_barriers(couple.ana, couple.ben)
    go(couple.ben, f"/practices/{kind}/")
    address = write(couple.ana, kind, fields, button)
    text = next(iter(fields.values()))
    # Ben's open page shows it by itself.
    couple.ben.locator("#running").get_by_role("link", name=text).click()
    live(couple.ben)
    couple.ben.set_viewport_size({"width": 1280, "height": 900})
    no_barriers(couple.ana, couple.ben)
    if later:
        couple.ben.get_by_role("button", name=later).click()
        expect(couple.ana.locator(".answered")).to_contain_text(later)
        expect(couple.ana.get_by_role("button", name="Take it back")).to_have_count(0)
        no_barriers(couple.ana)
    couple.ben.get_by_label("A line with it").fill("More tonight.")
    couple.ben.get_by_role("button", name=response).click()
    for page in (couple.ana, couple.ben):
        expect(page.locator(".answered")).to_have_text(response)
        expect(page.locator("#moment-now")).to_contain_text("More tonight.")
    expect(couple.ana.get_by_role("button", name="Take it back")).to_have_count(0)
    no_barriers(couple.ana, couple.ben)
    go(couple.ana, f"/practices/{kind}/history/")
    expect(couple.ana.locator("main")).to_contain_text(text)
    no_barriers(couple.ana)
    assert couple.ben.url == address


def test_how_it_went(couple: Couple) -> None:
    address = write(couple.ana, "backs", {"What is coming?": "The talk."}, "Ask Ben for backing")
    go(couple.ben, address)
    couple.ben.get_by_role("button", name="Not this time").click()
    says(couple.ana, "Ben cannot this time")
    # A "not now" may become a yes; what is being typed meanwhile stays.
    couple.ana.get_by_label("How did it go?").fill("They laughed at the right place.")
    couple.ben.get_by_role("button", name="I’ll be there").click()
    says(couple.ana, "Ben answered.")
    couple.ana.wait_for_timeout(500)
    couple.ana.get_by_role("button", name="Tell Ben how it went").click()
    says(couple.ben, "Ana says how it went.")
    expect(couple.ben.locator("#moment-now")).to_contain_text("They laughed at the right place.")
    no_barriers(couple.ana, couple.ben)


def test_what_is_taken_back_leaves_both_pages(couple: Couple) -> None:
    address = write(
        couple.ana,
        "transparent",
        {"What do you want them to know?": "I hid the box."},
        "Give this to Ben",
    )
    go(couple.ben, address)
    expect(couple.ben.locator("main")).to_contain_text("I hid the box.")
    couple.ana.get_by_role("button", name="Take it back").click()
    says(couple.ben, "Ana took this back.")
    expect(couple.ben.locator("main")).not_to_contain_text("I hid the box.")
    expect(couple.ben.get_by_role("button", name="Thank you")).to_have_count(0)
    no_barriers(couple.ana, couple.ben)
    go(couple.ana, "/practices/transparent/kept/")
    expect(couple.ana.locator("main")).to_contain_text("I hid the box.")
    no_barriers(couple.ana)


def test_a_draft_is_kept_as_it_is_typed_and_given_as_it_stands(couple: Couple) -> None:
    go(couple.ben, "/practices/transparent/")
    page = go(couple.ana, "/practices/transparent/")
    page.get_by_label("What do you want them to know?").fill(CANARY)
    expect(page.locator("auto-save output")).to_have_text("Saved")
    page.reload()
    field = page.get_by_label("What do you want them to know?")
    expect(field).to_have_value(CANARY)
    expect(couple.ben.locator("#running")).not_to_contain_text(CANARY)
    # The last words typed count, and no copy of them comes back to the desk.
    field.fill(f"{CANARY} And this.")
    page.get_by_role("button", name="Give this to Ben").click()
    expect(page.locator(".given")).to_contain_text("And this.")
    page.goto("/practices/transparent/")
    expect(page.get_by_label("What do you want them to know?")).to_have_value("")


def test_kept_and_drawn_by_somebody_alone(
    server: Server, open_browser: OpenBrowser, couple: Couple
) -> None:
    server.shell(f"""
from couples.models import User
User.objects.get(email={couple.ben_email!r}).partner.leave()
""")
    page = couple.ana
    page.set_viewport_size(PHONE)
    for kind, label in (("supporters", "What was good?"), ("kindness", "I feel …")):
        page.goto(f"/practices/{kind}/")
        no_barriers(page)
        page.get_by_label(label).fill("The soup, on Tuesday.")
        page.get_by_role("button", name=re.compile("^Keep it")).click()
        expect(page.locator(".notices")).to_contain_text("Only you can read it.")
    page.goto("/practices/supporters/")
    page.get_by_role("button", name="Draw one").click()
    expect(page.locator(".from-jar")).to_contain_text("The soup, on Tuesday.")
    # One under the other, from the same edge.
    boxes = [each.bounding_box() for each in page.locator(".from-jar > *").all()]
    assert len({box["x"] for box in boxes if box}) == 1
    no_barriers(page)


@pytest.mark.slow
def test_what_somebody_left_in_the_middle_is_on_no_page_and_ones_own_words_stay(
    server: Server, couple: Couple, troubles: Troubles
) -> None:
    troubles.allow("40[49]|WebSocket")
    couple.ana.set_viewport_size(PHONE)
    # Told, and nobody answers; what waits is on Ben's home page and says nothing of being late.
    news = write(couple.ana, "tell-first", {"The news": "We got the flat."}, "Tell Ben")
    go(couple.ben, "/home/")
    expect(couple.ben.locator("#waiting")).to_contain_text("Told here first")
    asked = write(
        couple.ana, "joint-decisions", {"The question": "We get a dog."}, "Put it to both of us"
    )
    go(couple.ben, asked)
    answered(couple.ben, "Not yet", CANARY)
    couple.ben.get_by_role("button", name="I am ready").click()
    says(couple.ana, "Ben is ready.")
    repair = write(couple.ana, "repair", {"What is it about?": "Sunday"}, "Begin the repair")
    couple.ana.get_by_label("How it was for me").fill("I stood in the hall.")
    couple.ana.get_by_role("button", name="Tell Ben").click()
    says(couple.ana, "It goes on once both are.")
    couple.ana.get_by_label("How it was for me").fill("And then it rained.")
    expect(couple.ana.locator("auto-save output")).to_have_text("Saved")
    server.shell(f"""
from couples.models import User
User.objects.get(email={couple.ben_email!r}).partner.leave()
""")
    # The page that she has open says so, and keeps what she types and sends.
    late = couple.ana.get_by_label("How it was for me")
    late.fill("And nobody heard it.")
    expect(couple.ana.locator("auto-save output")).to_contain_text("not there any more")
    couple.ana.get_by_role("button", name="Tell Ben").click()
    couple.ana.wait_for_timeout(500)
    expect(late).to_have_value("And nobody heard it.")
    for page in (couple.ana, couple.ben):
        for address in (news, asked, repair):
            response = page.goto(address)
            assert response is not None
            assert response.status == 404 or "/moments/" not in page.url
        page.goto("/kept/")
        page.get_by_role("link", name="Read", exact=True).click()
        no_barriers(page)
        kept = page.url
        page.get_by_role("link", name="Read: What we did together").click()
        no_barriers(page)
        for words in ("We got the flat.", "I stood in the hall."):
            expect(page.locator("main")).to_contain_text(words)
        for words in ("And then it rained.", CANARY):
            expect(page.locator("main")).not_to_contain_text(words)
        page.goto(f"{kept}own-practices/")
    hers, his = (page.locator("main") for page in (couple.ana, couple.ben))
    expect(hers).to_contain_text("And then it rained.")
    expect(his).to_contain_text(CANARY)
    expect(his).not_to_contain_text("And then it rained.")
    expect(hers).not_to_contain_text(CANARY)


# -- Blind → reveal ------------------------------------------------------------------------------


def answered(page: Page, choice: str, words: str) -> None:
    if choice:
        page.get_by_role("radio", name=choice, exact=True).check()
    page.locator("#moment-act textarea").fill(words)
    expect(page.locator("auto-save output")).to_have_text("Saved")


def rested(couple: Couple, resting: str, awake: str) -> None:
    """One lays it down, and the other takes it up again."""
    couple.ana.get_by_role("button", name="Leave it there for now").click()
    for page in (couple.ana, couple.ben):
        says(page, resting)
    no_barriers(couple.ana, couple.ben)
    couple.ben.get_by_role("button", name="Take it up again").click()
    for page in (couple.ana, couple.ben):
        says(page, awake)


@pytest.mark.slow
@pytest.mark.each_database
def test_two_yeses_decide_and_anything_else_goes_back_to_the_table(
    couple: Couple, troubles: Troubles
) -> None:
    couple.ben.set_viewport_size(PHONE)
    address = write(
        couple.ana, "joint-decisions", {"The question": "We get a dog."}, "Put it to both of us"
    )
    go(couple.ben, address)
    no_barriers(couple.ana, couple.ben)
    answered(couple.ben, "Not yet", CANARY)
    # Left in the middle, and come back to.
    couple.ben.goto("/home/")
    go(couple.ben, address)
    expect(couple.ben.locator("#moment-act textarea")).to_have_value(CANARY)
    expect(couple.ben.get_by_role("radio", name="Not yet", exact=True)).to_be_checked()
    couple.ben.get_by_role("button", name="I am ready").click()
    says(couple.ben, "You are ready.")
    says(couple.ana, "Ben is ready.")
    assert CANARY not in couple.ana.content()
    couple.ben.get_by_role("button", name="Change my answer").click()
    says(couple.ana, "Not both of you are ready.")
    couple.ben.get_by_role("button", name="I am ready").click()
    answered(couple.ana, "Yes", "A walk every morning.")
    couple.ana.get_by_role("button", name="I am ready").click()
    for page in (couple.ana, couple.ben):
        says(page, "Back to the table.")
        expect(page.locator("#moment-now")).to_contain_text(CANARY)
        expect(page.locator("#moment-now")).to_contain_text("A walk every morning.")
    no_barriers(couple.ana, couple.ben)
    rested(couple, "Not decided", "Back to the table.")
    couple.ben.get_by_label("How would you say it now?").fill("A fence, then a dog.")
    couple.ben.get_by_role("button", name="Put it to both of us again").click()
    for page in (couple.ana, couple.ben):
        page.get_by_role("radio", name="Yes", exact=True).check()
        page.get_by_role("button", name="I am ready").click()
    for page in (couple.ana, couple.ben):
        says(page, "Decided: both of you said yes.")
    couple.ana.goto("/practices/decisions/")
    expect(couple.ana.locator("main")).to_contain_text("A fence, then a dog.")
    no_barriers(couple.ana, couple.ben)


@pytest.mark.slow
def test_what_the_other_does_while_the_form_is_on_its_way(couple: Couple) -> None:
    """The page asks again, also when the answer that it waits for is of a moment ago."""
    ana, ben = couple.ana, couple.ben
    question = {"The question": "We get a dog."}
    go(ben, write(ana, "joint-decisions", question, "Put it to both of us"))
    for page, choice in ((ana, "Yes"), (ben, "Not yet")):
        page.get_by_role("radio", name=choice, exact=True).check()

    def meanwhile(route: Route) -> None:
        answer = route.fetch()
        ben.get_by_role("button", name="Leave it there for now").click()
        says(ben, "Not decided")
        # Her page has heard of it before this answer arrives.
        ana.wait_for_timeout(1_000)
        route.fulfill(response=answer)

    ana.get_by_role("button", name="I am ready").click()
    says(ana, "You are ready.")
    ana.route("**/moments/**part=act**", meanwhile, times=1)
    ben.get_by_role("button", name="I am ready").click()
    expect(ana.get_by_role("button", name="Take it up again")).to_be_visible()
    expect(ana.locator("#moment-act textarea")).to_have_count(0)


def test_ready_comes_behind_the_words_that_are_on_their_way(couple: Couple) -> None:
    """What is being kept arrives first; it would come too late when the other is ready."""
    ana, ben = couple.ana, couple.ben
    question = {"The question": "We get a cat."}
    go(ben, write(ana, "joint-decisions", question, "Put it to both of us"))
    answered(ben, "Not yet", CANARY)
    ben.get_by_role("button", name="I am ready").click()
    says(ana, "Ben is ready.")
    held: list[Route] = []
    ana.route("**/moments/*/write/", lambda route: held.append(route), times=1)
    with ana.expect_request("**/moments/*/write/"):
        ana.get_by_role("radio", name="Yes", exact=True).check()
    sent: list[str] = []
    ana.on("request", lambda request: sent.append(request.method))
    ana.get_by_role("button", name="I am ready").click()
    ana.wait_for_timeout(500)
    assert "POST" not in sent
    for route in held:
        route.continue_()
    says(ana, "Back to the table.")
    expect(ana.get_by_text(CANARY)).to_be_visible()


def test_stopped_before_the_reveal_nothing_is_shown(couple: Couple) -> None:
    couple.ana.set_viewport_size(PHONE)
    for kind, field, button, choice in (
        ("ws", "What is it about?", "Begin, both unseen", ""),
        ("joint-decisions", "The question", "Put it to both of us", "Not yet"),
    ):
        address = write(couple.ana, kind, {field: "The summer"}, button)
        go(couple.ben, address)
        answered(couple.ben, choice, CANARY)
        couple.ben.get_by_role("button", name="I am ready").click()
        says(couple.ana, "Ben is ready.")
        couple.ana.get_by_text("Stop this").click()
        couple.ana.get_by_role("button", name="Stop, and delete the answers").click()
        for page in (couple.ana, couple.ben):
            says(page, "Stopped before anything was shown.")
            assert CANARY not in page.content()
        no_barriers(couple.ana, couple.ben)


def test_needs_then_ideas_then_what_works_for_both(couple: Couple) -> None:
    couple.ana.set_viewport_size(PHONE)
    long = "Donaudampfschifffahrtsgesellschaftskapitänskajütenschlüsselloch"
    address = write(couple.ana, "ws", {"What is it about?": long}, "Begin, both unseen")
    couple.ben.set_viewport_size(PHONE)
    no_barriers(go(couple.ben, "/home/"))
    go(couple.ben, address)
    for page, words in ((couple.ben, CANARY), (couple.ana, "The sea.")):
        answered(page, "", words)
        page.get_by_role("button", name="I am ready").click()
    for page in (couple.ana, couple.ben):
        says(page, "What each of you needs is here.")
        expect(page.locator("#moment-now")).to_contain_text(CANARY)
    rested(couple, "Nothing chosen", "What each of you needs is here.")
    couple.ben.get_by_label("An idea.").fill("half a sentence")
    couple.ana.get_by_label("An idea.").fill("A tent by the lake.")
    couple.ana.get_by_role("button", name="Add the idea").click()
    # Ben sees it, and what he is typing stays.
    expect(couple.ben.locator(".idea")).to_contain_text("A tent by the lake.")
    expect(couple.ben.get_by_label("An idea.")).to_have_value("half a sentence")
    couple.ben.get_by_role("button", name="This works for me").press("Enter")
    expect(couple.ana.locator(".idea")).to_contain_text("Works for Ben.")
    # So it does while he marks, and he is where he was.
    expect(couple.ben.get_by_label("An idea.")).to_have_value("half a sentence")
    expect(couple.ben.get_by_role("button", name="Not for me, after all")).to_be_focused()
    expect(couple.ana.get_by_role("button", name="Choose this one")).to_have_count(0)
    couple.ana.get_by_role("button", name="This works for me").click()
    no_barriers(couple.ana, couple.ben)
    couple.ana.get_by_role("button", name="Choose this one").click()
    for page in (couple.ana, couple.ben):
        says(page, "This one works for both of you.")
    no_barriers(couple.ana, couple.ben)


# -- Mutual marks --------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_repair_is_mended_when_both_say_so_and_may_be_opened_again(couple: Couple) -> None:
    couple.ben.set_viewport_size(PHONE)
    address = write(couple.ana, "repair", {"What is it about?": "Sunday"}, "Begin the repair")
    go(couple.ben, address)
    couple.ben.get_by_label("How it was for me").fill("half a sentence")
    couple.ana.get_by_label("How it was for me").fill("I stood in the hall.")
    couple.ana.get_by_label("My part in it").fill("I shouted.")
    couple.ana.get_by_role("button", name="Tell Ben").click()
    expect(couple.ben.locator("#moment-now")).to_contain_text("I stood in the hall.")
    expect(couple.ben.get_by_label("How it was for me")).to_have_value("half a sentence")
    no_barriers(couple.ana, couple.ben)
    couple.ben.get_by_role("button", name="Tell Ana").click()
    for page in (couple.ana, couple.ben):
        says(page, "Both sides are told.")
    for page in (couple.ana, couple.ben):
        for what in ("I feel heard", "I feel soothed", "I feel understood"):
            mark = page.get_by_role("button", name=what)
            mark.click()
            live(page)
            if (page, what) != (couple.ben, "I feel understood"):
                expect(mark).to_have_attribute("aria-pressed", "true")
    for page in (couple.ana, couple.ben):
        says(page, "Mended.")
    no_barriers(couple.ana, couple.ben)
    couple.ana.get_by_role("button", name="Open it again").click()
    for page in (couple.ana, couple.ben):
        says(page, "Both sides are told.")
    couple.ana.get_by_role("button", name="Leave it there for now").click()
    for page in (couple.ana, couple.ben):
        says(page, "This rests.")
    no_barriers(couple.ana, couple.ben)


def say(page: Page, leads: str, decides: str) -> None:
    page.get_by_role("group", name="Who keeps it going?").get_by_label(leads).check()
    page.get_by_role("group", name="Who has the last word?").get_by_label(decides).check()
    page.get_by_role("button", name="Say it could be like this").click()


def test_an_area_holds_once_both_say_the_same(couple: Couple) -> None:
    couple.ana.set_viewport_size(PHONE)
    address = write(
        couple.ana, "share-power", {"One area of your life": "Money"}, "Put it on the list"
    )
    go(couple.ben, address)
    say(couple.ana, "Ana", "Both of us")
    expect(couple.ben.get_by_role("button", name="Agree to this")).to_be_visible()
    say(couple.ben, "Ben", "Both of us")
    for page in (couple.ana, couple.ben):
        says(page, "You see it differently.")
        expect(page.locator(".differs").first).to_contain_text("(you differ)")
    no_barriers(couple.ana, couple.ben)
    couple.ben.get_by_role("button", name="Take mine back").click()
    expect(couple.ana.get_by_role("button", name="Agree to this")).to_have_count(0)
    couple.ana.get_by_role("button", name="Take it off the list for now").click()
    for page in (couple.ana, couple.ben):
        says(page, "Off the list for now.")
    no_barriers(couple.ana, couple.ben)
    couple.ben.get_by_role("button", name="Take it up again").click()
    say(couple.ben, "Ben", "Both of us")
    couple.ana.get_by_role("button", name="Agree to this").click()
    for page in (couple.ana, couple.ben):
        says(page, "Agreed.")
    no_barriers(couple.ana, couple.ben)

"""What makes an edit a valid one: a test for each rule, with a page that does not keep to it."""

from collections.abc import Iterable, Iterator
from functools import cache
from uuid import uuid4

import pycrdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from letters.text import crdt, validity
from letters.text.ids import Id
from letters.text.lib0 import Malformed, uint
from letters.text.model import Kind
from letters.text.replica import Replica
from letters.text.runs import Marker, runs
from letters.text.updates import ANY, ERASED, FORMAT, STRING, TYPE, entry, parse, string, write
from letters.text.validity import Ahead, Foreign, TooLarge, Writer
from tests.letters.sheets import Desk, Sheet

ANAS, BENS = 100, 101
LETTER = b"\x01" + string("letter")
NOTE = "note:0b2f9a52-65c1-4a0e-9d2b-6f2f8f2b7a11"


def item(
    kind: int,
    content: bytes,
    *,
    left: Id | None = None,
    right: Id | None = None,
    parent: bytes | None = None,
    key: str | None = None,
) -> bytes:
    """A struct, whatever it is."""
    info = kind | (128 if left else 0) | (64 if right else 0) | (32 if key else 0)
    parts = [bytes((info,))]
    parts += [uint(each.client) + uint(each.clock) for each in (left, right) if each]
    if not left and not right:
        assert parent is not None
        parts += [parent, string(key) if key else b""]
    return b"".join([*parts, content])


def within(marker: Id) -> bytes:
    return b"\x00" + uint(marker.client) + uint(marker.clock)


def words(text: str, left: Id, right: Id | None = None) -> bytes:
    return item(STRING, string(text), left=left, right=right)


class Scene:
    """A letter with Ana's and Ben's words, a suggestion of each, and Ben's page, which is about to
    write by hand."""

    def __init__(self) -> None:
        self.desk = Desk("Hers.", sheets=2)
        self.ana, self.ben = self.desk.sheets
        self.ana.type("Ana wrote 👍 this.")
        self.hers = self.ana.suggest(" Perhaps.")
        self.ana.suggest_kind(1, "closing", self.ana.name())
        self.desk.take()
        self.his = self.ben.suggest_without(self.ben.marker(-1) + 1, 3)
        self.placing = str(uuid4())
        self.ana.doc.get("placed", type=pycrdt.Map)["one"] = self.placing
        self.desk.take()

    @property
    def replica(self) -> Replica:
        return self.desk.replica

    @property
    def clock(self) -> int:
        return self.replica.known.get(BENS, 0)

    def marker(self, block: int) -> Id:
        return [sign.name for sign in self.ben.signs(named=True) if sign.kind][block]

    def sign(self, text: str) -> Id:
        return next(sign.name for sign in self.ben.signs(named=True) if sign.text == text)

    @property
    def last(self) -> Id:
        return self.ben.signs(named=True)[-1].name

    def kind_of(self, block: int) -> Id:
        return self.current((self.marker(block), "k"))

    def current(self, place: tuple[Id | str, str]) -> Id:
        found = self.replica.current(place)
        assert found is not None
        return found

    def edit(
        self,
        *structs: bytes,
        clock: int | None = None,
        client: int = BENS,
        erased: Iterable[tuple[int, int, int]] = (),
    ) -> bytes:
        return write(client, self.clock if clock is None else clock, structs, erased)

    def check(self, update: bytes, seat: str | None = "two") -> None:
        self.replica.check(update, Writer(BENS, seat))


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture(autouse=True)
def unchanged(request: pytest.FixtureRequest) -> Iterator[None]:
    """What is refused has changed nothing."""
    if "scene" not in request.fixturenames:
        yield
        return
    scene: Scene = request.getfixturevalue("scene")
    before = scene.replica.doc.get_update()
    known = dict(scene.replica.known)
    yield
    assert scene.replica.doc.get_update() == before
    assert scene.replica.known == known


# -- Whose, and when -----------------------------------------------------------------------------


def test_honest_edits_are_let_in(scene: Scene) -> None:
    page = Sheet(*scene.desk.log, client=BENS, seat="two")
    page.type("And Ben 🫖.\nTwice.")
    page.split()
    page.split(5, "line")
    page.set_kind(2, "signature")
    page.mark(7, 3, {"strong": True, NOTE: True})
    page.mark(7, 2, {NOTE: None})
    page.suggest("more", 9)
    page.suggest_split(12)
    page.suggest_without(6, 12)
    page.suggest_kind(1, "paragraph")
    page.set_kind(1, "paragraph")
    page.erase(5, 9)
    page.doc.get("placed", type=pycrdt.Map)["two"] = str(uuid4())
    replica = Replica.load(scene.desk.log)
    for update in page.sent():
        replica.apply(update, replica.check(update, page.writer), client=BENS)
    assert replica.doc.get_state() == page.doc.get_state()


def test_words_under_the_others_client_are_refused(scene: Scene) -> None:
    for clock in (0, 5, scene.replica.known[ANAS], scene.replica.known[ANAS] + 7, 2**30):
        with pytest.raises(Foreign):
            scene.check(scene.edit(words("x", scene.last), client=ANAS, clock=clock))
    with pytest.raises(Foreign):
        scene.check(scene.edit(words("x", scene.last), client=12345, clock=0))


def test_words_of_oneself_must_follow_the_ones_before(scene: Scene) -> None:
    for clock in (scene.clock - 1, scene.clock + 1, 2**30):
        with pytest.raises(Ahead):
            scene.check(scene.edit(words("x", scene.last), clock=clock))
    with pytest.raises(Ahead):  # a gap in the row
        scene.check(scene.edit(words("x", scene.last), b"\x0a\x02", words("y", scene.last)))
    scene.check(scene.edit(words("x", scene.last)))


def test_a_clock_that_was_gone_through_is_known(scene: Scene) -> None:
    """The kinds of a block that was made and erased again before it was sent."""
    scene.check(scene.edit(b"\x00\x05", words("x", scene.last)))
    with pytest.raises(Malformed, match="gone"):
        scene.check(scene.edit(b"\x00\x05", words("x", Id(BENS, scene.clock + 4))))


@pytest.mark.parametrize("beyond", [0, 1, 2**30])
def test_neighbours_must_be_known(scene: Scene, beyond: int) -> None:
    hers = Id(ANAS, scene.replica.known[ANAS] + beyond)
    with pytest.raises(Ahead):
        scene.check(scene.edit(words("x", hers)))
    with pytest.raises(Ahead):
        scene.check(scene.edit(words("x", scene.last, hers)))
    with pytest.raises(Ahead):
        scene.check(scene.edit(words("x", Id(BENS, scene.clock + beyond))))
    with pytest.raises(Ahead):
        scene.check(scene.edit(words("x", Id(777, beyond))))
    with pytest.raises(Ahead):
        scene.check(scene.edit(entry("k", "line", parent=hers, after=None)))


# -- What goes -----------------------------------------------------------------------------------


def test_only_what_is_known_is_erased(scene: Scene) -> None:
    for client in (ANAS, BENS, 777):
        known = scene.replica.known.get(client, 0)
        for start, end in ((known, 2**30), (known, known + 1), (max(known - 1, 0), known + 1)):
            with pytest.raises(Ahead):
                scene.check(scene.edit(erased=[(client, start, end)]))
    # What this update brings itself may go with it.
    scene.check(scene.edit(words("xy", scene.last), erased=[(BENS, scene.clock, scene.clock + 2)]))
    with pytest.raises(Ahead):
        scene.check(
            scene.edit(words("xy", scene.last), erased=[(BENS, scene.clock, scene.clock + 3)])
        )


def test_the_first_block_stays(scene: Scene) -> None:
    first = scene.replica.first
    assert first == scene.marker(0)
    with pytest.raises(Malformed, match="first block"):
        scene.check(scene.edit(erased=[(*first, first.clock + 1)]))
    with pytest.raises(Malformed, match="first block"):
        scene.check(scene.edit(erased=[(first.client, first.clock, first.clock + 9)]))
    name = scene.ben.name()
    with pytest.raises(Malformed, match="first block"):
        scene.check(scene.edit(entry(f"del:{name}", "two", parent=first, after=None)))
    other = scene.marker(1)
    scene.check(scene.edit(erased=[(*other, other.clock + 1)]))
    scene.check(scene.edit(entry(f"del:{name}", "two", parent=other, after=None)))


def test_nothing_goes_before_the_first_block(scene: Scene) -> None:
    first = scene.marker(0)
    for struct in (
        item(STRING, string("x"), right=first),
        item(TYPE, b"\x01", right=first),
        item(FORMAT, string("em") + string("true"), right=first),
        item(STRING, string("x"), parent=LETTER),
        item(TYPE, b"\x01", parent=LETTER),
        item(STRING, string("x"), right=scene.last),
    ):
        with pytest.raises(Malformed):
            scene.check(scene.edit(struct))


def test_no_decision_is_erased_or_written() -> None:
    scene = Scene()
    scene.desk.decide("two", scene.ben.asked("accept", scene.hers))
    current = scene.current(("decided", scene.hers))
    with pytest.raises(Malformed):
        scene.check(scene.edit(erased=[(*current, current.clock + 1)]))
    value = '{"verdict":"decline","n":9,"ranges":[]}'
    for struct in (
        entry(scene.hers, value, parent="decided", after=None),
        entry(scene.his, value, parent="decided", after=None),
        entry(scene.hers, value, parent="decided", after=current),
        item(ERASED, b"\x01", left=current),
        item(ERASED, b"\x01", parent=b"\x01" + string("decided"), key=scene.hers),
        words("x", current),
    ):
        with pytest.raises(Malformed):
            scene.check(scene.edit(struct))


def test_half_a_character_does_not_go_and_nothing_comes_between(scene: Scene) -> None:
    thumb = scene.sign("👍")
    second = Id(thumb.client, thumb.clock + 1)
    for span in ((*thumb, second.clock), (*second, second.clock + 1), (*second, second.clock + 4)):
        with pytest.raises(Malformed):
            scene.check(scene.edit(erased=[span]))
    with pytest.raises(Malformed):
        scene.check(scene.edit(words("x", thumb)))
    with pytest.raises(Malformed):
        scene.check(scene.edit(words("x", thumb, second)))
    scene.check(scene.edit(words("x", second)))
    scene.check(scene.edit(erased=[(*thumb, second.clock + 1)]))


# -- What there is -------------------------------------------------------------------------------


@pytest.mark.parametrize("root", ["letters", "decided", "", "__proto__", "placed", "prosemirror"])
def test_there_is_no_other_root(scene: Scene, root: str) -> None:
    parent = b"\x01" + string(root)
    for struct in (
        item(STRING, string("x"), parent=parent),
        item(TYPE, b"\x01", parent=parent),
        item(TYPE, b"\x01", parent=parent, key="two"),
        item(ANY, b"\x01\x77\x01x", parent=parent),
        item(ANY, b"\x01\x77\x01x", parent=parent, key="two"),
        item(ANY, b"\x01\x77\x01x", parent=parent, key="other"),
    ):
        with pytest.raises(Malformed):
            scene.check(scene.edit(struct))


def test_the_letter_is_no_map(scene: Scene) -> None:
    with pytest.raises(Malformed):
        scene.check(scene.edit(entry("two", scene.placing, parent="letter", after=None)))


def test_a_placing_is_ones_own(scene: Scene) -> None:
    mine = str(uuid4())
    scene.check(scene.edit(entry("two", mine, parent="placed", after=None)))
    hers = scene.current(("placed", "one"))
    for struct in (
        entry("one", mine, parent="placed", after=None),
        entry("one", mine, parent="placed", after=hers),
        entry("two", "no placing", parent="placed", after=None),
        entry("two", mine.upper(), parent="placed", after=None),
        item(ERASED, b"\x01", left=hers),
    ):
        with pytest.raises(Malformed):
            scene.check(scene.edit(struct))
    with pytest.raises(Malformed):
        scene.check(scene.edit(erased=[(*hers, hers.clock + 1)]))
    with pytest.raises(Malformed):  # a personal letter has none
        scene.check(scene.edit(entry("two", mine, parent="placed", after=None)), None)


@pytest.mark.parametrize("type_", [0, 2, 3, 4, 5, 6])
def test_nothing_but_blocks_is_embedded(scene: Scene, type_: int) -> None:
    named = string("p") if type_ in (3, 5) else b""
    with pytest.raises(Malformed):
        scene.check(scene.edit(item(TYPE, bytes((type_,)) + named, left=scene.last)))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("k", "heading"),
        ("k", ""),
        ("k", "Line"),
        ("k", "one line"),
        ("kind", "line"),
        ("class", "x"),
        ("__proto__", "x"),
        ("ins:", "two"),
        ("ins:UPPER_1", "two"),
        ("ins:1_1_1", "two"),
        ("note:x", "two"),
        ("strong", "true"),
    ],
)
def test_blocks_have_known_keys_and_values(scene: Scene, key: str, value: str) -> None:
    for block in (0, 1):
        with pytest.raises(Malformed):
            scene.check(scene.edit(entry(key, value, parent=scene.marker(block), after=None)))
    new = Id(BENS, scene.clock)
    with pytest.raises(Malformed):
        scene.check(
            scene.edit(
                item(TYPE, b"\x01", left=scene.last), entry(key, value, parent=new, after=None)
            )
        )


@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_block_is_let_in(scene: Scene, kind: Kind) -> None:
    scene.check(scene.edit(entry("k", kind.value, parent=scene.marker(1), after=None)))
    scene.check(scene.edit(entry("k", kind.value, parent="x", after=scene.kind_of(1))))
    new = Id(BENS, scene.clock)
    marker = item(TYPE, b"\x01", left=scene.last)
    scene.check(scene.edit(marker, entry("k", kind.value, parent=new, after=None)))


def test_values_are_strings_and_lie_in_blocks(scene: Scene) -> None:
    kind, letter = scene.kind_of(1), scene.sign("A")
    for struct in (
        words("line", kind),
        item(TYPE, b"\x01", left=kind),
        item(FORMAT, string("em") + string("true"), left=kind),
        item(ANY, b"\x01\x77" + string("line"), left=kind, right=scene.last),
        item(ANY, b"\x01\x77" + string("line"), right=kind),
        item(STRING, string("x"), right=kind),
        item(ANY, b"\x01\x77" + string("line"), left=letter),
        item(ANY, b"\x01\x77" + string("line"), parent=within(letter), key="k"),
        item(ANY, b"\x01\x77" + string("line"), parent=within(kind), key="k"),
        item(ANY, b"\x01\x77" + string("line"), parent=within(scene.marker(1))),
        item(TYPE, b"\x01", parent=within(scene.marker(1)), key="k"),
        item(STRING, string("line"), parent=within(scene.marker(1)), key="k"),
    ):
        with pytest.raises(Malformed):
            scene.check(scene.edit(struct))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("strong", '"yes"'),
        ("em", "{}"),
        ("em", "1"),
        ("link", "true"),
        ("em--a1b2c3d4", "true"),
        ("__proto__", "true"),
        ("note", "true"),
        ("note:x", "true"),
        (NOTE.upper(), "true"),
        (NOTE, '"one"'),
        ("insertion", "true"),
    ],
)
def test_marks_are_known_and_have_known_values(scene: Scene, key: str, value: str) -> None:
    with pytest.raises(Malformed):
        scene.check(scene.edit(item(FORMAT, string(key) + string(value), left=scene.last)))


@pytest.mark.parametrize("key", ["strong", "em", NOTE])
@pytest.mark.parametrize("value", ["true", "null"])
def test_marks_that_a_letter_has(scene: Scene, key: str, value: str) -> None:
    update = scene.edit(item(FORMAT, string(key) + string(value), left=scene.last))
    scene.check(update)
    if key == NOTE:
        with pytest.raises(Malformed, match="personal"):
            scene.check(update, None)
    else:
        scene.check(update, None)


@pytest.mark.parametrize(
    "sign",
    [
        *"\x00\x07\t\n\v\f\r\x1b\x7f\x80\x85\x9f\u2029\ue000\uf8ff\ufff9\ufffc\ufffe\uffff",
        "\U000f0000",
        "\U0010ffff",
    ],
)
def test_signs_that_no_letter_has(scene: Scene, sign: str) -> None:
    for text in (sign, f"and{sign}on", f"👍{sign}"):
        with pytest.raises(Malformed):
            scene.check(scene.edit(words(text, scene.last)))


@pytest.mark.parametrize(
    "text", ["\u2028", "👩‍👩‍👧", "\u200b\u200f", "\ufffd", "\ufeff", "ﬁ", "שלום", "\u00a0"]
)
def test_signs_that_a_letter_has(scene: Scene, text: str) -> None:
    scene.check(scene.edit(words(text, scene.last)))


# -- In whose name -------------------------------------------------------------------------------


def suggestions(name: str, seat: str, scene: Scene) -> Iterator[bytes]:
    marker = scene.marker(1)
    yield item(FORMAT, string(f"ins:{name}") + string(f'"{seat}"'), left=scene.last)
    yield item(FORMAT, string(f"del:{name}") + string(f'"{seat} 2s.1.3"'), left=scene.last)
    yield entry(f"ins:{name}", seat, parent=marker, after=None)
    yield entry(f"del:{name}", seat, parent=marker, after=None)
    yield entry(f"kind:{name}", f"{seat} line", parent=marker, after=None)


def test_one_suggests_in_ones_own_name(scene: Scene) -> None:
    for struct in suggestions(scene.ben.name(), "two", scene):
        scene.check(scene.edit(struct))


@pytest.mark.parametrize(
    ("name", "seat"),
    [
        pytest.param("2t_99", "one", id="in the other's name"),
        pytest.param("2s_99", "two", id="under the name of the other's page"),
        pytest.param("2s_99", "one", id="as the other altogether"),
        pytest.param("2t_99", "three", id="as nobody"),
        pytest.param("2t_99", "", id="as nobody at all"),
        pytest.param("2t_999999999", "two", id="under no name"),
        pytest.param("2t", "two", id="without a clock"),
    ],
)
def test_nobody_suggests_as_somebody_else(scene: Scene, name: str, seat: str) -> None:
    for struct in suggestions(name, seat, scene):
        with pytest.raises(Malformed):
            scene.check(scene.edit(struct))


def test_a_suggestion_has_one_owner(scene: Scene) -> None:
    for struct in suggestions(scene.hers, "two", scene):
        with pytest.raises(Malformed):
            scene.check(scene.edit(struct))


@pytest.mark.parametrize(
    "value",
    ['"two"', '"two "', '"two 1"', '"two 1.2"', '"two 1.2.3 "', '"two  1.2.3"', '"two 1.2.X"', "1"],
)
def test_words_to_go_are_named(scene: Scene, value: str) -> None:
    mark = string(f"del:{scene.ben.name()}") + string(value)
    with pytest.raises(Malformed):
        scene.check(scene.edit(item(FORMAT, mark, left=scene.last)))


@pytest.mark.parametrize("value", ["two", "two heading", "two  line", "line", "two line x"])
def test_a_proposed_kind_is_a_kind(scene: Scene, value: str) -> None:
    proposed = entry(f"kind:{scene.ben.name()}", value, parent=scene.marker(1), after=None)
    with pytest.raises(Malformed):
        scene.check(scene.edit(proposed))


def test_the_others_marks_come_again_only_as_they_were(scene: Scene) -> None:
    """Yjs writes them anew behind what is typed within them."""
    hers = item(FORMAT, string(f"ins:{scene.hers}") + string('"one"'), left=scene.last)
    off = item(FORMAT, string(f"ins:{scene.hers}") + string("null"), left=scene.last)
    scene.check(scene.edit(off))
    scene.check(scene.edit(hers))
    for value in ('"one 1.1.1"', '"two"', "true"):
        mark = string(f"ins:{scene.hers}") + string(value)
        with pytest.raises(Malformed):
            scene.check(scene.edit(item(FORMAT, mark, left=scene.last)))
    mark = string(f"del:{scene.hers}") + string('"one 2s.1.1"')
    with pytest.raises(Malformed):
        scene.check(scene.edit(item(FORMAT, mark, left=scene.last)))


def test_a_block_that_an_undo_brings_back_has_its_proposals(scene: Scene) -> None:
    desk = Desk("One.", "Two.", sheets=2)
    ana, ben = desk.sheets
    ana.suggest_kind(1, "closing")
    desk.take()
    with ben.taking_back():
        ben.erase(ben.marker(1))
    desk.take()
    assert [sign.marks for sign in ana.signs() if sign.kind][1]


def test_what_is_proposed_about_a_block_may_be_taken_off_and_put_back(scene: Scene) -> None:
    """Ben's page made something else of the block, and took that back."""
    marker = scene.marker(1)
    ((name, value),) = scene.replica.proposals[marker].items()
    after = scene.current((marker, name))
    scene.check(
        scene.edit(
            entry(name, value, parent=marker, after=after), erased=[(*after, after.clock + 1)]
        )
    )
    other = value.replace("closing", "signature")
    with pytest.raises(Malformed, match="other's name"):
        scene.check(scene.edit(entry(name, other, parent=marker, after=after)))


def test_a_block_may_go_and_come_again_before_anybody_hears_of_it() -> None:
    """Ben's page was away; what it erased and put back again and again comes as one."""
    desk = Desk("One.", "Two.", sheets=2)
    ana, ben = desk.sheets
    ana.suggest_kind(1, "closing")
    desk.take()
    ((name, value),) = desk.replica.proposals[ana.signs(named=True)[ana.marker(1)].name].items()
    old = ana.signs(named=True)[ana.marker(1)].name
    before = ana.signs(named=True)[ana.marker(1) - 1].id
    client = ben.client_id
    first, second = Id(client, 0), Id(client, 1)
    structs = [
        item(ERASED, uint(1), left=before, right=old),
        item(TYPE, b"\x01", left=before, right=first),
        entry("k", "line", parent=second, after=None),
        entry(name, value, parent=second, after=None),
    ]
    erased = [(*old, old.clock + 1), (client, 0, 1)]
    desk.replica.check(write(client, 0, structs, erased), ben.writer)
    with pytest.raises(Malformed, match="other's name"):  # the old one is still there
        desk.replica.check(write(client, 0, structs, erased[1:]), ben.writer)
    structs[0] = item(ERASED, uint(1), left=before, right=ana.signs(named=True)[-1].id)
    with pytest.raises(Malformed, match="other's name"):
        desk.replica.check(write(client, 0, structs, erased), ben.writer)


def test_what_a_crash_took_of_a_suggestion_is_recalled() -> None:
    """Ben undid his erasing of a block about which Ana had proposed something, and nothing of all
    that was written down. Her page has no more of it than that it is gone."""
    desk = Desk("One.", "Two.", sheets=2)
    ana, ben = desk.sheets
    server = Replica.load(desk.log)
    ana.suggest_kind(1, "closing")
    told = ana.doc.get_update(server.doc.get_state())
    desk.take()
    with ben.taking_back():
        ben.erase(ben.marker(1))
        desk.take()
    hers = crdt.beyond(ana.doc.get_update(), server.doc.get_state())
    server.apply(hers, server.check(hers, ana.writer))
    his = crdt.merge(ben.sent())[0]
    with pytest.raises(Malformed, match="other's name"):
        server.check(his, ben.writer)
    server.recall(parse(told))
    server.apply(his, server.check(his, ben.writer))
    assert [id for id in server.proposals if id.client == ben.client_id]


def test_proposals_of_the_other_are_not_put_on_other_blocks(scene: Scene) -> None:
    name = next(n for n in scene.replica.proposals[scene.marker(1)] if n.startswith("kind:"))
    value = scene.replica.proposals[scene.marker(1)][name]
    new = Id(BENS, scene.clock)
    marker = item(TYPE, b"\x01", left=scene.last)
    with pytest.raises(Malformed, match="other's name"):
        scene.check(scene.edit(marker, entry(name, value, parent=new, after=None)))
    with pytest.raises(Malformed, match="other's name"):
        scene.check(scene.edit(entry(name, value, parent=scene.marker(2), after=None)))


def test_a_personal_letter_knows_no_suggestions(scene: Scene) -> None:
    for struct in suggestions(scene.ben.name(), "two", scene):
        with pytest.raises(Malformed):
            scene.check(scene.edit(struct), None)


# -- How much ------------------------------------------------------------------------------------


def test_a_letter_has_an_end(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    size = scene.replica.measure()
    monkeypatch.setattr(validity, "HARD_LIMIT", size + 3)
    scene.check(scene.edit(words("abc", scene.last)))
    with pytest.raises(TooLarge):
        scene.check(scene.edit(words("abcd", scene.last)))
    with pytest.raises(TooLarge):
        scene.check(scene.edit(words("abc", scene.last), item(TYPE, b"\x01", left=scene.last)))
    # What goes makes room, and may go from a letter that is too long.
    monkeypatch.setattr(validity, "HARD_LIMIT", 0)
    thumb = scene.sign("👍")
    scene.check(scene.edit(erased=[(*thumb, thumb.clock + 2)]))


def test_what_was_erased_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(sheets=1)
    (page,) = desk.sheets
    page.type("x" * 50)
    desk.take()
    monkeypatch.setattr(validity, "HARD_LIMIT", desk.replica.measure())
    page.rub_out(0, 20)
    page.type("y" * 20)
    desk.take()
    page.type("z")
    with pytest.raises(TooLarge):
        desk.take()


def test_characters_and_blocks_after_the_first_count_once() -> None:
    desk = Desk(sheets=1)
    before = desk.replica.measure()
    assert before == len("Dear Relationship,") + 1
    desk.sheets[0].type("é👍\n")
    desk.sheets[0].split()
    desk.take()
    assert desk.replica.measure() == before + 4


# -- By one's own, quickly -----------------------------------------------------------------------


@cache
def one_scene() -> Scene:
    return Scene()


@settings(max_examples=300, deadline=None)
@given(
    text=st.text(st.sampled_from("aé\u2028👍\t\x85\ue000￼ﬁ漢"), max_size=4),
    left=st.tuples(st.sampled_from([ANAS, BENS, 777]), st.integers(0, 40)),
    right=st.none() | st.tuples(st.sampled_from([ANAS, BENS]), st.integers(0, 40)),
    shift=st.sampled_from([0, 0, 0, 1, -1]),
    seat=st.sampled_from(["two", None]),
    end=st.sampled_from([b"", b"\x00", b"x"]),
)
def test_a_keystroke_is_judged_like_any_edit(
    text: str,
    left: tuple[int, int],
    right: tuple[int, int] | None,
    shift: int,
    seat: str | None,
    end: bytes,
) -> None:
    scene = one_scene()
    update = scene.edit(
        item(STRING, string(text), left=Id(*left), right=Id(*right) if right else None),
        clock=scene.clock + shift,
    )
    update += end

    def verdict() -> object:
        try:
            return scene.replica.check(update, Writer(BENS, seat))
        except (Malformed, Foreign, Ahead, TooLarge) as error:
            return type(error)

    quick = verdict()
    slowly = pytest.MonkeyPatch()
    slowly.setattr(Replica, "_keystroke", lambda *_: None)
    try:
        assert verdict() == quick
    finally:
        slowly.undo()


@pytest.mark.parametrize(("at", "text"), [(None, "x"), (3, "word "), (1, "é"), (4, "漢字\u2028")])
def test_what_is_typed_goes_the_quick_way(scene: Scene, at: int | None, text: str) -> None:
    page = Sheet(*scene.desk.log, client=BENS, seat="two")
    page.write(text, at)
    (update,) = page.sent()
    assert parse(update).structs == [scene.replica._keystroke(update, page.writer)]


# -- After that ----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["reopen", "compact"])
def test_a_replica_made_anew_knows_the_same(how: str) -> None:
    scene = Scene()
    scene.desk.decide("two", scene.ben.asked("accept", scene.hers))
    scene.ana.split(5)
    scene.ana.erase(scene.ana.marker(1), 2)
    scene.desk.take()
    old = scene.replica
    getattr(scene.desk, how)()
    new = scene.replica
    for name in ("known", "first", "suggested"):
        assert getattr(new, name) == getattr(old, name), name
    assert sorted(crdt.erased(new.doc)) == sorted(crdt.erased(old.doc))
    alive = {sign.name for sign in scene.ben.signs(named=True) if sign.kind}
    assert alive <= new.markers
    for marker in alive:
        assert new.current((marker, "k")) == old.current((marker, "k"))
        assert new.proposals.get(marker) == old.proposals.get(marker)
    assert new.size == new.measure() == old.measure()


def test_a_kind_may_be_given_to_a_block_that_is_long_gone() -> None:
    """A page that was away does not know, and its other edits count."""
    desk = Desk("One.", "Two.", sheets=1)
    (ana,) = desk.sheets
    away = Sheet(*desk.log, client=555, seat="two")
    away.set_kind(1, "closing")
    away.suggest_kind(1, "signature")
    away.type("Still here.")
    ana.erase(ana.marker(1), 5)
    desk.take()
    desk.compact()
    (update,) = crdt.merge(away.sent())
    desk.replica.apply(update, desk.replica.check(update, away.writer), client=555)
    assert desk.says[-1][1].endswith("Still here.")


KINDS = ("closing", "line", "closing", "signature", "line")


@pytest.mark.parametrize("how", ["reopen", "compact"])
def test_kinds_that_took_each_others_place_are_followed(how: str) -> None:
    """Those that are erased become one struct, and others stand beside each of them."""
    desk = Desk("One.", sheets=2)
    ana, ben = desk.sheets
    ana.set_kind(1, "closing")
    desk.take()
    away = Sheet(*desk.log, client=50, seat="two")
    for kind in KINDS:
        ana.set_kind(1, kind)
    for kind in KINDS:
        away.set_kind(1, kind)
    (all_at_once,) = crdt.merge(away.sent())
    desk.take()
    getattr(desk, how)()
    desk.replica.apply(all_at_once, desk.replica.check(all_at_once, away.writer), client=50)
    desk.log.append(all_at_once)
    for page in desk.sheets:
        page.hear(all_at_once)
    getattr(desk, how)()
    markers = [run.id for run in runs(desk.replica.doc, ids=True) if isinstance(run, Marker)]
    assert markers == [sign.id for sign in ana.signs(named=True) if sign.kind]
    ben.set_kind(1, "signature")
    away = Sheet(*desk.log, client=51, seat="two")
    away.set_kind(1, "paragraph")
    desk.take()
    (update,) = away.sent()
    desk.replica.check(update, away.writer)
    assert desk.says[1] == ("signature", "One.")


def test_kinds_that_were_all_taken_back_may_come_as_one() -> None:
    """A page that was away made a line of a paragraph, and took that and the paragraph back."""
    desk = Desk("One.", sheets=1)
    (ana,) = desk.sheets
    left = ana.signs(named=True)[-1].id
    values = b"\x02\x77" + string("paragraph") + b"\x77" + string("line")
    structs = [
        item(TYPE, b"\x01", left=left),
        item(ANY, values, parent=within(Id(50, 0)), key="k"),
    ]
    update = write(50, 0, structs, [(50, 0, 3)])
    desk.replica.apply(update, desk.replica.check(update, Writer(50, "one")), client=50)
    assert desk.replica.known[50] == 3
    unknown = b"\x02\x77" + string("paragraph") + b"\x77" + string("picture")
    structs = [structs[0], item(ANY, unknown, parent=within(Id(51, 0)), key="k")]
    with pytest.raises(Malformed):
        desk.replica.check(write(51, 0, structs), Writer(51, "one"))


def test_a_stretch_that_is_said_to_be_endless_costs_nothing() -> None:
    desk = Desk("One.", sheets=2)
    ana, ben = desk.sheets
    marker = ana.signs(named=True)[ana.marker(1)].name
    after = desk.replica.current((marker, "k"))
    endless = write(
        ben.client_id,
        0,
        [item(ERASED, uint(2**30), left=after)],
    )
    desk.replica.apply(endless, desk.replica.check(endless, ben.writer), client=ben.client_id)
    desk.log.append(endless)
    desk.reopen()
    assert len(runs(desk.replica.doc, ids=True)) == 5


def test_a_value_that_lost_against_another_may_be_told_as_erased() -> None:
    """Two devices of Ben's place something at once. Ana's page, when it comes back, names all that
    it knows to be erased, the value that lost among it."""
    desk = Desk(sheets=1)
    (ana,) = desk.sheets
    devices = [Sheet(*desk.log, client=client, seat="two") for client in (60, 50)]
    for device in devices:
        device.doc.get("placed", type=pycrdt.Map)["two"] = str(uuid4())
        (update,) = device.sent()
        contents = desk.replica.check(update, device.writer)
        desk.replica.apply(update, contents, client=device.client_id)
        ana.hear(update)
    everything = crdt.beyond(ana.doc.get_update(), desk.replica.doc.get_state())
    assert parse(everything).erased
    desk.replica.check(everything, ana.writer)


def test_what_yjs_tidies_after_an_edit_is_let_in() -> None:
    desk = Desk(sheets=2)
    ana, ben = desk.sheets
    ana.type("some bold words")
    desk.take()
    ana.mark(ana.marker(-1) + 1, 9, {"strong": True})
    ana.mark(ana.marker(-1) + 6, 9, {"em": True})
    ben.mark(ben.marker(-1) + 1, 15, {"strong": True})
    ben.rub_out(0, 6)
    desk.take(ben, ana)
    ben.rub_out(0, 9)
    desk.take()
    for page in (ana, ben):
        update = page.doc.get_update()
        rest = crdt.beyond(update, desk.replica.doc.get_state())
        desk.replica.check(rest, page.writer)


def test_what_another_process_let_in_is_absorbed() -> None:
    desk = Desk(sheets=1)
    other = Replica.load(desk.log)
    (ana,) = desk.sheets
    ana.type("one")
    first = ana.doc.get_update()
    ana.set_kind(1, "closing")
    desk.take()
    other.absorb(first)
    other.absorb(ana.doc.get_update())
    assert other.known == desk.replica.known
    assert other.doc.get_state() == desk.replica.doc.get_state()
    with pytest.raises(crdt.Spoiled):
        other.absorb(b"nonsense")


def test_what_was_brought_back_may_be_anybodys_but_follows() -> None:
    desk = Desk(sheets=2)
    ana, ben = desk.sheets
    ana.type("one")
    ana.type(" two")
    ana.rub_out(0, 2)
    one, two, gone = ana.sent()
    replica = desk.replica
    his = Writer(ben.client_id, "two")
    for update in (two, gone):
        with pytest.raises(Ahead):
            replica.check(update, his, proven=parse(update))
    with pytest.raises(Foreign):
        replica.check(one, his, proven=parse(two))
    for update in (one, two, gone):
        replica.apply(
            update, replica.check(update, his, proven=parse(update)), client=ben.client_id
        )
    assert desk.says[-1] == ("paragraph", "e two")


def test_saved_is_what_the_document_has() -> None:
    desk = Desk()
    (page,) = desk.sheets
    page.type("words")
    desk.take()
    assert desk.replica.has_all()
    span = (page.client_id, 1, 3)
    assert not desk.replica.has_erased([span])
    page.rub_out(1, 3)
    desk.take()
    assert desk.replica.has_erased([span])
    # Should Yrs keep something to itself, it is told.
    desk.replica.known[page.client_id] += 1
    assert not desk.replica.has_all()

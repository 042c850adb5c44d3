"""The catalogue of practices: every kind has its words, for every state and role."""

import pytest

from principles import catalog
from principles.catalog import practices
from principles.catalog.kinds import Kind, Shape, State
from principles.catalog.practices import KINDS
from principles.catalog.sentences import Sentences
from principles.practices.page import BY_KIND, SORRY

# What a moment of each shape can be in; a kind may leave out what does not occur in it.
OF_SHAPE = {
    Shape.OFFER: {
        *(State.PENDING, State.GIVEN, State.ANSWERED, State.LATER),
        *(State.FOLLOWED, State.WITHDRAWN, State.ENDED),
    },
    Shape.BLIND: {
        *(State.OPEN, State.READY, State.TABLE, State.NEEDS),
        *(State.DECIDED, State.STOPPED, State.SUSPENDED),
    },
    Shape.MARKS: {
        *(State.OPEN, State.TOLD, State.MARKING, State.MENDED),
        *(State.DIFFERENT, State.AGREED, State.SUSPENDED),
    },
}


def test_there_is_a_practice_for_each_of_the_ten_in_their_order() -> None:
    assert [kind.slug for kind in KINDS] == [each.slug for each in catalog.PRINCIPLES]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.slug)
class TestEvery:
    def test_state_has_words_for_both_roles(self, kind: Kind) -> None:
        assert set(kind.sentences) == {state.value for state in kind.states}
        for state in kind.states:
            for began in (True, False):
                said = kind.sentence(state, began, "Ben")
                assert said.strip(), (state, began)
                assert "%" not in said

    def test_kind_has_only_states_of_its_shape(self, kind: Kind) -> None:
        assert set(kind.states) <= OF_SHAPE[kind.shape]

    def test_kind_says_what_it_is_and_what_it_is_alone(self, kind: Kind) -> None:
        for words in (kind.name, kind.lead, kind.alone, kind.give, kind.keep, kind.empty):
            assert str(words).strip()
        assert kind.fields

    def test_offer_can_be_answered(self, kind: Kind) -> None:
        if kind.shape is Shape.OFFER:
            assert len({choice.value for choice in kind.responses}) >= 2
        else:
            assert kind.responses == ()

    def test_how_it_went_has_its_words(self, kind: Kind) -> None:
        assert (kind.after is not None) == (State.FOLLOWED in kind.states)

    def test_word_keeps_to_the_voice(self, kind: Kind) -> None:
        said = [kind.name, kind.lead, kind.alone, kind.empty]
        said += [choice.label for choice in kind.responses]
        for pair in kind.sentences.values():
            said += list(pair)
        text = " ".join(str(each) for each in said)
        for never in ("!", "journey", "should", "must", "partner", "late ", "waiting for"):
            assert never not in text.lower(), never

    def test_kind_has_a_model(self, kind: Kind) -> None:
        assert kind.slug in BY_KIND[kind.slug].KINDS


def test_every_state_says_why_something_is_not_possible() -> None:
    assert set(SORRY) == set(State)


def test_a_missing_sentence_would_be_noticed() -> None:
    kind = practices.BY_SLUG["backs"]
    poorer = {name: kind.sentences[name] for name in list(kind.sentences)[1:]}
    assert set(poorer) != {state.value for state in kind.states}
    assert Sentences._fields == ("began", "other")

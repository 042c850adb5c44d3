"""Fixed words of a template are translated once, and say what Django's own tag says."""

import pytest
from django.template import Context, Template, engines
from django.template.backends.django import DjangoTemplates
from django.utils.translation import override

TAGS = [
    '{% translate "Monday" %}',
    "{% trans 'Monday' %}",
    '{% translate "100 % & <b>" %}',
    '{% translate "Monday" noop %}',
    '{% translate "May" context "abbrev. month" %}',
    "{% translate day %}",
    '{% translate "Monday"|upper %}',
    '{% translate "Monday" as this %}[{{ this }}]',
    '{% translate "" %}',
    '{% blocktranslate %}Monday{% endblocktranslate %}{{ "de"|language_name }}',
]


@pytest.fixture(scope="module")
def djangos() -> DjangoTemplates:
    plain = {"NAME": "plain", "DIRS": [], "APP_DIRS": False, "OPTIONS": {}}
    return DjangoTemplates(plain)


@pytest.mark.parametrize("tag", TAGS)
def test_it_says_what_django_says(djangos: DjangoTemplates, tag: str) -> None:
    ours = engines["django"].from_string("{% load i18n %}" + tag)
    theirs = djangos.from_string("{% load i18n %}" + tag)
    for language in ("en", "de", "en", "fr", "de", None):
        for day in ("Monday", "Tuesday", "<Monday>"):
            with override(language):
                assert ours.render({"day": day}) == theirs.render({"day": day})


def test_each_language_has_its_own_words() -> None:
    monday = Template('{% load i18n %}{% translate "Monday" %}')
    said = []
    for language in ("en", "de", "fr", "en"):
        with override(language):
            said.append(monday.render(Context()))
    assert said == ["Monday", "Montag", "lundi", "Monday"]

"""`{% load i18n %}`: Django's own, except that fixed words are translated once for each language.

A page has up to a hundred and forty of them. Each made a lazy string, which asked for the language
and looked the words up: a fifth of a letter's page.
"""

from typing import Any

from django import template
from django.template.base import Parser, Token
from django.template.context import Context
from django.templatetags import i18n
from django.utils.translation import get_language

register = template.Library()
register.tags = dict(i18n.register.tags)
register.filters = dict(i18n.register.filters)


class TranslateNode(i18n.TranslateNode):
    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.made: dict[str | None, str] = {}

    def render(self, context: Context) -> str:
        language = get_language()
        if language not in self.made:
            self.made[language] = super().render(context)
        return self.made[language]


@register.tag("translate")
@register.tag("trans")
def translate(parser: Parser, token: Token) -> template.Node:
    node = i18n.do_translate(parser, token)
    words = node.filter_expression
    # What is looked up in the page, or put into it under a name, is another thing each time.
    if words.var.lookups or words.filters or node.asvar or node.message_context:
        return node
    return TranslateNode(words, node.noop)

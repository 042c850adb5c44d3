"""{% where_help_is as help %}: the numbers of couples/safety/numbers.toml."""

from django import template

from couples.safety import Help
from couples.safety import where_help_is as read

register = template.Library()


@register.simple_tag
def where_help_is() -> Help:
    return read()

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from couples.web import once as forms

register = template.Library()


@register.simple_tag
def once() -> SafeString:
    """In every form that makes something: see couples/web/once.py."""
    field = '<input type="hidden" name="{}" value="{}">'
    return format_html(field, forms.FIELD, forms.new_token())

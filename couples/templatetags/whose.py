"""`{% csrf_token %}` in every form says whose page it stands on: couples/web/unsaved_input.py."""

from typing import Any

from django import template
from django.template.context import RequestContext
from django.template.defaulttags import CsrfTokenNode
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from couples.web.unsaved_input import WHOSE, whose

register = template.Library()


@register.simple_tag(takes_context=True)
def csrf_token(context: RequestContext) -> SafeString:
    """Found before Django's own of this name."""
    token = CsrfTokenNode().render(context)
    user: Any = getattr(context.get("request"), "user", None)
    if not token or not getattr(user, "is_authenticated", False):
        return mark_safe(token)  # noqa: S308 # Django's own
    field = format_html('<input type="hidden" name="{}" value="{}">', WHOSE, whose(user))
    return mark_safe(token + field)  # noqa: S308 # both are made of safe parts

"""{% emergency_banner %}: the layer that stands over every page while somebody needs somebody."""

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from couples.models import Partner
from principles.practices.emergency import layer
from principles.practices.models.switch import CallSwitch

register = template.Library()


@register.simple_tag(takes_context=True)
def emergency_banner(context: Any) -> SafeString | str:
    """Empty for a page without a request, and for somebody who lives alone."""
    request = context.get("request")
    if request is None:
        return ""
    return render_to_string(
        "principles/practices/_emergency_banner.html", layer(request), request=request
    )


@register.filter
def may_call(partner: Partner) -> bool:
    """Whether this person has calls switched on for themselves."""
    return not partner.is_alone and CallSwitch.of(partner).is_on

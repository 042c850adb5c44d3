from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from couples.refusals import NotTogether
from couples.web.decorators import PartnerRequest, partner_required
from letters.giving import excerpts
from letters.giving.models.share import Share
from letters.letter.models.letter import Letter


@require_safe
@partner_required
def grow(request: PartnerRequest) -> HttpResponse:
    """Both newest given letters side by side; each line can be taken into the letter of both."""
    return _page(request)


@require_POST
@partner_required
def grow_take(request: PartnerRequest, pk: UUID, line: int) -> HttpResponse:
    share = get_object_or_404(Share.objects.visible_to(request.partner), pk=pk)
    try:
        excerpts.take_over(share, line, request.partner)
    except (NotTogether, excerpts.NotGiven):
        if not request.htmx:
            raise Http404 from None
        notice = _("That line is not given any more.")
    except excerpts.AlreadyThere:
        notice = _("That line stands in our letter already, once.")
    else:
        notice = _("The line is in our letter.")
    if request.htmx:
        return _page(request, notice)
    messages.info(request, notice)
    return redirect("letters:grow")


def _page(request: PartnerRequest, notice: str = "") -> HttpResponse:
    other = request.partner.other()
    joint = given = None
    if other is not None:
        ours = Letter.objects.joint().writable_by(request.partner)
        joint = ours.order_by("-created_at").first()
        given = excerpts.between(request.partner, other, joint)
    context = {"other": other, "joint": joint, "gifts": given, "notice": notice}
    template = "letters/giving/grow.html#gifts" if request.htmx else "letters/giving/grow.html"
    return render(request, template, context)

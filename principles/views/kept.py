"""What was signed with somebody with whom one no longer lives: a copy to read, for each of them."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from couples.http import UserRequest, user_required
from principles import catalog
from principles.models import Wording

PAGE = 20


@require_safe
@user_required
def kept(request: UserRequest) -> HttpResponse:
    wordings = Wording.objects.kept_by(request.user).with_signatures().order_by("-proposed_at")
    page = Paginator(wordings, PAGE).get_page(request.GET.get("page"))
    rows = [(catalog.get(wording.agreement.principle), wording) for wording in page]
    return render(request, "principles/kept.html", {"rows": rows, "page": page})

"""What was signed with somebody with whom one no longer lives: a copy to read, for each of them.

Apps above this one add theirs through the functions that `settings.KEPT` names; each takes the
person and answers with lines as the home page has them.
"""

from collections.abc import Callable
from itertools import chain

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe

from couples.models import User
from couples.pages.dashboard import Line
from couples.web.decorators import UserRequest, user_required
from principles.agreements.models.wording import Wording

PAGE = 20


@require_safe
@user_required
def kept(request: UserRequest) -> HttpResponse:
    wordings = Wording.objects.kept_by(request.user).with_signatures().order_by("-proposed_at")
    page = Paginator(wordings, PAGE).get_page(request.GET.get("page"))
    rows = [(wording.agreement.as_principle, wording) for wording in page]
    context = {"rows": rows, "page": page, "lines": others(request.user)}
    return render(request, "principles/practices/after_parting.html", context)


def others(person: User) -> list[Line]:
    functions: list[Callable[[User], list[Line]]] = [import_string(path) for path in settings.KEPT]
    return list(chain.from_iterable(function(person) for function in functions))

from allauth.account.decorators import reauthentication_required
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from couples.web.decorators import UserRequest, user_required
from letters.export.own_words import FORMS, OwnWords


@require_safe
@user_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def words_export(request: UserRequest) -> HttpResponse:
    """One's own words to read and as a file, with a home or without. It asks for a fresh sign-in:
    whoever finds a computer open does not carry them away."""
    own = OwnWords.of(request.user)
    if "as" not in request.GET:
        return render(request, "letters/export/words_export.html", {"chapters": own.chapters()})
    form = FORMS.get(request.GET["as"])
    if form is None:
        raise Http404
    today = timezone.localdate()
    written = form.write(own, today)
    name = f"my-words-{today.isoformat()}.{form.ending}"
    return HttpResponse(
        written,
        content_type=form.content_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )

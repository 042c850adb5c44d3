from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from couples.kept.book import Book, in_use
from couples.kept.files import FORMS
from couples.web.decorators import UserRequest, user_required

PAGE = 10


@require_safe
@user_required
def kept(request: UserRequest) -> HttpResponse:
    """Every time that is over, with a home or without."""
    return render(request, "couples/kept/kept.html", {"books": Book.all_of(request.user)})


@require_safe
@user_required
def book(request: UserRequest, pk: UUID) -> HttpResponse:
    book = Book.of(request.user, pk)
    context = {
        "book": book,
        "of_both": in_use(book.of_both()),
        "of_one": in_use(book.of_one()),
        "forms": list(FORMS),
    }
    return render(request, "couples/kept/book.html", context)


@require_safe
@user_required
def chapter(request: UserRequest, pk: UUID, slug: str) -> HttpResponse:
    book = Book.of(request.user, pk)
    every = (*book.of_both(), *book.of_one())
    chapter = next((each for each in every if each.slug == slug), None)
    if chapter is None:
        raise Http404
    if not chapter.rows.exists():
        return redirect("couples:kept_book", pk)
    page = Paginator(chapter.rows, PAGE).get_page(request.GET.get("page"))
    entries = [chapter.entry(row) for row in page]
    context = {
        "book": book,
        "chapter": chapter,
        "page": page,
        "entries": entries,
        "together": book.couple.together_again() is not None,
    }
    return render(request, "couples/kept/chapter.html", context)


@require_safe
@user_required
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def download(request: UserRequest, pk: UUID, form: str) -> HttpResponse:
    """All of it. It asks for a fresh sign-in: whoever finds a computer open does not carry it
    away. The name of the file says nothing of who, or when."""
    book = Book.of(request.user, pk)
    if form not in FORMS:
        raise Http404
    return HttpResponse(
        FORMS[form].write(book),
        content_type=FORMS[form].content_type,
        headers={"Content-Disposition": f'attachment; filename="kept.{form}"'},
    )

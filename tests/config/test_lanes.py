"""What takes long has threads of its own: every view that does is among those that have."""

import inspect
from collections.abc import Iterator

from allauth.account import views as allauth_views
from django import forms
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls import reverse as reverse_url

from config.lanes import PAGES, PASSWORDS, PDFS, Lane, lane_of
from couples.account import signup
from couples.pdf import client as pdf

# What makes a PDF, however a view calls it.
MAKES = ("to_pdf(", "as_file(")


def routes(found: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, object]]:
    for each in found:
        path = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from routes(each.url_patterns, path)
        else:
            yield f"/{path}", each.callback


def lane(path: str, method: str = "GET") -> Lane:
    return lane_of({"path": path, "method": method})


def test_every_pdf_is_made_apart() -> None:
    made = [
        path
        for path, view in routes(get_resolver().url_patterns)
        if any(word in inspect.getsource(inspect.unwrap(view)) for word in MAKES)  # type: ignore[arg-type]
    ]
    assert len(made) >= 5
    assert {lane(path.replace("<str:form>", "pdf")) for path in made} == {PDFS}


def asks_for_a_password(view: object) -> bool:
    theirs = getattr(
        view, "view_class", allauth_views.SignupView if view is signup.signup else None
    )
    form = theirs and getattr(theirs, "form_class", None)
    if not (inspect.isclass(form) and issubclass(form, forms.Form)):
        return False
    source = "".join(inspect.getsource(each) for each in form.__mro__ if "allauth" in str(each))
    fields = form.base_fields.values()
    widgets = any(isinstance(field.widget, forms.PasswordInput) for field in fields)
    return widgets or "PasswordField(" in source


def test_every_password_is_hashed_apart() -> None:
    asked = [
        path for path, view in routes(get_resolver().url_patterns) if asks_for_a_password(view)
    ]
    assert reverse_url("account_login") in asked
    assert reverse_url("account_signup") in asked
    assert {lane(path, "POST") for path in asked} == {PASSWORDS}


def test_other_pages_are_among_themselves() -> None:
    assert {lane(path) for path in ("/", "/letters/", "/account/login/")} == {PAGES}


def test_no_page_waits_for_another_one_to_hear_what_a_pdf_could_not_show() -> None:
    with pdf._asking:
        assert pdf.unset("a sign that nobody asked about: \u2603\u16a0") == []

"""Values: naming and ordering them, linking them to principles, and giving the list."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from couples.autosave import EditConflict, saved
from couples.forms import uuid
from couples.refusals import NotTogether
from couples.web.decorators import PartnerRequest, partner_required
from letters.values import models as kept
from letters.values.forms import NewValueForm, ValueForm
from letters.values.models import SharedValues, Value
from letters.values.similarity import plainly, side_by_side
from letters.values.suggestions import GROUPS
from principles import catalog


@require_http_methods(["GET", "HEAD", "POST"])
@partner_required
def values(request: PartnerRequest) -> HttpResponse:
    if request.method != "POST":
        return _list(request)
    form = NewValueForm(request.POST)
    if not form.is_valid():
        return _list(request, form=form, status=422)
    word = form.cleaned_data["text"]
    try:
        value, new = Value.name(request.user, word)
    except kept.Full:
        form.add_error("text", _("Sixty values fit here. Let one go before you name another."))
        return _list(request, form=form, status=422)
    said = _("“%(value)s” is on your list.") if new else _("“%(value)s” is there already.")
    return _done(
        request, value, said % {"value": value.text}, focus="suggested" not in request.POST
    )


@require_http_methods(["GET", "HEAD", "POST"])
@partner_required
def value(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """One value with what it means and where it is lived; a POST keeps it as it is typed."""
    value = _find(request, pk)
    if request.method != "POST":
        return _value_page(request, value, ValueForm.of(value))
    form = ValueForm(request.POST)
    if not form.is_valid():
        return _value_page(request, value, form, status=422)
    said = form.cleaned_data
    try:
        value.keep(said["text"], said["meaning"], said["principles"], *form.known)
    except EditConflict as changed:
        other = changed.current
        return _value_page(
            request, value, form.based_on(other.revision), elsewhere=other, status=409
        )
    if request.htmx:
        return saved(value.revision)
    return redirect(_place(value))


@require_POST
@partner_required
def value_move(request: PartnerRequest, pk: UUID) -> HttpResponse:
    """One place up or down by a button, or before another one where it was dropped."""
    value = _find(request, pk)
    if "before" in request.POST:
        place = value.put_before(uuid(request.POST["before"]))
    else:
        place = value.move(-1 if request.POST.get("way") == "up" else 1)
    said = _("“%(value)s” stands in place %(place)d.") % {"value": value.text, "place": place}
    return _done(request, value, said)


@require_POST
@partner_required
def value_remove(request: PartnerRequest, pk: UUID) -> HttpResponse:
    value = _find(request, pk)
    value.remove()
    messages.success(request, _("That is not on your list any more."))
    return redirect("letters:values")


@require_http_methods(["GET", "HEAD", "POST"])
@partner_required
def values_share(request: PartnerRequest) -> HttpResponse:
    """First the exact list as the other would see it, then the act."""
    partner, other = request.partner, request.partner.other()
    changed = False
    if request.method == "POST":
        try:
            SharedValues.give(
                partner,
                request.POST.get("reader", ""),
                request.POST.get("seen", ""),
                request.POST.getlist("value"),
            )
        except NotTogether:
            return redirect("letters:values_share")
        except kept.NotAsSeen:
            changed = True
        else:
            return redirect("letters:our_values")
    mine = list(Value.objects.visible_to(partner).in_order())
    context = {
        "values": mine,
        "seen": kept.digest(mine),
        "other": other,
        "given": _given(request),
        "changed": changed,
        "chosen": request.POST.getlist("value") if changed else [str(each.pk) for each in mine],
    }
    return render(
        request, "letters/values/values_share.html", context, status=409 if changed else 200
    )


@require_POST
@partner_required
def values_take_back(request: PartnerRequest) -> HttpResponse:
    given = _given(request)
    if given is not None:
        given.take_back()
        messages.success(request, _("Your list is yours alone again. What was read was read."))
    return redirect("letters:our_values")


@require_safe
@partner_required
def our_values(request: PartnerRequest) -> HttpResponse:
    """Both lists beside each other, once both were given; before that, how far one is oneself."""
    partner = request.partner
    shared = list(SharedValues.objects.visible_to(partner))
    mine = next((each for each in shared if each.giver_id == partner.pk), None)
    theirs = next((each for each in shared if each.reader_id == partner.pk), None)
    context = {
        "other": partner.other(),
        "mine": mine,
        "theirs": theirs,
        "both": side_by_side(mine.values, theirs.values) if mine and theirs else None,
        "other_gave": theirs is not None or SharedValues.objects.waits_for(partner),
    }
    template = (
        "letters/values/our_values.html#ours" if request.htmx else "letters/values/our_values.html"
    )
    return render(request, template, context)


def _list(
    request: PartnerRequest,
    *,
    form: NewValueForm | None = None,
    said: str = "",
    focus: bool = False,
    status: int = 200,
) -> HttpResponse:
    mine = list(Value.objects.visible_to(request.partner).in_order())
    named = {plainly(each.text) for each in mine}
    context = {
        "values": mine,
        "form": form or NewValueForm(),
        "said": said,
        "given": None if request.partner.is_alone else _given(request),
        "focus": focus or (form is not None and bool(form.errors)),
        "groups": [
            (group, [(word, plainly(str(word)) in named) for word in group.words])
            for group in GROUPS
        ],
    }
    template = "letters/values/values.html#values" if request.htmx else "letters/values/values.html"
    return render(request, template, context, status=status)


def _value_page(
    request: PartnerRequest,
    value: Value,
    form: ValueForm,
    *,
    elsewhere: Value | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "value": value,
        "form": form,
        "elsewhere": elsewhere,
        "linked": form["principles"].value() or [],
        "principles": catalog.PRINCIPLES,
    }
    template = "letters/values/value.html#form" if request.htmx else "letters/values/value.html"
    return render(request, template, context, status=status)


def _done(request: PartnerRequest, value: Value, said: str, focus: bool = False) -> HttpResponse:
    if request.htmx:
        return _list(request, said=said, focus=focus)
    # Kept until the next page shows it, and so without a word of anybody's.
    messages.success(request, _("Saved."))
    return redirect(_place(value))


def _place(value: Value) -> str:
    return reverse("letters:values") + f"#value-{value.pk}"


def _find(request: PartnerRequest, pk: UUID) -> Value:
    return get_object_or_404(Value.objects.visible_to(request.partner), pk=pk)


def _given(request: PartnerRequest) -> SharedValues | None:
    return SharedValues.objects.visible_to(request.partner).filter(giver=request.partner).first()

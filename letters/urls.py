from django.urls import path

from letters.export.views import keepsakes, own_words
from letters.giving.views import grow, openings, reveals, shares
from letters.notes.views import notes, passages
from letters.pages import authors, letters
from letters.reflection.views import blueprint, breath, questions
from letters.sealing import views as seals
from letters.values import views as values
from letters.versions import views as versions

app_name = "letters"
urlpatterns = [
    path("", letters.letters, name="letters"),
    path("begin/", letters.letter_begin, name="letter_begin"),
    path("together/", letters.letter_begin_joint, name="letter_begin_joint"),
    path("<uuid:pk>/", letters.letter, name="letter"),
    path("<uuid:pk>/read/", letters.letter_read, name="letter_read"),
    path("<uuid:pk>/delete/", letters.letter_delete, name="letter_delete"),
    path("<uuid:pk>/again/", letters.letter_again, name="letter_again"),
    path("<uuid:pk>/authors/", authors.letter_authors, name="letter_authors"),
    # Beside the letter
    path("<uuid:pk>/versions/<int:number>/delete/", versions.version_delete, name="version_delete"),
    path("<uuid:pk>/notes/", notes.notes, name="notes"),
    path("<uuid:pk>/notes/leave/", notes.note_leave, name="note_leave"),
    path("notes/<uuid:pk>/reply/", notes.note_reply, name="note_reply"),
    path("notes/<uuid:pk>/resolve/", notes.note_resolve, name="note_resolve"),
    path("notes/<uuid:pk>/reopen/", notes.note_reopen, name="note_reopen"),
    path("notes/<uuid:pk>/take-back/", notes.note_take_back, name="note_take_back"),
    path("remarks/<uuid:pk>/change/", notes.remark_change, name="remark_change"),
    path("remarks/<uuid:pk>/take-back/", notes.remark_take_back, name="remark_take_back"),
    path("<uuid:pk>/passage/", passages.passage, name="passage"),
    path("<uuid:pk>/passage/take/", passages.passage_take, name="passage_take"),
    path("<uuid:pk>/passage/placed/", passages.passage_placed, name="passage_placed"),
    path("<uuid:pk>/passage/discard/", passages.passage_discard, name="passage_discard"),
    # Finding the words
    path("questions/", questions.questions, name="questions"),
    path("questions/<slug:slug>/", questions.answer, name="answer"),
    path("pause/", breath.pause, name="pause"),
    path("values/", values.values, name="values"),
    path("values/ours/", values.our_values, name="our_values"),
    path("values/share/", values.values_share, name="values_share"),
    path("values/take-back/", values.values_take_back, name="values_take_back"),
    path("values/<uuid:pk>/", values.value, name="value"),
    path("values/<uuid:pk>/move/", values.value_move, name="value_move"),
    path("values/<uuid:pk>/remove/", values.value_remove, name="value_remove"),
    path("blueprint/", blueprint.blueprint, name="blueprint"),
    path("blueprint/way-in/", blueprint.blueprint_way_in, name="blueprint_way_in"),
    path("blueprint/paper/", blueprint.blueprint_paper, name="blueprint_paper"),
    path("blueprint/<slug:slug>/", blueprint.blueprint_page, name="blueprint_page"),
    path("words/export/", own_words.words_export, name="words_export"),
    # Versions, and the seal
    path("<uuid:pk>/versions/", versions.versions, name="versions"),
    path("<uuid:pk>/versions/<int:number>/", versions.version, name="version"),
    path(
        "<uuid:pk>/versions/<int:number>/restore/",
        versions.version_restore,
        name="version_restore",
    ),
    path("<uuid:pk>/seal/", seals.seal, name="seal"),
    path("<uuid:pk>/seal/withdraw/", seals.seal_withdraw, name="seal_withdraw"),
    path("<uuid:pk>/sealed/", seals.sealed, name="sealed"),
    path("<uuid:pk>/sealed/grow/", seals.seal_grow, name="seal_grow"),
    # Giving
    path("grow/", grow.grow, name="grow"),
    path("grow/<uuid:pk>/<int:line>/", grow.grow_take, name="grow_take"),
    path("<uuid:pk>/share/", shares.letter_share, name="letter_share"),
    path("shared/<uuid:pk>/", shares.share, name="share"),
    path("shared/<uuid:pk>/take-back/", shares.share_take_back, name="share_take_back"),
    path("reveal/", reveals.reveal_propose, name="reveal_propose"),
    path("reveal/<uuid:pk>/", reveals.reveal, name="reveal"),
    path("reveal/<uuid:pk>/with/<uuid:letter>/", reveals.reveal_ready, name="reveal_ready"),
    path("reveal/<uuid:pk>/unready/", reveals.reveal_unready, name="reveal_unready"),
    path("reveal/<uuid:pk>/withdraw/", reveals.reveal_withdraw, name="reveal_withdraw"),
    path("<uuid:pk>/put-away/", openings.letter_put_away, name="letter_put_away"),
    path("waiting/<uuid:pk>/", openings.opening, name="opening"),
    path("waiting/<uuid:pk>/open/", openings.opening_open, name="opening_open"),
    path("waiting/<uuid:pk>/take-back/", openings.opening_take_back, name="opening_take_back"),
    # Keeping
    path("<uuid:pk>/letter.<str:form>", keepsakes.letter_keep, name="letter_keep"),
    path("shared/<uuid:pk>/letter.<str:form>", keepsakes.share_keep, name="share_keep"),
    path("waiting/<uuid:pk>/letter.<str:form>", keepsakes.opening_keep, name="opening_keep"),
    path("sealed/<uuid:pk>/letter.<str:form>", keepsakes.seal_keep, name="seal_keep"),
]

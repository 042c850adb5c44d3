from django.urls import path

from letters.views import letters, questions, shares

app_name = "letters"
urlpatterns = [
    path("", letters.letters, name="letters"),
    path("begin/", letters.letter_begin, name="letter_begin"),
    path("together/", letters.letter_begin_joint, name="letter_begin_joint"),
    path("<uuid:pk>/", letters.letter, name="letter"),
    path("<uuid:pk>/read/", letters.letter_read, name="letter_read"),
    # Finding the words
    path("questions/", questions.questions, name="questions"),
    path("questions/<slug:slug>/", questions.answer, name="answer"),
    # Giving
    path("<uuid:pk>/share/", shares.letter_share, name="letter_share"),
    path("shared/<uuid:pk>/", shares.share, name="share"),
]

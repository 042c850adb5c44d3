from django.urls import path

from letters import views

app_name = "letters"
urlpatterns = [
    path("", views.letters, name="letters"),
    path("begin/", views.letter_begin, name="letter_begin"),
    path("together/", views.letter_begin_joint, name="letter_begin_joint"),
    path("questions/", views.questions, name="questions"),
    path("questions/<slug:slug>/", views.answer, name="answer"),
    path("shared/<uuid:pk>/", views.share, name="share"),
    path("<uuid:pk>/", views.letter, name="letter"),
    path("<uuid:pk>/read/", views.letter_read, name="letter_read"),
    path("<uuid:pk>/share/", views.letter_share, name="letter_share"),
]

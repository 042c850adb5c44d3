from django.urls import path

from couples.kept import views as kept
from couples.pages import deletion, views

app_name = "couples"
urlpatterns = [
    path("", views.front, name="front"),
    path("about/", views.about, name="about"),
    path("privacy/", views.privacy, name="privacy"),
    path("safety/", views.safety, name="safety"),
    path("begin/", views.begin, name="begin"),
    path("home/", views.home, name="home"),
    path("home/invite/", views.invite, name="invite"),
    path("home/invite/mail/", views.invite_mail, name="invite_mail"),
    path("home/invite/revoke/", views.invite_revoke, name="invite_revoke"),
    path("home/invite/<uuid:pk>/yes/", views.invite_confirm, name="invite_confirm"),
    path("home/invite/<uuid:pk>/no/", views.invite_refuse, name="invite_refuse"),
    path("home/us/", views.us, name="us"),
    path("home/us/name/", views.us_name, name="us_name"),
    path("home/us/presence/", views.us_presence, name="us_presence"),
    path("home/us/zone/", views.us_zone, name="us_zone"),
    path("home/us/delete/", deletion.delete, name="delete"),
    path("home/us/delete/keep/", deletion.keep, name="delete_keep"),
    path("home/leave/", views.leave, name="leave"),
    path("kept/", kept.kept, name="kept"),
    path("kept/<uuid:pk>/", kept.book, name="kept_book"),
    path("kept/<uuid:pk>/all.<str:form>", kept.download, name="kept_file"),
    path("kept/<uuid:pk>/<slug:slug>/", kept.chapter, name="kept_chapter"),
    path("i/<str:token>/", views.invitation, name="invitation"),
    path("i/<str:token>/accept/", views.invitation_accept, name="invitation_accept"),
    path("i/<str:token>/decline/", views.invitation_decline, name="invitation_decline"),
]

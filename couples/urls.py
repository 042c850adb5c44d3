from django.urls import path

from couples.pages import views

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
    path("home/leave/", views.leave, name="leave"),
    path("i/<str:token>/", views.invitation, name="invitation"),
    path("i/<str:token>/accept/", views.invitation_accept, name="invitation_accept"),
    path("i/<str:token>/decline/", views.invitation_decline, name="invitation_decline"),
]

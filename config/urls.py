from django.urls import include, path

from couples.signup import signup

handler400 = "couples.returned.not_read"

handler404 = "couples.returned.nothing_here"
handler500 = "couples.returned.broken"
urlpatterns = [
    path("", include("couples.urls")),
    path("", include("principles.urls")),
    path("letters/", include("letters.urls")),
    path("account/signup/", signup, name="account_signup"),
    path("account/", include("allauth.urls")),
]

from django.urls import include, path

handler404 = "couples.returned.nothing_here"
handler500 = "couples.returned.broken"
urlpatterns = [
    path("", include("couples.urls")),
    path("", include("principles.urls")),
    path("letters/", include("letters.urls")),
    path("account/", include("allauth.urls")),
]

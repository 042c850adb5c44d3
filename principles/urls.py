from django.urls import include, path

from principles.views import agreements, kept, pledges, principles

app_name = "principles"
urlpatterns = [
    path("kept/", kept.kept, name="kept"),
    path("principles/", principles.principles, name="principles"),
    path("principles/<slug:slug>/", principles.principle, name="principle"),
    path("principles/<slug:slug>/pledge/", pledges.pledge, name="pledge"),
    path("principles/<slug:slug>/pledge/swap/", pledges.pledge_swap, name="pledge_swap"),
    path("principles/<slug:slug>/pledge/let-go/", pledges.pledge_let_go, name="pledge_let_go"),
    path("principles/<slug:slug>/pledge/share/", pledges.pledge_share, name="pledge_share"),
    path(
        "principles/<slug:slug>/pledge/take-back/",
        pledges.pledge_take_back,
        name="pledge_take_back",
    ),
    path("principles/<slug:slug>/propose/", agreements.propose, name="propose"),
    path("principles/<slug:slug>/wordings/", agreements.wordings, name="wordings"),
    path(
        "principles/<slug:slug>/wordings/<uuid:pk>/sign/",
        agreements.wording_sign,
        name="wording_sign",
    ),
    path(
        "principles/<slug:slug>/wordings/<uuid:pk>/withdraw/",
        agreements.wording_withdraw,
        name="wording_withdraw",
    ),
    path(
        "principles/<slug:slug>/wordings/<uuid:pk>/take-back/",
        agreements.wording_take_back,
        name="wording_take_back",
    ),
    path("reviews/", include("principles.review_urls")),
]

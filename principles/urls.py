from django.urls import include, path

from principles.agreements.views import ours, own_principle
from principles.daily.views import days, reminders
from principles.pages import agreements, pledges, principles
from principles.reviews.views import calendar

app_name = "principles"
urlpatterns = [
    path("today/", days.today, name="today"),
    path("today/say/", days.today_say, name="today_say"),
    path("today/choose/", days.today_choose, name="today_choose"),
    path("today/line/", days.today_line, name="today_line"),
    path("days/", days.days, name="days"),
    path("days/<uuid:pk>/share/", days.day_share, name="day_share"),
    path("days/<uuid:pk>/take-back/", days.day_take_back, name="day_take_back"),
    path("reminder/", reminders.reminder, name="reminder"),
    path("reminder/off/<slug:token>/", reminders.reminder_off, name="reminder_off"),
    path("principles/", principles.principles, name="principles"),
    path("principles/ours/", ours.ours, name="ours"),
    path("principles/ours.txt", ours.ours_text, name="ours_text"),
    path("principles/ours.pdf", ours.ours_pdf, name="ours_pdf"),
    path("principles/own/", own_principle.own, name="own"),
    path("principles/own/<uuid:pk>/agree/", own_principle.own_agree, name="own_agree"),
    path("principles/own/<uuid:pk>/decline/", own_principle.own_decline, name="own_decline"),
    path("principles/own/<uuid:pk>/retire/", own_principle.own_retire, name="own_retire"),
    path("principles/own/<uuid:pk>/again/", own_principle.own_again, name="own_again"),
    path("principles/own/<uuid:pk>/move/", own_principle.own_move, name="own_move"),
    path("principles/<slug:slug>/", principles.principle, name="principle"),
    path("principles/<slug:slug>/pledge/", pledges.pledge, name="pledge"),
    path("principles/<slug:slug>/pledge/share/", pledges.pledge_share, name="pledge_share"),
    path(
        "principles/<slug:slug>/pledge/take-back/",
        pledges.pledge_take_back,
        name="pledge_take_back",
    ),
    path("principles/<slug:slug>/pause/", agreements.agreement_pause, name="agreement_pause"),
    path("principles/<slug:slug>/retire/", agreements.agreement_retire, name="agreement_retire"),
    path("principles/<slug:slug>/take-up/", agreements.agreement_take_up, name="agreement_take_up"),
    path("principles/<slug:slug>/missed/", agreements.agreement_missed, name="agreement_missed"),
    path(
        "principles/<slug:slug>/put-right/",
        agreements.agreement_put_right,
        name="agreement_put_right",
    ),
    path("principles/<slug:slug>/ways/", days.ways, name="ways"),
    path("principles/<slug:slug>/ways/<uuid:pk>/remove/", days.way_remove, name="way_remove"),
    path("kept/wordings/<uuid:pk>/again/", agreements.wording_again, name="wording_again"),
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
    path("reviews/", include("principles.reviews.urls")),
    path("calendar/<str:token>.ics", calendar.calendar_feed, name="calendar_feed"),
    path("", include("principles.practices.urls")),
]

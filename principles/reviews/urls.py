from django.urls import path

from principles.reviews.views import after_reveal, calendar, picture
from principles.reviews.views import reviews as views

urlpatterns = [
    path("", views.reviews, name="reviews"),
    path("picture/", picture.picture, name="picture"),
    path("begin/", views.review_begin, name="review_begin"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/make/", calendar.calendar_make, name="calendar_make"),
    path("calendar/off/", calendar.calendar_turn_off, name="calendar_turn_off"),
    path("<uuid:pk>/", views.review, name="review"),
    path("<uuid:pk>/mark/", views.review_mark, name="review_mark"),
    path("<uuid:pk>/done/", views.review_done, name="review_done"),
    path("<uuid:pk>/take-back/", views.review_take_back, name="review_take_back"),
    path("<uuid:pk>/stop/", views.review_stop, name="review_stop"),
    path("<uuid:pk>/go/", after_reveal.review_go, name="review_go"),
    path("<uuid:pk>/choose/", after_reveal.review_choose, name="review_choose"),
    path("<uuid:pk>/<uuid:item>/draft/", after_reveal.review_part_draft, name="review_part_draft"),
    path("<uuid:pk>/<uuid:item>/part/", after_reveal.review_part, name="review_part"),
    path("<uuid:pk>/<uuid:item>/wish/", after_reveal.review_wish, name="review_wish"),
    path("<uuid:pk>/<uuid:wording>/sign/", after_reveal.review_sign, name="review_sign"),
    path("<uuid:pk>/close/", after_reveal.review_close, name="review_close"),
    path("<uuid:pk>/move/", after_reveal.review_move, name="review_move"),
]

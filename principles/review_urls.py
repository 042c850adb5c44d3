from django.urls import path

from principles.views import reviews as views

urlpatterns = [
    path("", views.reviews, name="reviews"),
    path("begin/", views.review_begin, name="review_begin"),
    path("<uuid:pk>/", views.review, name="review"),
    path("<uuid:pk>/mark/", views.review_mark, name="review_mark"),
    path("<uuid:pk>/done/", views.review_done, name="review_done"),
    path("<uuid:pk>/take-back/", views.review_take_back, name="review_take_back"),
    path("<uuid:pk>/stop/", views.review_stop, name="review_stop"),
    path("<uuid:pk>/choose/", views.review_choose, name="review_choose"),
    path("<uuid:pk>/close/", views.review_close, name="review_close"),
    path("<uuid:pk>/move/", views.review_move, name="review_move"),
]

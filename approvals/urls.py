"""The pages of the queue, under /approvals/."""

from django.urls import path

from approvals.views import board, decisions, live, single

urlpatterns = [
    path("", board.queue, name="queue"),
    path("stream", live.stream, name="queue_stream"),
    path("confirm/<str:token>/", single.confirm, name="confirm"),
    path("<str:action_id>/", single.card, name="card"),
    path("<str:action_id>/approve/", decisions.approve, name="approve"),
    path("<str:action_id>/reject/", decisions.reject, name="reject"),
    path("<str:action_id>/edit/", decisions.edit, name="edit"),
    path("<str:action_id>/undo/", decisions.undo, name="undo"),
]

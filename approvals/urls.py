"""The pages of the queue, under /approvals/."""

from django.urls import path

from approvals.views import board, decisions, live, single

urlpatterns = [
    path("approvals/", board.queue, name="queue"),
    path("approvals/stream", live.stream, name="queue_stream"),
    path("approvals/confirm/<str:token>/", single.confirm, name="confirm"),
    path("approvals/<str:action_id>/", single.card, name="card"),
    path("approvals/<str:action_id>/approve/", decisions.approve, name="approve"),
    path("approvals/<str:action_id>/reject/", decisions.reject, name="reject"),
    path("approvals/<str:action_id>/edit/", decisions.edit, name="edit"),
    path("approvals/<str:action_id>/undo/", decisions.undo, name="undo"),
]

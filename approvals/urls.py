"""The pages of the queue, under /approvals/, and of what rules it, under /settings/."""

from django.urls import path

from approvals.views import board, decisions, live, single, stopping

urlpatterns = [
    path("approvals/", board.queue, name="queue"),
    path("approvals/stream", live.stream, name="queue_stream"),
    path("approvals/confirm/<str:token>/", single.confirm, name="confirm"),
    path("approvals/<str:action_id>/", single.card, name="card"),
    path("approvals/<str:action_id>/approve/", decisions.approve, name="approve"),
    path("approvals/<str:action_id>/reject/", decisions.reject, name="reject"),
    path("approvals/<str:action_id>/edit/", decisions.edit, name="edit"),
    path("approvals/<str:action_id>/undo/", decisions.undo, name="undo"),
    path("settings/stop/", stopping.stop, name="stop"),
    path("settings/stop/resume/", stopping.resume, name="resume"),
]

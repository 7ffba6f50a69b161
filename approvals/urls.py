"""The pages of the queue, under /approvals/, and of its settings, under /settings/."""

from django.urls import path

from approvals.views import (
    attention,
    cards,
    decisions,
    live,
    policy,
    queue,
    stopping,
    suppression,
    unsubscribe,
)

urlpatterns = [
    path("unsubscribe/<str:token>/", unsubscribe.unsubscribe, name="unsubscribe"),
    path("approvals/", queue.queue, name="queue"),
    path("approvals/stream", live.stream, name="queue_stream"),
    path("approvals/confirm/<str:token>/", cards.confirm, name="confirm"),
    path("approvals/<str:action_id>/", cards.card, name="card"),
    path("approvals/<str:action_id>/approve/", decisions.approve, name="approve"),
    path("approvals/<str:action_id>/reject/", decisions.reject, name="reject"),
    path("approvals/<str:action_id>/edit/", decisions.edit, name="edit"),
    path("approvals/<str:action_id>/undo/", decisions.undo, name="undo"),
    path("approvals/<str:subject_id>/seen/", attention.seen, name="seen"),
    path("approvals/<str:subject_id>/drop/", attention.drop, name="drop"),
    path("approvals/<str:action_id>/again/", attention.again, name="again"),
    path("approvals/<str:action_id>/settle/", attention.settle, name="settle"),
    path("settings/policy/", policy.policy, name="policy"),
    path("settings/policy/add/", policy.add_rule, name="add_rule"),
    path("settings/policy/mode/", policy.mode, name="mode"),
    path("settings/policy/cap/", policy.cap, name="policy_cap"),
    path("settings/policy/<str:rule_id>/", policy.change_rule, name="change_rule"),
    path("settings/policy/<str:rule_id>/move/", policy.move_rule, name="move_rule"),
    path("settings/policy/<str:rule_id>/remove/", policy.remove_rule, name="remove_rule"),
    path("settings/suppression/", suppression.suppression, name="suppression"),
    path("settings/suppression/<str:entry_id>/lift/", suppression.lift, name="lift_suppression"),
    path("settings/stop/", stopping.stop, name="stop"),
    path("settings/stop/resume/", stopping.resume, name="resume"),
]

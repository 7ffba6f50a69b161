from django.urls import path

from agents.views import agents, editing, providers, runs

urlpatterns = [
    path("agents/", agents.agents, name="agents"),
    path("agents/new/", editing.new, name="new_agent"),
    path("agents/preview/", editing.preview, name="preview_agent"),
    path("agents/runs/<str:run_id>/", runs.run, name="agent_run"),
    path("agents/runs/<str:run_id>/cancel/", runs.cancel, name="cancel_agent_run"),
    path("agents/providers/<slug:provider>/allow/", providers.allow, name="allow_model_provider"),
    path("agents/providers/<str:provider_id>/close/", providers.close, name="close_model_provider"),
    path("agents/<str:agent_id>/", agents.agent, name="agent"),
    path("agents/<str:agent_id>/edit/", editing.edit, name="edit_agent"),
    path("agents/<str:agent_id>/delete/", agents.delete, name="delete_agent"),
    path("agents/<str:agent_id>/duplicate/", agents.duplicate, name="duplicate_agent"),
    path("agents/<str:agent_id>/switch/", agents.switch, name="switch_agent"),
    path("agents/<str:agent_id>/rehearse/", agents.rehearse, name="rehearse_agent"),
    path("agents/<str:agent_id>/trigger/", agents.trigger, name="trigger_agent"),
]

from django.urls import path

from crm.views import segments, tasks

urlpatterns = [
    path("segments/", segments.segments, name="segments"),
    path("segments/new/", segments.new, name="new_segment"),
    path("segments/preview/", segments.preview, name="preview_segment"),
    path("segments/deleted/", segments.deleted, name="deleted_segments"),
    path("segments/<str:segment_id>/", segments.segment, name="segment"),
    path("segments/<str:segment_id>/edit/", segments.edit, name="edit_segment"),
    path("segments/<str:segment_id>/delete/", segments.delete, name="delete_segment"),
    path("segments/<str:segment_id>/restore/", segments.restore, name="restore_segment"),
    path("tasks/", tasks.tasks, name="tasks"),
    path("tasks/<str:task_id>/done/", tasks.finish, name="finish_task"),
]

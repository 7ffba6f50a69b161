"""The pages of the records."""

from django.urls import path

from crm.views import tasks

urlpatterns = [
    path("tasks/", tasks.tasks, name="tasks"),
    path("tasks/<str:task_id>/done/", tasks.finish, name="finish_task"),
]

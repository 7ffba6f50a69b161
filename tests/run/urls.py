"""The project's routes and those that only the demo has."""

from django.urls import include, path

from pathbound_mcp.urls import urlpatterns as project

urlpatterns = [path("dev/", include("demo.dev_mail.urls")), *project]

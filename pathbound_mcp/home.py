"""The start page, and the page that leads to all settings."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render


def index(request: HttpRequest) -> HttpResponse:
    """Send a browser to the queue, which asks for login where needed."""
    return redirect("/approvals/")


def settings(request: HttpRequest) -> HttpResponse:
    """Every page of the settings that the role opens."""
    return render(request, "settings.html")

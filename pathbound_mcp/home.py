"""The front door."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


def index(request: HttpRequest) -> HttpResponse:
    """Send a browser to the queue, which asks for login where needed."""
    return redirect("/approvals/")

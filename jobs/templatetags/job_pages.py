"""Template filters for the pages of jobs."""

from datetime import datetime

from django import template
from django.utils.timezone import localtime

register = template.Library()


@register.filter
def moment(at: datetime) -> str:
    """A moment for people: "25 Nov 2026, 14:03:05 UTC"."""
    return f"{localtime(at):%-d %b %Y, %H:%M:%S} UTC"


@register.filter
def words(name: str) -> str:
    """The name of a field as words."""
    return name.replace("_", " ")

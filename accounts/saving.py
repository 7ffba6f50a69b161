"""The one path from a form to its operation."""

from collections.abc import Callable
from typing import Any, Protocol, TypeVar

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.http import Request
from core.actor import Actor
from core.errors import AppError, Conflict, Forbidden, ValidationFailed

Answer = TypeVar("Answer", covariant=True)


class Operation(Protocol[Answer]):
    """An operation of core.page_operations or of core.operations."""

    def submit(self, actor: Actor, data: dict[str, Any], /) -> Answer:
        """Do it."""
        ...


class Page(Protocol):
    """Renders the form's page; for None, with a blank form."""

    def __call__(
        self,
        request: Request,
        form: Any,
        /,
        *,
        status: int = 200,
        problem: AppError | None = None,
    ) -> HttpResponse:
        """The page, with a refusal that no field of the form is about."""
        ...


def save(
    request: Request,
    operation: Operation[Answer],
    form: Form | None = None,
    *,
    page: Page | None = None,
    done: str | Callable[[Answer], HttpResponse],
    to: str = "",
    **given: Any,
) -> HttpResponse:
    """Submit the form's values and `given`; then show `done` and redirect to the page `to`.

    Alternatively `done` turns the answer into the page, for data shown once. Errors and refusals
    are shown by `page`, beside their field. Raises the refusal without a `page`, and NotFound.
    """
    if form is not None and page is not None and not form.is_valid():
        return page(request, form, status=400)
    said = form.cleaned_data if form is not None else {}
    try:
        answer = operation.submit(request.actor, {**said, **given})
    except (Conflict, Forbidden, ValidationFailed) as refusal:
        if page is None:
            raise
        return _refused(request, form, page, refusal)
    if callable(done):
        return done(answer)
    messages.success(request, done)
    return redirect(to)


def _refused(request: Request, form: Form | None, page: Page, refusal: AppError) -> HttpResponse:
    if form is None or refusal.field not in form.fields:
        return page(request, form, status=refusal.http_status, problem=refusal)
    form.add_error(refusal.field, f"{refusal.message_beside} {refusal.hint}".strip())
    return page(request, form, status=refusal.http_status)

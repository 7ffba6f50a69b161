"""Settings, Policy: the table, the workspace's rules, and what would happen."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import requesters
from accounts.forms import PasswordForm
from accounts.http import Request
from approvals.policy import changes as changing
from approvals.policy import page, versions
from approvals.policy.forms import CapForm, ModeForm, RuleForm, TesterForm, initial_of
from approvals.policy.page import Trial
from approvals.policy.schemas import Mode
from core.access import Role
from core.actor import Actor
from core.errors import AppError, Conflict, Forbidden, NotFound, ValidationFailed


@never_cache
@require_http_methods(["GET", "HEAD"])
def policy(request: Request) -> HttpResponse:
    """Everything that decides; with `?type=...` also what would become of such a request."""
    return _page(request)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_rule(request: Request) -> HttpResponse:
    """GET shows an empty rule; POST puts it behind the others."""
    named = requesters.all_requesters(request.actor.workspace_id)
    form = RuleForm(named, request.POST if request.method == "POST" else None)
    return _rule_page(request, "", form)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change_rule(request: Request, rule_id: str) -> HttpResponse:
    """GET shows a rule; POST replaces it in its place. Raises NotFound for another workspace's."""
    actor = request.actor
    rule = page.rule_of(actor, rule_id)
    if rule is None:
        raise NotFound("rule")
    given = request.POST if request.method == "POST" else None
    form = RuleForm(requesters.all_requesters(actor.workspace_id), given, initial=initial_of(rule))
    return _rule_page(request, rule_id, form)


@require_POST
def remove_rule(request: Request, rule_id: str) -> HttpResponse:
    """Take a rule away."""
    version = _version(request)
    return _change(
        request,
        "Rule removed.",
        lambda actor: changing.remove_rule(actor, version, rule_id),
    )


@require_POST
def move_rule(request: Request, rule_id: str) -> HttpResponse:
    """Swap a rule with its neighbour."""
    version, step = _version(request), -1 if request.POST.get("to") == "up" else 1
    return _change(
        request,
        "Rule moved. The first matching rule decides.",
        lambda actor: changing.move_rule(actor, version, rule_id, step),
    )


@require_POST
def cap(request: Request) -> HttpResponse:
    """How often one person is written to."""
    form = CapForm(request.POST)
    if not form.is_valid():
        return _page(request, cap_form=form, status=400)
    given = form.cleaned_data
    return _change(
        request,
        "Limit saved.",
        lambda actor: changing.set_cap(
            actor, given["version"], given["cap_messages"], given["cap_days"]
        ),
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mode(request: Request) -> HttpResponse:
    """Just me, or a team? Asked at the first admin's first login, changeable here."""
    actor = request.actor
    form = ModeForm(request.POST if request.method == "POST" else None)
    form.initial = {"mode": versions.current(actor.workspace_id).mode}
    problem: AppError | None = None
    if request.method == "POST" and form.is_valid():
        try:
            changing.set_mode(actor, Mode(form.cleaned_data["mode"]))
        except Forbidden as error:
            problem = error
        else:
            messages.success(request, "Saved. You can change this under Policy.")
            return redirect("queue")
    status = problem.http_status if problem else 200 if not form.is_bound else 400
    context = {"form": form, "problem": problem, "is_admin": actor.has_role(Role.ADMIN)}
    context |= _password(actor, reverse("mode"))
    return render(request, "approvals/mode.html", context, status=status)


def _rule_page(request: Request, rule_id: str, form: RuleForm) -> HttpResponse:
    actor, problem, status = request.actor, None, 400 if form.is_bound else 200
    if form.is_valid():
        try:
            change = changing.change_rule if rule_id else changing.add_rule
            change(actor, _version(request), form.rule(rule_id or changing.new_rule_id()))
        except ValidationFailed as error:
            form.refuse(error)
        except (Conflict, Forbidden) as error:
            problem, status = error, error.http_status
        else:
            messages.success(request, "Rule saved. Actions already waiting are not affected.")
            return redirect("policy")
    context = {
        "form": form,
        "rule_id": rule_id,
        "version": versions.current(actor.workspace_id).version,
        "problem": problem,
        "is_admin": actor.has_role(Role.ADMIN),
    }
    context |= _password(actor, request.path)
    return render(request, "approvals/rule.html", context, status=status)


def _change(request: Request, done: str, change: Callable[[Actor], None]) -> HttpResponse:
    try:
        change(request.actor)
    except (Conflict, Forbidden, ValidationFailed) as error:
        return _page(request, status=error.http_status, problem=error)
    messages.success(request, done)
    return redirect("policy")


def _page(
    request: Request,
    *,
    status: int = 200,
    problem: AppError | None = None,
    cap_form: CapForm | None = None,
) -> HttpResponse:
    actor = request.actor
    found = versions.current(actor.workspace_id)
    named = requesters.all_requesters(actor.workspace_id)
    tester = TesterForm(named, request.GET if "type" in request.GET else None)
    facts = {"version": found.version, "cap_messages": found.cap_messages}
    context = {
        "rules": page.rule_rows(actor),
        "table": page.default_table(),
        "policy": found,
        "mode": changing.MODES[found.mode],
        "zone": versions.zone_of(actor.workspace_id).key,
        "changes": versions.changes(actor),
        "tester": tester,
        "verdict": _verdict(actor, tester),
        "cap_form": cap_form or CapForm(initial=facts | {"cap_days": found.cap_days}),
        "is_admin": actor.has_role(Role.ADMIN),
        "problem": problem,
    }
    context |= _password(actor, reverse("policy"))
    return render(request, "approvals/policy.html", context, status=status)


def _verdict(actor: Actor, form: TesterForm) -> Any:
    if not form.is_bound or not form.is_valid():
        return None
    given = form.cleaned_data
    return page.tried(actor, Trial(**{**given, "role": Role(given["role"] or Role.REVIEWER)}))


def _password(actor: Actor, here: str) -> dict[str, Any]:
    return {"password": None if actor.fresh_login else PasswordForm(), "here": here}


def _version(request: Request) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1

"""Settings, Policy: the table, the workspace's rules, and the tester."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts import requesters
from accounts.forms import PasswordForm
from accounts.http import Request
from accounts.saving import save
from approvals.policy import changes, page, versions
from approvals.policy.forms import CapForm, ModeForm, RuleForm, TesterForm, initial_of
from approvals.policy.page import Trial
from core.access import Role
from core.actor import Actor
from core.errors import AppError, NotFound
from core.page_operations import PageOperation


@never_cache
@require_http_methods(["GET", "HEAD"])
def policy(request: Request) -> HttpResponse:
    """The table and rules; with `?type=...` also the decision on such a request."""
    return _page(request)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_rule(request: Request) -> HttpResponse:
    """GET shows an empty rule; POST appends it."""
    return _rule(request, changes.add_rule, changes.new_rule_id())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change_rule(request: Request, rule_id: str) -> HttpResponse:
    """GET shows a rule; POST replaces it. Raises NotFound for another workspace's."""
    rule = page.rule_of(request.actor, rule_id)
    if rule is None:
        raise NotFound("rule")
    return _rule(request, changes.change_rule, rule_id, initial=initial_of(rule))


@require_POST
def remove_rule(request: Request, rule_id: str) -> HttpResponse:
    """Delete a rule."""
    return save(
        request,
        changes.remove_rule,
        page=_page,
        done="Rule removed.",
        to="policy",
        version=_version(request),
        rule_id=rule_id,
    )


@require_POST
def move_rule(request: Request, rule_id: str) -> HttpResponse:
    """Swap a rule with its neighbour."""
    return save(
        request,
        changes.move_rule,
        page=_page,
        done="Rule moved. The first matching rule decides.",
        to="policy",
        version=_version(request),
        rule_id=rule_id,
        step=-1 if request.POST.get("to") == "up" else 1,
    )


@require_POST
def cap(request: Request) -> HttpResponse:
    """Set the message limit per recipient."""
    form, done = CapForm(request.POST), "Limit saved."
    return save(request, changes.set_cap, form, page=_page, done=done, to="policy")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mode(request: Request) -> HttpResponse:
    """Just me, or a team? Asked at the first admin's first login, changeable here."""
    if request.method != "POST":
        return _mode_page(request)
    form, done = ModeForm(request.POST), "Saved. You can change this under Policy."
    return save(request, changes.set_mode, form, page=_mode_page, done=done, to="queue")


def _mode_page(
    request: Request,
    form: ModeForm | None = None,
    *,
    status: int = 200,
    problem: AppError | None = None,
) -> HttpResponse:
    actor = request.actor
    shown = form or ModeForm()
    shown.initial = {"mode": versions.current(actor.workspace_id).mode}
    context = {"form": shown, "problem": problem, "is_admin": actor.has_role(Role.ADMIN)}
    context |= _password(actor, reverse("mode"))
    return render(request, "approvals/mode.html", context, status=status)


def _rule(
    request: Request, operation: PageOperation[..., None], rule_id: str, **initial: Any
) -> HttpResponse:
    named = requesters.all_requesters(request.actor.workspace_id)
    form = RuleForm(named, rule_id, request.POST if request.method == "POST" else None, **initial)
    if request.method != "POST":
        return _rule_page(request, form)
    done, version = "Rule saved. Actions already waiting are not affected.", _version(request)
    return save(request, operation, form, page=_rule_page, done=done, to="policy", version=version)


def _rule_page(
    request: Request, form: RuleForm, *, status: int = 200, problem: AppError | None = None
) -> HttpResponse:
    actor = request.actor
    context = {
        "form": form,
        "rule_id": form.rule_id if form.initial else "",
        "version": versions.current(actor.workspace_id).version,
        "problem": problem,
        "is_admin": actor.has_role(Role.ADMIN),
    }
    context |= _password(actor, request.path)
    return render(request, "approvals/rule.html", context, status=status)


def _page(
    request: Request,
    form: CapForm | None = None,
    *,
    status: int = 200,
    problem: AppError | None = None,
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
        "mode": changes.MODES[found.mode],
        "zone": versions.zone_of(actor.workspace_id).key,
        "changes": versions.changes(actor),
        "tester": tester,
        "verdict": _verdict(actor, tester),
        "cap_form": form or CapForm(initial=facts | {"cap_days": found.cap_days}),
        "is_admin": actor.has_role(Role.ADMIN),
        "problem": problem,
    }
    context |= _password(actor, reverse("policy"))
    return render(request, "approvals/policy.html", context, status=status)


def _verdict(actor: Actor, form: TesterForm) -> Any:
    if not form.is_bound or not form.is_valid():
        return None
    given = form.cleaned_data
    return page.try_policy(actor, Trial(**{**given, "role": Role(given["role"] or Role.REVIEWER)}))


def _password(actor: Actor, here: str) -> dict[str, Any]:
    return {"password": None if actor.fresh_login else PasswordForm(), "here": here}


def _version(request: Request) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else -1

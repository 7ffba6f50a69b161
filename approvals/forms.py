"""The forms of the queue."""

import copy
import re
from typing import Any

from django import forms

from approvals.vocabulary import REASON_CODES
from crm.properties import COMPANY_PROPERTIES, CONTACT_PROPERTIES

_LONG = {"body", "message", "content", "text", "reason", "description", "playbook_md"}
_LABELS = {key: known.label for key, known in (COMPANY_PROPERTIES | CONTACT_PROPERTIES).items()}
_FIRST = ["to", "cc", "bcc", "subject", "body"]
_PARTS = re.compile(r"[,;\n]+")


class RejectForm(forms.Form):
    """Why not."""

    reason_code = forms.ChoiceField(choices=REASON_CODES, required=False)
    reason = forms.CharField(max_length=1000, required=False)


class StopForm(forms.Form):
    """Why the workspace is stopped, for the person who resumes it."""

    reason = forms.CharField(label="Reason (optional)", max_length=300, required=False)


class EditForm(forms.Form):
    """One field for each value of an action's params; ids stay as they are.

    Lists of words are edited as lines, an inner object (`properties`) as one field per key; other
    shapes are kept.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, params: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params = params
        self.paths: dict[str, tuple[str, ...]] = {}
        for path, value in _leaves(params):
            name = ".".join(path)
            self.paths[name] = path
            self.fields[name] = _field_for(path[-1], value)

    def edited(self) -> dict[str, Any]:
        """The params with the new values, in their original shapes."""
        params = copy.deepcopy(self.params)
        for name, path in self.paths.items():
            inner = params
            for key in path[:-1]:
                inner = inner[key]
            inner[path[-1]] = _shaped(inner[path[-1]], self.cleaned_data[name])
        return params


def _leaves(params: dict[str, Any]) -> list[tuple[tuple[str, ...], Any]]:
    order = sorted(params, key=lambda key: _FIRST.index(key) if key in _FIRST else len(_FIRST))
    found: list[tuple[tuple[str, ...], Any]] = []
    for key in order:
        value = params[key]
        if key == "id" or key.endswith(("_id", "_ids")):
            continue
        if isinstance(value, dict):
            found += [((key, inner), each) for inner, each in value.items() if _is_plain(each)]
        elif _is_plain(value):
            found.append(((key,), value))
    return found


def _is_plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(each, str) for each in value)
    return value is None or isinstance(value, str | int | float | bool)


def _field_for(key: str, value: Any) -> forms.Field:
    label = _LABELS.get(key) or key.replace("_", " ").capitalize()
    if isinstance(value, bool):
        return forms.BooleanField(label=label, initial=value, required=False)
    if isinstance(value, int | float):
        return forms.FloatField(label=label, initial=value)
    text = "\n".join(value) if isinstance(value, list) else value or ""
    is_long = key in _LONG or len(text) > 120 or "\n" in text or isinstance(value, list)
    rows = min(24, max(2, text.count("\n") + len(text) // 80 + 2)) if is_long else 1
    if isinstance(value, list):
        rows = max(2, len(value))
    return forms.CharField(
        label=label,
        initial=text,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": rows}) if is_long else forms.TextInput(),
    )


def _shaped(before: Any, after: Any) -> Any:
    if isinstance(before, list):
        return [part.strip() for part in _PARTS.split(after) if part.strip()]
    if isinstance(before, int) and not isinstance(before, bool):
        return int(after)
    if isinstance(after, str):
        after = after.replace("\r\n", "\n")
        return None if before is None and not after else after
    return after

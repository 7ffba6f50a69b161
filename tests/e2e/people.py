"""A person at the pages, without a browser: reads forms, ticks boxes, presses buttons by HTTP."""

from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx

from tests.factories import PASSWORD


@dataclass
class Form:
    """A form of a page; `fields` are the (name, value) pairs to send."""

    action: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[tuple[str, str]] = field(default_factory=list)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Collects the forms of a page with their inputs, boxes and buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._button: tuple[str, str] | None = None
        self._area = ""
        self._words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(facts.get("action", "")))
        elif self.forms and tag == "input":
            self._input(facts)
        elif self.forms and tag == "textarea":
            self._area, self._words = facts.get("name", ""), ""
        elif self.forms and tag == "button":
            self._button, self._words = (facts.get("name", ""), facts.get("value", "")), ""

    def handle_data(self, data: str) -> None:
        self._words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "button" and self._button is not None:
            self.forms[-1].buttons[" ".join(self._words.split())] = self._button
            self._button = None
        elif tag == "textarea" and self._area:
            self.forms[-1].fields.append((self._area, self._words.removeprefix("\n")))
            self._area = ""

    def _input(self, facts: dict[str, str]) -> None:
        pair = (facts.get("name", ""), facts.get("value", ""))
        if facts.get("type") == "checkbox":
            self.forms[-1].boxes.append(pair)
            if "checked" in facts:
                self.forms[-1].fields.append(pair)
        elif pair[0]:
            self.forms[-1].fields.append(pair)


def forms_of(page: httpx.Response) -> list[Form]:
    """Every form of a page."""
    reader = _Forms()
    reader.feed(page.text)
    return reader.forms


def form_on(page: httpx.Response, fits: Callable[[Form], bool], what: str) -> Form:
    """The first matching form; fails the test when the page has none."""
    for form in forms_of(page):
        if fits(form):
            return form
    raise AssertionError(f"no form to {what} on {page.url} ({page.status_code})")


class Person:
    """A person with a browser session."""

    def __init__(self, base_url: str, email: str) -> None:
        no_idle_sockets = httpx.Limits(max_keepalive_connections=0)
        self.http = httpx.Client(
            base_url=base_url, follow_redirects=True, timeout=120, limits=no_idle_sockets
        )
        self.email = email

    def log_in(self, page: httpx.Response) -> httpx.Response:
        """Fill in the login form that a page shows."""
        form = form_on(page, lambda f: "password" in dict(f.fields), "log in")
        kept = [pair for pair in form.fields if pair[0] not in {"username", "password"}]
        filled = [*kept, ("username", self.email), ("password", PASSWORD)]
        return self.send(page, form, filled)

    def connect(self, authorize_url: str, *, tick: tuple[str, ...] = ()) -> str:
        """Log in, read the consent page, tick further boxes, press Connect.

        Returns the redirect address, with its code.
        """
        page = self.http.get(authorize_url)
        if 'name="password"' in page.text:
            page = self.log_in(page)
        form = form_on(page, lambda f: "Connect" in f.buttons, "connect")
        extra = [box for box in form.boxes if box[1] in tick]
        assert {value for _, value in extra} == set(tick), "a box to tick is not offered"
        self.http.follow_redirects = False
        try:
            answer = self.send(page, form, [*form.fields, *extra, form.buttons["Connect"]])
        finally:
            self.http.follow_redirects = True
        return answer.headers["location"]

    def send(
        self, page: httpx.Response, form: Form, pairs: list[tuple[str, str]]
    ) -> httpx.Response:
        """Post a form of a page."""
        data: dict[str, list[str]] = {}
        for name, value in pairs:
            data.setdefault(name, []).append(value)
        target = urljoin(str(page.url), form.action)
        return self.http.post(target, data=data, headers={"Referer": str(page.url)})

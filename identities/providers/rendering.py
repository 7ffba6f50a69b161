"""Renders Markdown for sending: the text as written, and sanitised HTML."""

import html
import re
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt

from core.addresses import domain_of

_MARKDOWN = MarkdownIt("js-default", {"html": False, "linkify": False, "breaks": True})
_TAGS = {
    *("a", "p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li"),
    *("h1", "h2", "h3", "h4", "hr", "table", "thead", "tbody", "tr", "th", "td"),
}
# Texts that mail programs turn into links, even in plain text.
_BARE_LINK = re.compile(r"(?:\b[a-z][a-z0-9+.-]*://|\bwww\.)[^\s<>\"'\]]+", re.IGNORECASE)
_HREF = re.compile(r'href="([^"]*)"')


def html_of(markdown: str) -> str:
    """The HTML part: no scripts, no images, no styles, links by http, https and mailto only."""
    return nh3.clean(
        _MARKDOWN.render(markdown),
        tags=_TAGS,
        attributes={"a": {"href"}, "*": set()},
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        link_rel=None,
    ).strip()


def links_of(markdown: str) -> list[str]:
    """Every link target in the text or its HTML, in order, once each."""
    targets = [html.unescape(target) for target in _HREF.findall(html_of(markdown))]
    bare = [_without_tail(found) for found in _BARE_LINK.findall(markdown)]
    return list(dict.fromkeys([*targets, *bare]))


def link_domains(links: list[str]) -> list[str]:
    """The hosts the links lead to, once each; of a mail address its host."""
    hosts = [_host(link) for link in links]
    return list(dict.fromkeys(host for host in hosts if host))


def _without_tail(found: str) -> str:
    """A bare link without the punctuation of its sentence; its own closing brackets stay."""
    while found:
        is_foreign_bracket = found[-1] == ")" and found.count(")") > found.count("(")
        if not is_foreign_bracket and found[-1] not in ".,;:!?*_~`|":
            break
        found = found[:-1]
    return found


def _host(link: str) -> str:
    try:
        parts = urlsplit(f"//{link}" if link.lower().startswith("www.") else link)
        if parts.scheme == "mailto":
            return domain_of(parts.path)
        return (parts.hostname or "").lower()
    except ValueError:
        return "an address that can't be read"

"""From Markdown to what is sent: the text as written, and clean HTML beside it."""

import re
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt

_MARKDOWN = MarkdownIt("js-default", {"html": False, "linkify": False, "breaks": True})
_TAGS = {
    *("a", "p", "br", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li"),
    *("h1", "h2", "h3", "h4", "hr", "table", "thead", "tbody", "tr", "th", "td"),
}
_BARE_LINK = re.compile(r"\bhttps?://[^\s<>\"')\]]+")
_HREF = re.compile(r'href="([^"]*)"')


def html_of(markdown: str) -> str:
    """The HTML part: no scripts, no images, no styles, links by http, https and mailto only."""
    return nh3.clean(
        _MARKDOWN.render(markdown),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
    ).strip()


def links_of(markdown: str) -> list[str]:
    """Every link target in the text or its HTML, in order, once each."""
    html = html_of(markdown)
    targets = [target.replace("&amp;", "&") for target in _HREF.findall(html)]
    bare = [found.rstrip(".,;:!?") for found in _BARE_LINK.findall(markdown)]
    return list(dict.fromkeys([*targets, *bare]))


def link_domains(links: list[str]) -> list[str]:
    """The hosts the links lead to, once each."""
    hosts = [_host(link) for link in links]
    return list(dict.fromkeys(host for host in hosts if host))


def _host(link: str) -> str:
    try:
        return (urlsplit(link).hostname or "").lower()
    except ValueError:
        return "an address that can't be read"

"""Parses a User-Agent: browser, system, kind of device, and whether it is a bot.

The patterns are those of ua-parser (github.com/ua-parser/uap-core); nothing is looked up online.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from ua_parser import Result, parse

_MAX_LENGTH = 1000
# Programs that do not call themselves a spider: libraries, headless browsers, monitors.
_PROGRAM = re.compile(
    r"bot\b|crawl|spider|slurp|headless|phantomjs|puppeteer|playwright|selenium|lighthouse"
    r"|curl/|wget/|python-|aiohttp|httpx|go-http-client|okhttp|java/|libwww|scrapy|axios"
    r"|node-fetch|preview|monitor|pingdom|uptime",
    re.IGNORECASE,
)
_TABLET = re.compile(r"ipad|tablet|kindle|silk/|playbook", re.IGNORECASE)
_MOBILE = re.compile(r"mobi|iphone|ipod|android|phone", re.IGNORECASE)
_SYSTEMS = {"Mac OS X": "macOS", "Chrome OS": "ChromeOS"}


@dataclass(frozen=True, slots=True)
class Client:
    """A visitor's browser and device; unknown values are empty. `device_type` is Desktop,
    Mobile or Tablet.
    """

    browser: str = ""
    browser_version: str = ""
    os: str = ""
    device_type: str = ""
    is_bot: bool = False


@lru_cache(maxsize=4096)
def client_of(user_agent: str) -> Client:
    """The client behind a User-Agent header; all values are empty for an empty header."""
    text = user_agent[:_MAX_LENGTH]
    if not text.strip():
        return Client()
    found = parse(text)
    system = found.os.family if found.os else ""
    return Client(
        browser=_browser(found)[:60],
        browser_version=(found.user_agent.major or "") if found.user_agent else "",
        os=_system(system, text)[:60],
        device_type=_device_type(text),
        is_bot=_is_spider(found) or bool(_PROGRAM.search(text)),
    )


def _browser(found: Result) -> str:
    family = found.user_agent.family if found.user_agent else ""
    # "Mobile Safari" and "Chrome Mobile" are Safari and Chrome: `device_type` distinguishes them.
    return family.replace("Mobile Safari", "Safari").replace("Chrome Mobile", "Chrome").strip()


def _system(family: str, text: str) -> str:
    if family == "iOS" and "iPad" in text:
        return "iPadOS"
    return _SYSTEMS.get(family, family)


def _is_spider(found: Result) -> bool:
    return found.device is not None and found.device.family == "Spider"


def _device_type(text: str) -> str:
    # Android phones include "Mobile"; tablets do not.
    if _TABLET.search(text) or ("Android" in text and "Mobile" not in text):
        return "Tablet"
    return "Mobile" if _MOBILE.search(text) else "Desktop"

"""What people read about, in our words.

A page's path and title are data from outside: they are looked at, never quoted. What is written
about comes from this list.
"""

import re
from dataclasses import dataclass

_PRICING = frozenset({"pricing", "prices", "price-list", "plans-and-pricing"})


@dataclass(frozen=True, slots=True)
class Topic:
    """A subject: the words that mark it in a path, what can be offered, and what one would ask.

    `name` and `offer` complete "if ... is a question for you, I can send ...".
    """

    slug: str
    words: tuple[str, ...]
    name: str
    offer: str
    question: str


# The first that fits a path is its topic.
TOPICS = (
    Topic(
        "sign_on",
        ("single-sign-on", "sso", "saml", "scim"),
        "single sign-on",
        "a page on how single sign-on is set up",
        "Which identity provider do you use?",
    ),
    Topic(
        "security",
        ("security", "privacy", "gdpr", "compliance", "trust", "data-protection", "soc2"),
        "security and data protection",
        "our answers on security and data protection",
        "Who on your side would have to look at security?",
    ),
    Topic(
        "api",
        ("api", "webhooks", "webhook", "developers", "sdk"),
        "the API",
        "the part of the API documentation that matters for it",
        "Which of your systems would be on the other end?",
    ),
    Topic(
        "integrations",
        ("integrations", "integration", "connectors", "marketplace"),
        "how it connects with what you already run",
        "a list of what can be connected and how",
        "Which systems would it have to work with?",
    ),
    Topic(
        "migration",
        ("import", "migration", "migrate", "switch", "switching", "spreadsheet", "export"),
        "bringing your existing data over",
        "an example of the file an import needs",
        "Where do you keep that data today?",
    ),
    Topic(
        "onboarding",
        ("getting-started", "onboarding", "setup", "quickstart", "tutorial"),
        "how long it takes to get going",
        "a plan of the first two weeks",
        "Who would set it up on your side?",
    ),
    Topic(
        "mobile",
        ("mobile", "mobile-app", "offline", "ios", "android"),
        "working from a phone",
        "a short tour of the mobile app",
        "How many people would use it away from a desk?",
    ),
    Topic(
        "parts",
        ("parts", "spare-parts", "inventory", "stock", "warehouse"),
        "parts and stock",
        "an example of how parts and stock are kept",
        "Where do you keep track of parts today?",
    ),
    Topic(
        "planning",
        ("route", "routing", "planning", "dispatch", "dispatching", "dispatcher", "scheduling"),
        "planning the day",
        "an example of a planned day",
        "Who plans the day at the moment, and with what?",
    ),
    Topic(
        "service_levels",
        ("sla", "response-time", "first-time-fix", "uptime", "on-call", "rota"),
        "keeping promised response times",
        "an example of how response times are tracked",
        "What response time do you promise your customers?",
    ),
    Topic(
        "staff",
        ("technician", "technicians", "retention", "hiring", "team", "staffing"),
        "keeping a field team",
        "a few ideas from that side of the work",
        "How large is the team it is about?",
    ),
    Topic(
        "equipment",
        ("tool", "tools", "tracking", "labels", "label", "audit", "audits", "barcode", "rfid"),
        "keeping track of equipment",
        "an example of how equipment is tracked",
        "How do you know today where things are?",
    ),
    Topic(
        "reporting",
        ("reports", "reporting", "analytics", "dashboard", "dashboards"),
        "reports",
        "two or three sample reports",
        "Which number would you want to see first?",
    ),
    Topic(
        "business_case",
        ("cost", "roi", "calculator", "savings", "business-case"),
        "whether it pays",
        "a sheet to work out whether it pays for you",
        "What would it have to save to be worth it?",
    ),
    Topic(
        "references",
        ("customers", "case-studies", "case-study", "stories", "references"),
        "how others use it",
        "two examples from companies of a similar kind",
        "Is there something you would want to ask another customer?",
    ),
)
_PATTERNS = [
    (topic, re.compile(rf"(?:^|[/_-])(?:{'|'.join(topic.words)})(?:$|[/_.-])")) for topic in TOPICS
]


def topic_of(path: str) -> Topic | None:
    """What a page is about, by its path."""
    lowered = path.casefold()
    return next((topic for topic, pattern in _PATTERNS if pattern.search(lowered)), None)


def is_pricing(path: str) -> bool:
    """Whether a page is about prices: one of the path's steps says so."""
    return bool(_PRICING & set(path.casefold().strip("/").split("/")))

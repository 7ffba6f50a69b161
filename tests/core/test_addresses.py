"""One bare mailbox in one form, or a refusal."""

import pytest

from core import addresses
from core.errors import ValidationFailed


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ana",
        "ana@",
        "@umbrella.example",
        "a@umbrella.com,b@umbrella.com",
        "a@umbrella.com;b@umbrella.com",
        "Ana <ana@umbrella.com>",
        "ana@umbrella.com (work)",
        "ana@umbrella.com\nBcc: eve@evil.com",
        "ana@umbrella.com\r\n",
        "ana@umbrella.com\x00",
        "ana\u202e@umbrella.com",
        "ana@[127.0.0.1]",
        "ana@umbrella..com",
        "a" * 65 + "@umbrella.com",
        "ana@" + "a" * 250 + ".com",
    ],
)
def test_anything_but_one_bare_mailbox_is_refused(text: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        addresses.normalize(text, field="properties.email")

    assert refusal.value.field == "properties.email"


def test_an_address_has_one_form() -> None:
    assert addresses.normalize("Ana.Ng@Umbrella.COM") == "ana.ng@umbrella.com"


def test_the_domain_is_behind_the_last_at() -> None:
    assert addresses.domain_of('"a@b"@Umbrella.com') == "umbrella.com"

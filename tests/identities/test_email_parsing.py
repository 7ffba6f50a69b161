"""Parsing a received message, valid or not."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identities.inbox import parsing, reports

CHECKED = (
    "Authentication-Results: mx.acme.example; dmarc=pass (p=none) header.from=umbrella.example"
)
FORGED = "Authentication-Results: mx.umbrella.example; dmarc=pass header.from=umbrella.example"


def raw(*lines: str, body: str = "Yes, Tuesday works.") -> bytes:
    """A minimal message with these header lines first."""
    least = ("Message-ID: <reply@umbrella.example>", "From: Ana Ng <Ana@Umbrella.example>")
    return "\r\n".join([*lines, *least, "To: mia@acme.example", "", body]).encode()


def received(*lines: str, checked_by: str = "mx.acme.example") -> parsing.ReceivedMail:
    found = parsing.parse_mail(parsing.parsed(raw(*lines)), checked_by=checked_by)
    assert found is not None
    return found


def test_a_reply_is_read() -> None:
    found = received(
        "References: <first@acme.example> <second@acme.example>",
        "In-Reply-To: <second@acme.example>",
        "Subject: =?utf-8?q?Re=3A_Gr=C3=BC=C3=9Fe?=",
        "Date: Tue, 24 Nov 2026 09:30:00 +0100",
    )
    assert found.sender == "ana@umbrella.example"
    assert found.references == ("first@acme.example", "second@acme.example")
    assert found.subject == "Re: Grüße"
    assert found.text == "Yes, Tuesday works."
    assert found.sent_at is not None
    assert found.sent_at.isoformat() == "2026-11-24T09:30:00+01:00"
    assert not found.is_automatic


@pytest.mark.parametrize(
    "line",
    [
        "Auto-Submitted: auto-replied",
        "Precedence: bulk",
        "List-Id: <news.umbrella.example>",
        "Return-Path: <>",
        "Subject: Automatic reply: Prices",
        "Subject: Abwesenheitsnotiz",
        "X-Autoreply: yes",
    ],
)
def test_what_a_machine_wrote_is_automatic(line: str) -> None:
    assert received(line).is_automatic
    assert not received("Auto-Submitted: no", "Subject: Re: our team").is_automatic


def test_only_the_word_of_our_own_server_counts() -> None:
    assert received(CHECKED).dmarc_of == "umbrella.example"
    assert received(FORGED).dmarc_of is None
    assert received(CHECKED, checked_by="").dmarc_of is None
    failed = CHECKED.replace("pass", "fail")
    assert received(failed, CHECKED).dmarc_of is None, "the topmost of our server's checks holds"
    commented = CHECKED.replace("dmarc=pass", "dmarc=fail (dmarc=pass)")
    assert received(commented).dmarc_of is None


def test_html_alone_becomes_text() -> None:
    html = "<p>Hi&nbsp;<b>Mia</b>,</p><script>alert(1)</script><p>yes<br>no</p>"
    message = parsing.parsed(raw("Content-Type: text/html; charset=utf-8", body=html))
    found = parsing.text_of(message)
    assert "alert" not in found
    assert found.replace("\xa0", " ") == "Hi Mia,\nyes\nno"


def test_a_long_text_is_cut() -> None:
    assert len(parsing.text_of(parsing.parsed(raw(body="x" * 50_000)))) == parsing.MAX_TEXT


def test_without_an_id_or_with_two_senders_nothing_is_read() -> None:
    nobody = b"Subject: hello\r\n\r\nhi"
    two = raw().replace(b"From: ", b"From: b@x.example, ")
    for bad in (nobody, two):
        assert parsing.parse_mail(parsing.parsed(bad), checked_by="") is None


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reader(noise: bytes) -> None:
    for message in (
        parsing.parsed(noise),
        parsing.parsed(raw() + noise),
        parsing.parsed(noise + raw()),
    ):
        found = parsing.parse_mail(message, checked_by="mx.acme.example")
        assert found is None or "\x00" not in found.subject + found.text
        reports.report_in(message)


def returned(*fields: str, about: str = "<ours@acme.example>") -> EmailMessage:
    """A delivery report (RFC 3464) with these fields for one recipient."""
    lines = (
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        "Message-ID: <report@mx.umbrella.example>",
        "From: MAILER-DAEMON@mx.umbrella.example",
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "Sorry.",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.umbrella.example",
        "",
        *fields,
        "",
        "--b",
        "Content-Type: text/rfc822-headers",
        "",
        f"Message-ID: {about}",
        "Subject: Prices",
        "",
        "--b--",
    )
    return parsing.parsed("\r\n".join(lines).encode())


def test_mail_that_came_back_for_good_is_a_bounce() -> None:
    report = reports.report_in(
        returned("Final-Recipient: rfc822; Ana@Umbrella.example", "Action: failed", "Status: 5.1.1")
    )
    assert report == reports.Report("bounced", "ours@acme.example", ("ana@umbrella.example",))


@pytest.mark.parametrize(
    "fields",
    [
        ("Final-Recipient: rfc822; ana@umbrella.example", "Action: error"),
        (
            "Final-Recipient: x400; /S=ana/O=umbrella/C=GB/",
            "Original-Recipient: rfc822; ana@umbrella.example",
            "Action: failed",
        ),
    ],
    ids=["OpenSMTPD", "X.400"],
)
def test_a_report_in_another_servers_words_is_a_bounce_too(fields: tuple[str, ...]) -> None:
    report = reports.report_in(returned(*fields, "Status: 5.1.1"))
    assert report == reports.Report("bounced", "ours@acme.example", ("ana@umbrella.example",))


def test_mail_that_is_late_is_no_bounce() -> None:
    late = returned("Final-Recipient: rfc822; a@u.example", "Action: delayed", "Status: 4.4.1")
    full = returned("Final-Recipient: rfc822; a@u.example", "Action: failed", "Status: 4.2.2")
    for message in (late, full):
        report = reports.report_in(message)
        assert report is not None
        assert report.kind == "delayed"


def test_a_report_that_quotes_no_id_says_nothing() -> None:
    fields = ("Final-Recipient: rfc822; a@u.example", "Action: failed", "Status: 5.1.1")
    assert reports.report_in(returned(*fields, about="")) is None


def test_a_complaint_is_read() -> None:
    lines = (
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
        "",
        "--b",
        "Content-Type: message/feedback-report",
        "",
        "Feedback-Type: abuse",
        "Original-Rcpt-To: <Ana@umbrella.example>",
        "",
        "--b",
        "Content-Type: message/rfc822",
        "",
        "Message-ID: <ours@acme.example>",
        "From: mia@acme.example",
        "",
        "Hi",
        "--b--",
    )
    report = reports.report_in(parsing.parsed("\r\n".join(lines).encode()))
    assert report == reports.Report("complaint", "ours@acme.example", ("ana@umbrella.example",))

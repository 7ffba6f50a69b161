"""What else waits in the demo's queue: a Slack message, a LinkedIn message, a task, a sync."""

from demo.drafts import MIA, Other

INGRID, PRIYA = "ingrid.halvorsen@nordvarme.example", "priya.raman@sunfield-solar.example"

OTHERS = (
    Other(
        "send_slack_message",
        INGRID,
        {
            "channel": "C0SALES001",
            "text": "Nordvarme came back to pricing twice this week and asks about single "
            "sign-on. Who takes the call with their IT on Thursday?",
        },
        "Her last three visits were to /security and /pricing; the call needs somebody from IT.",
        0.05,
        names_contact=False,
    ),
    Other(
        "linkedin_message",
        PRIYA,
        {
            "message": "Hi Priya, thank you for yesterday. I put the two route plans we spoke "
            "about into the mail; the second one is what I would start with.",
        },
        "She answers on LinkedIn within a day, on mail within three.",
        0.2,
        sender=MIA,
        profile="https://www.linkedin.com/in/priya-raman-sunfield",
    ),
    Other(
        "create_task",
        PRIYA,
        {
            "title": "Ask finance whether quarterly billing works for Sunfield",
            "assignee": "rex@acme.test",
        },
        "She asked on the pricing page's form; only finance can say yes.",
        0.3,
    ),
)

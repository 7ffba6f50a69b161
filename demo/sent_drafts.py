"""Letters the demo's ledger has settled: sent weeks ago, or turned down with a reason."""

from demo.drafts import ADA, REX, Letter

SENT = (
    Letter(
        "ingrid.halvorsen@nordvarme.example",
        "The planning guide, and one question",
        """Hi Ingrid,

I hope the planning guide was of use. The chapter on winter rotas came out of a project in
Umeå, so it may be close to what you do in Uppsala.

One question, if I may: do your on-call weeks rotate by person or by district? The board
handles both, but they are set up differently and I would rather show you the right one.""",
        "Downloaded the planning guide after reading about winter rotas.",
        41,
        about=("/resources/planning-guide", "/blog/winter-on-call-rota"),
    ),
    Letter(
        "ingrid.halvorsen@nordvarme.example",
        "Demo on Tuesday: what we will look at",
        """Hi Ingrid,

thank you for booking. I suggest 45 minutes in this order:

1. One ordinary Monday on the board, with 62 technicians in two districts
2. An on-call week that rotates by district
3. What happens when somebody calls in sick at six in the morning

Bring whoever dispatches on weekends; that person usually asks the best questions.""",
        "Asked for a demo after looking at the prices.",
        11.6,
        about=("/demo", "/pricing"),
    ),
    Letter(
        "jonas.wendt@liftwerk.example",
        "Was die App für 31 Monteure kostet",
        """Guten Tag Herr Wendt,

danke für Ihre Nachricht. Für 31 Monteure und vier Disponenten liegen Sie im Tarif Team: 24
EUR je Monteur und Monat, Disponenten kosten nichts. Bei jährlicher Zahlung sind es 21 EUR.

Die App läuft auch im Schacht ohne Netz und gleicht später ab. Das würde ich Ihnen gern an
einem echten Auftrag zeigen: passt Ihnen Donnerstag um zehn?""",
        "Asked by the contact form what the app costs for 31 fitters.",
        39,
        about=("/contact", "/pricing"),
    ),
    Letter(
        "jonas.wendt@liftwerk.example",
        "Ihr Testzugang ist offen",
        """Guten Tag Herr Wendt,

der Testzugang läuft 30 Tage und enthält alles. Zwei Dinge erleichtern den Anfang:

- Die Anlagenliste lässt sich als CSV einlesen, die Spalten ordnen Sie beim Einlesen zu.
- Laden Sie zuerst einen Disponenten ein, dann erst die Monteure.

Wenn der Betriebsrat Fragen hat, schicken Sie sie mir einfach.""",
        "Began the trial and invited the first person.",
        21,
        about=("trial_started", "invite_sent"),
    ),
    Letter(
        "sanne.devries@vandermeer.example",
        "Offline working: the setting you were looking for",
        """Hi Sanne,

you had the page about offline working open this morning, so in case it was not clear: the
limit of 40 jobs a device can be raised under Settings, Mobile, Storage. With your routes I
would go to 80.

Nothing needs to be reinstalled; the vans pick it up at the next sync.""",
        "Read the documentation about working offline.",
        16.8,
        about=("/docs/mobile/offline",),
    ),
    Letter(
        "sanne.devries@vandermeer.example",
        "Two new colleagues on the board",
        """Hi Sanne,

I saw two invitations go out. If they are the new planners you mentioned, there is a training
hour on the first Monday of each month; I can put both on the list.

They only need a browser and the demo depot, which I can refill before they start.""",
        "Invited two people within two days.",
        14.7,
        about=("invite_sent",),
    ),
    Letter(
        "tom.ashworth@kestrel-facilities.example",
        "Your trial, and what other facility teams try first",
        """Hello Tom,

your trial is open. Facility teams mostly begin with the reactive jobs, because planned
maintenance looks tidy in any tool. Take last week's call-outs for one building, put them on
the board as they came in, and see whether the day still makes sense at noon.

I will ring on Friday unless you would rather I did not.""",
        "Began the trial after the demo.",
        37,
        about=("trial_started", "/demo"),
    ),
    Letter(
        "tom.ashworth@kestrel-facilities.example",
        "Single sign-on and where your data lies",
        """Hello Tom,

since you were looking at security and single sign-on: we support SAML and OpenID Connect,
your IT keeps the keys, and accounts end the minute you close them on your side. Data for UK
customers stays in London.

The full answers to the usual forty questions are attached to your trial under Settings,
Documents.""",
        "Read the pages on security and single sign-on.",
        18,
        sender=REX,
        about=("/security", "/docs/single-sign-on"),
    ),
    Letter(
        "hannah.osei@kestrel-facilities.example",
        "Price lock: what we can do",
        """Dear Hannah,

Tom tells me that the price lock is what keeps you from signing. We can hold the price per
technician for 24 months as it is, and for 36 months with yearly payment in advance.

Both versions are on one page each. Shall I send them to you or straight to your legal team?""",
        "Compared prices and read the security page; purchasing wants a price lock.",
        16.2,
        sender=REX,
        about=("/pricing", "/security"),
    ),
    Letter(
        "marcus.bell@medora-devices.example",
        "The case study, for your eyes first",
        """Hi Marcus,

here is what we would publish: 31 % fewer second visits in six months, the reason (parts in
the right van), and one sentence from you. Your name appears only if you say so.

Change whatever you like. If legal wants to see it, three weeks are no problem.""",
        "Agreed to a case study in the quarterly call.",
        23,
        sender=ADA,
        about=("/docs/api/jobs",),
    ),
    Letter(
        "aoife.brennan@bluegate.example",
        "A dispatcher's morning, at Bluegate",
        """Hi Aoife,

you read the piece on a dispatcher's morning and took the planning guide with you, so I am
curious: how many of your calls before nine are about jobs that were already planned?

At two other network installers it was every second one, and most of these went away with a
message to the customer the evening before. Happy to show how they set it up.""",
        "Read about a dispatcher's morning and downloaded the guide.",
        9.4,
        about=("/blog/dispatcher-morning", "/resources/planning-guide"),
    ),
    Letter(
        "marcus.bell@medora-devices.example",
        "New colleague in Columbus",
        """Hi Marcus,

one invitation went out from Columbus last week and has not been accepted yet. It ends in a
few days; if the address was mistyped, you can correct it under Settings, People.

Otherwise nothing to do on your side.""",
        "Invited somebody a week ago.",
        0.15,
        about=("invite_sent",),
    ),
)

REJECTED = (
    Letter(
        "aoife.brennan@bluegate.example",
        "Still thinking about it, Aoife?",
        """Hi Aoife,

just bumping this to the top of your inbox! Did you have a chance to look at my last message?
Teams like yours save up to 40 % with us, and this month there is a discount.

Would tomorrow at 10 work?""",
        "Opened the last message.",
        7,
        "rejected",
        about=("email_open", "email_reply"),
        reason=("wrong_time", "She asked for no reminders before February, see the note."),
    ),
    Letter(
        "piotr.zielinski@polar-serwis.example",
        "The API for jobs",
        """Hello Piotr,

you were reading about the API for jobs. We have a ready connector for your accounting
package, and I would be glad to walk you through it.""",
        "Read about the API and the prices.",
        1.4,
        "rejected",
        about=("/docs/api/jobs",),
        reason=("wrong_person", "He unsubscribed. Please check the consent first."),
    ),
    Letter(
        "priya.raman@sunfield-solar.example",
        "Your 320 installers",
        """Dear Priya,

with 320 installers in the field, every wasted kilometre counts. Our enterprise plan is made
for crews of your size.""",
        "Looked at the prices.",
        3.2,
        "rejected",
        reason=("wrong_fact", "320 is the headcount of the company, not of the crews."),
    ),
)

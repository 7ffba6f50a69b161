"""Letters and changes that wait in the demo's queue, for the people of demo.crm.cast."""

from demo.drafts import REX, Change, Letter

WAITING = (
    Letter(
        "ingrid.halvorsen@nordvarme.example",
        "Single sign-on with Entra, in writing",
        """Hi Ingrid,

as promised on the phone, the short version for your IT:

- Sign-on by OpenID Connect with your own Entra tenant; we never see a password.
- A technician you block in Entra is out of the app within a minute, also offline at the next
  sync.
- Data of Swedish customers is stored in Stockholm, copies in Frankfurt. Four people here can
  reach it, each access is logged, and you may see that log.

If that answers their list, I would send the proposal for 62 technicians on Friday, with
rotation by district set up as we looked at it. Who besides you should get it?""",
        "She came back to /security, the single sign-on page and /pricing yesterday. The note of "
        "the last call says her IT asks where data is stored.",
        0.02,
        "waiting",
        about=("/docs/single-sign-on", "/security", "/pricing"),
    ),
    Letter(
        "priya.raman@sunfield-solar.example",
        "Routes for solar crews",
        """Hi Priya,

you took our planning guide last week and have since been looking at what we charge. Two
things the price page does not say:

Crews count as one seat, not each installer, since they share a van and a tablet. And the
first 60 days cost nothing if you move over one region only.

If you tell me how many crews start from Sacramento on a normal morning, I can send you a
figure instead of a table.""",
        "Three visits to /pricing within four days, after downloading the guide. Nobody has "
        "written to her yet; the job title on the form was COO.",
        0.06,
        "waiting",
        about=("/pricing", "/resources/planning-guide", "/product/spare-parts"),
    ),
    Letter(
        "camille.berthier@clairfeu.example",
        "Webhooks et Odoo 17 : oui",
        """Bonjour Madame Berthier,

oui, chaque intervention terminée part par webhook, avec les pièces posées et la signature du
client. Un de nos clients a publié un petit connecteur pour Odoo que vous pouvez lire avant
notre appel :
https://odoo-connecteur.example/acme/17

Jeudi matin me convient. Neuf heures trente ? Pour 22 techniciens, comptez 45 minutes.""",
        "Asked by the contact form, in French, whether webhooks work with Odoo 17, and read the "
        "page about webhooks. Thursday morning was her own suggestion.",
        0.3,
        "waiting",
        about=("/contact", "/docs/webhooks", "/product/integrations"),
    ),
    Letter(
        "tom.ashworth@kestrel-facilities.example",
        "For the board meeting: Kestrel on one page",
        """Hello Tom,

you asked for something you can put in front of the board. Below is everything I would say in
five minutes; use it as it is, or take it apart.

## Where you are today

Kestrel looks after 118 buildings from Leeds with 74 technicians in 60 vans. Call-outs come in
by telephone and mail, three dispatchers put them into a spreadsheet, and technicians ring in
to learn where to go next. In the trial we counted two ordinary weeks together: 412 call-outs,
96 of them touched twice because a part or a key was missing.

## What changed in the trial

- Second visits in the two trial buildings went from 23 % to 14 %.
- The first call of the day now comes at 8:40 instead of 7:05, because technicians see their
  morning on the phone.
- One dispatcher could take a week off without anybody standing in.

None of this needed new staff. It did need two afternoons in which your team agreed on what
counts as urgent, and that part was theirs.

## What it costs

74 technicians at 21 GBP a month, paid yearly, make 18,648 GBP. Dispatchers and managers are
free. Onboarding for all 118 buildings is included; we estimate eleven working days of ours
and about four of yours.

Hannah has both versions of the price lock: 24 months as it is, 36 months with payment in
advance.

## What could go wrong

I would name three things before somebody else does:

1. **Keys and access codes.** They live in two heads and a drawer. The board only helps once
   they are written down.
2. **The winter.** If we start in January, the first weeks fall into the busiest ones.
   Starting with planned maintenance in the two trial buildings keeps that small.
3. **Single sign-on.** Your IT has the documents, and nobody has set a date yet.

## What I would ask the board for

A yes to 24 months for the Leeds buildings, with a look back after six months at one figure
only: the share of call-outs that needed a second visit. If it has not fallen below 17 % by
then, you may leave with 30 days' notice, and I will put that into the contract.

I am free on the day of the meeting and can dial in for ten minutes if questions come up.
Otherwise, shall I send Hannah the contract with that clause?""",
        "He looked at the prices again four days ago. The note says the board meets on the second "
        "Thursday and that purchasing wants a price lock.",
        0.9,
        "waiting",
        sender=REX,
        about=("/pricing", "trial_started", "/security"),
        cites_note=True,
    ),
    Letter(
        "sanne.devries@vandermeer.example",
        "Job webhooks now carry the van number",
        """Hi Sanne,

the release of next week adds what you asked for: every job webhook will have the van number
in the field vehicle. Nothing else in the message changes, so your import keeps working even
if you do nothing.

I saw you looking at the webhook pages. If you are building on them right now, I can switch
your depot over two days early; just say when.""",
        "Read the API and webhook pages two days ago; the wish for the van number is in the notes.",
        0.2,
        "waiting",
        about=("/docs/webhooks", "/docs/api/jobs"),
        in_days=2,
    ),
    Letter(
        "jonas.wendt@liftwerk.example",
        "Eine Seite für Ihren Betriebsrat",
        """Guten Tag Herr Wendt,

wie besprochen, was die App über Monteure aufzeichnet und was nicht:

- Aufgezeichnet wird, wann ein Auftrag begonnen und beendet wurde, und welche Teile verbaut
  wurden.
- Der Standort wird nur für die nächste Route gebraucht und nach zwölf Stunden gelöscht. Wege
  lassen sich nicht nachträglich ansehen, auch nicht von der Leitung.
- Auswertungen je Person sind abgeschaltet. Einschalten kann sie nur der Administrator, und
  das steht dann sichtbar in der App.

Dazu gibt es eine Vorlage für eine Betriebsvereinbarung. Soll ich sie Ihnen als Word-Datei
schicken?""",
        "The note on the trial says the works council asks what is recorded, and that he needs "
        "one page in German. He read about offline work and looked at the prices again.",
        0.5,
        "waiting",
        about=("/docs/mobile/offline", "/pricing"),
        cites_note=True,
    ),
)

CHANGES = (
    Change(
        "lucia.ferrer@aguaviva.example",
        {"lifecyclestage": "mql", "lead_status": "open"},
        "She asked by the form whether the app works without a network, after reading about it "
        "and looking at the prices.",
        0.12,
        ("/contact", "/product/mobile-app", "/pricing"),
    ),
    Change(
        "mathilde.roux@clairfeu.example",
        {"email": "m.roux@clairfeu.example"},
        "The last letter to her came back; the signature of her colleague shows this form of "
        "address.",
        0.4,
        ("/newsletter",),
    ),
    Change(
        "marcus.bell@medora-devices.example",
        {"jobtitle": "Senior Vice President Service", "city": "Cleveland"},
        "The notes mention the Cleveland depot; his profile shows the new title.",
        1.1,
        ("/product/spare-parts",),
    ),
)

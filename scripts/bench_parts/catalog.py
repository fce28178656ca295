"""What is delivered: one lead of 1 KB, and recipients that answer after 0, 50 and 500 ms."""

from pathlib import Path
from typing import Any

import orjson

from leadrelay_client.v1.lead_pb2 import Lead

LEAD_BYTES = 1024
FIELDS = {
    "first_name": "Ada",
    "last_name": "Lovelace",
    "email": "Ada.Lovelace@example.com",
    "phone_1": "415 555 0142",
    "address_1": "12 St. James's Square",
    "city": "San Francisco",
    "state": "CA",
    "postal_code": "94107",
    "dob": "1985-12-10",
    "loan_amount": "62500",
    "loan_purpose": "debt consolidation",
    "credit_score": "712",
    "monthly_income": "6400",
    "own_or_rent": "own",
    "bankruptcy": "no",
    "ip_address": "192.0.2.44",
    "landing_page_url": "https://www.example.com/loans?campaign=spring",
    "consent": "yes",
    "campaign": "spring-2",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)",
}

# Twelve rules of the kinds that catalogs have: plain ones, a mask, a choice, a template of two, a
# default, nested paths, and one field that is sensitive and so masked in everything recorded.
MAPPING: list[dict[str, Any]] = [
    {"to": "first_name", "value": "{{first_name}}"},
    {"to": "last_name", "value": "{{last_name}}", "required": True},
    {"to": "full_name", "value": "{{first_name}} {{last_name}}"},
    {"to": "email", "value": "{{lowercase email}}"},
    {"to": "phone", "value": '{{format phone_1 "(###) ###-####"}}'},
    {"to": "address.street", "value": "{{address_1}}"},
    {"to": "address.state", "value": '{{if state "CA" then "California" else state}}'},
    {"to": "address.zip", "value": "{{postal_code}}"},
    {"to": "born", "value": "{{dob}}"},
    {"to": "loan_amount", "value": "{{loan_amount}}"},
    {"to": "priority", "value": '{{if loan_amount > 50000 then "high" else "normal"}}'},
    {"to": "source", "value": "{{source}}", "default": "Web"},
]
EGRESS = {"allow": ["127.0.0.0/8"]}  # where the recipients are
READING: dict[str, Any] = {
    "rules": [
        {"outcome": "success", "match": [{"path": "status", "equals": "ok"}]},
        {"outcome": "hard_reject", "match": [{"path": "status", "equals": "no"}]},
    ],
    "reason": ["reason"],
    "reference": ["id"],
}

# Destinations by name, with the delay in ms of their recipient and how many deliveries at once they take.
WIDE, NARROW = 2000, 64
RECIPIENTS = {
    "quick": (0, WIDE),
    "middling": (50, WIDE),
    "slow": (500, WIDE),
    "narrow_1": (500, NARROW),
    "narrow_2": (500, NARROW),
    "narrow_3": (500, NARROW),
}

# Three destinations per lead in each flow.
MIXED, EVEN, LONG, CROWDED = "mixed", "even", "long", "crowded"
FLOWS: list[dict[str, Any]] = [
    {
        "name": MIXED,
        "steps": [
            {"parallel": {"steps": [{"deliver": "quick"}, {"deliver": "middling"}, {"deliver": "slow"}]}}
        ],
    },
    {"name": EVEN, "steps": [{"parallel": {"steps": [{"deliver": "middling"}] * 3}}]},
    {"name": LONG, "steps": [{"deliver": "slow"}] * 3},
    {"name": CROWDED, "steps": [{"parallel": {"steps": [{"deliver": f"narrow_{n}"} for n in (1, 2, 3)]}}]},
]
ABOUT = {
    MIXED: "in parallel to 0, 50 and 500 ms",
    EVEN: "in parallel to three of 50 ms",
    LONG: "one after the other to three of 500 ms",
    CROWDED: f"in parallel to three of 500 ms that take {NARROW} at once",
}


def write_catalog(folder: Path, recipients: str) -> Path:
    """A catalog file for recipients at a base URL."""
    destinations = [
        {
            "name": name,
            "rest": {"url": f"{recipients}/bench/{delay}"},
            "mapping": MAPPING,
            "reading": READING,
            "limits": {"concurrency": concurrency},
            "timeouts": {"total": "120s"},
        }
        for name, (delay, concurrency) in RECIPIENTS.items()
    ]
    path = folder / "catalog.json"
    path.write_bytes(orjson.dumps({"egress": EGRESS, "destinations": destinations, "flows": FLOWS}))
    return path


def a_lead(source: str) -> Lead:
    """1 KB as it stands on the wire."""
    lead = Lead(fields=FIELDS, source=source)
    lead.fields["comments"] = "x"
    lead.fields["comments"] = "x" * (LEAD_BYTES - lead.ByteSize())
    return lead

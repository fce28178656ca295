"""Every protocol with every failure, each with proofs of several kinds, as one catalog."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from canaries.values import OWN_FIELDS, TEMPLATES
from soap_service import SCHEMA, wsdl

Entry = dict[str, Any]

RULES = {
    "rules": [
        {"outcome": "success", "match": [{"path": "result", "equals": "yes"}]},
        {"outcome": "hard_reject", "match": [{"path": "result", "equals": "no"}]},
    ],
    "reason": ["reason"],
    "reference": ["reference"],
}
# What the recipient does, by the first part of the path; `at` leads to somebody else.
ANSWERS = (
    *("yes", "no", "bad_request", "unauthorized", "server_error", "too_many", "redirect", "page", "text"),
    *("wide", "fault", "large", "slow"),
)
NOWHERE = ("refused", "dns", "tls", "reset", "half")
TOKEN_FAILURES = ("refused", "lower", "empty", "odd", "page", "redirect", "slow", "error", "reset", "nobody")
GRANTS = ("client_basic", "client_post", "refresh_token", "password", "jwt_bearer")
IN_FORM = ("rest_form", "webhook_form")
IN_JSON = ("rest_json", "webhook_json")
PROTOCOLS = (
    *("rest_json", "rest_form", "rest_query", "rest_xml", "rest_csv", "rest_fixed", "rest_text"),
    *("webhook_json", "webhook_form", "soap_text", "soap_digest"),
)
ADDRESS = "/{{first_name}}/{{ssn.last_four}}/{{sha256 ssn}}?who={{md5 ssn}}&card={{card_number}}&n={{pin}}"
HEADERS = {
    "X-Hash": "h={{sha256 ssn}} {{ssn.last_four}}",
    "X-Person": "{{format dob 'MM/DD/YYYY'}} of {{first_name}}",
    "X-Name": "{{first_name}}",
}


class Matrix:
    """The ports are those of the echo, of twins that reset or stop half way, a closed one, and ours."""

    def __init__(self, folder: Path, *, echo: int, reset: int, half: int, closed: int, ours: int) -> None:
        self._folder, self._echo = folder, echo
        self._peers = {"peer": ours, "refused": closed, "reset": reset, "half": half, "web": echo}
        self._places = {
            "refused": f"http://127.0.0.1:{closed}",
            "dns": "http://canaries.invalid",
            "tls": f"https://127.0.0.1:{echo}",
            "reset": f"http://127.0.0.1:{reset}",
            "half": f"http://127.0.0.1:{half}",
        }
        self.destinations: list[Entry] = []
        self.flows: list[Entry] = []

    def catalog(self) -> Entry:
        (self._folder / "types.xsd").write_text(SCHEMA)
        (self._folder / "crm.wsdl").write_text(wsdl("http://127.0.0.1:1/leads"))
        for number, protocol in enumerate(PROTOCOLS):
            steps = []
            for turn, failure in enumerate((*ANSWERS, *NOWHERE)):
                steps.append(self._add(protocol, failure, number + turn))
            steps += list(self._unmappable(protocol))
            self._flow(protocol, steps)
        self._flow("inner", [self._inner()])
        self._flow("direct", list(self._direct()))
        self.flows.append(self._conditions())
        self._flow("further", list(self._further()))
        self._flow("keys", list(self._keyed()))
        self._flow("tokens", [self._token(grant, how) for grant in GRANTS for how in TOKEN_FAILURES])
        return {"destinations": self.destinations, "flows": self.flows, "fields": OWN_FIELDS}

    def _flow(self, name: str, steps: list[str]) -> None:
        self.flows.append({"name": name, "steps": [{"parallel": {"steps": [{"deliver": s} for s in steps]}}]})

    def _base(self, how: str) -> str:
        return self._places.get(how, f"http://127.0.0.1:{self._echo}/{how}")

    def _add(self, protocol: str, failure: str, turn: int, **more: Any) -> str:
        name = f"{protocol}-{failure}"
        destination: Entry = {
            "name": name,
            **_spoken(protocol, self._base(failure)),
            "auth": [*_wsse(protocol), *_keys(protocol), *self._authorization(turn)],
            "reading": _reading(protocol),
            "timeouts": {"connect": "0.4s", "response": "0.4s", "total": "3s"},
            **more,
        }
        destination.setdefault("mapping", _mapping(protocol))
        self.destinations.append(destination)
        return name

    def _unmappable(self, protocol: str) -> Iterator[str]:
        """What fails before anything is sent, with a sensitive value at the very place."""
        rules = _mapping(protocol)
        missing = {**rules[0], "value": "{{nothing}}", "required": True}
        yield self._add(protocol, "missing", 0, mapping=[missing, *rules[1:]])
        if protocol.startswith("soap"):
            misfit = {"to": "lead.Age", "value": "{{ssn}} {{ssn.last_four}}"}
            yield self._add(protocol, "misfit", 1, mapping=[*rules, misfit])
            return
        spoken = _spoken(protocol, self._base("no"))
        spoken[protocol.partition("_")[0]]["headers"] = {"X-Note": "{{odd_note}} {{ssn.last_four}}"}
        yield self._add(protocol, "odd_header", 1, **spoken)
        if protocol == "rest_fixed":
            spoken = _spoken(protocol, self._base("no"))
            spoken["rest"]["body"]["fixed_width"]["columns"] = [{"name": "ssn", "start": 1, "width": 3}]
            yield self._add(protocol, "overflow", 2, mapping=rules[:1], **spoken)

    def _inner(self) -> str:
        """Where direct deliveries end: it sends on, under their own names, what it is sent."""
        mapping = [{"to": name, "value": f"{{{{{name}}}}}"} for name in TEMPLATES]
        return self._add("rest_json", "inner", 0, **_spoken("rest_json", self._base("no")), mapping=mapping)

    def _direct(self) -> Iterator[str]:
        """To this server over the network and without one, and to peers that are none."""
        for how, port in {**self._peers, "secure": self._peers["peer"], "local": 0}.items():
            target = {"target": f"127.0.0.1:{port}", "plaintext": how != "secure"} if port else {}
            self.destinations.append(
                {
                    "name": f"direct-{how}",
                    "direct": {**target, "flow": "inner"},
                    "mapping": _mapping("direct"),
                    "auth": [{"bearer": {"token": {"secret": "bearer-token"}}}] if port else [],
                    "timeouts": {"connect": "0.5s", "response": "3s", "total": "4s"},
                }
            )
            yield f"direct-{how}"

    def _further(self) -> Iterator[str]:
        """Deliveries of more than one request: redirects that are followed, and status requests."""
        spoken = _spoken("rest_json", self._base("again"))
        spoken["rest"]["follow_redirects"] = True
        yield self._add("rest_json", "followed", 0, **spoken)
        for answer in ("yes", "no", "page"):
            request = {**_spoken("rest_query", self._base(answer))["rest"]}
            ask = {"request": request, "reading": RULES, "retry": {"attempts": 1}}
            spoken = _spoken("rest_json", self._base("slow"))
            yield self._add("rest_json", f"asked_{answer}", 1, **spoken, when_unknown="ask", ask=ask)

    def _keyed(self) -> Iterator[str]:
        """Client certificates, and keys that are none."""
        certificate = {"certificate": {"secret": "mtls-certificate"}}
        for name in ("mtls-key", "broken-key"):
            mtls = [{"mtls": {**certificate, "private_key": {"secret": name}}}]
            yield self._add(
                "rest_json", f"tls-{name}", 0, **_spoken("rest_json", self._base("tls")), auth=mtls
            )
        broken = self._oauth2("jwt_bearer", "ok")
        broken["oauth2"]["private_key"] = {"secret": "broken-key"}
        yield self._add(
            "rest_json", "jwt-broken-key", 0, **_spoken("rest_json", self._base("no")), auth=[broken]
        )

    def _conditions(self) -> Entry:
        """What is told of steps that are not taken, with the values that decided it."""
        never = 'comments == "never" and spouse.ssn == "1" and ssn.last_four == "0000"'
        closed = {
            "pass_when": 'comments == "never"',
            "reason": "{{comments}}: {{ssn.last_four}}, {{sha256 ssn}}",
        }
        steps = [{"deliver": "rest_json-no", "when": never}, {"filter": closed}, {"deliver": "rest_form-no"}]
        return {"name": "conditions", "steps": steps}

    def _token(self, grant: str, how: str) -> str:
        name = f"token-{grant}-{how}"
        self.destinations.append(
            {
                "name": name,
                **_spoken("rest_json", self._base("no")),
                "mapping": _mapping("rest_json"),
                "auth": [self._oauth2(grant, how)],
                "timeouts": {"connect": "0.4s", "response": "0.4s", "total": "1s"},
            }
        )
        return name

    def _authorization(self, turn: int) -> list[Entry]:
        plain: list[Entry] = [
            {"basic": {"username": "relay", "password": {"secret": "basic-password"}}},
            {"bearer": {"token": {"secret": "bearer-token"}}},
        ]
        return [(plain + [self._oauth2(grant, "ok") for grant in GRANTS])[turn % (len(plain) + len(GRANTS))]]

    def _oauth2(self, grant: str, how: str) -> Entry:
        base = {"reset": self._places["reset"], "nobody": self._places["refused"]}.get(
            how, f"http://127.0.0.1:{self._echo}"
        )
        more: dict[str, Entry] = {
            "client_basic": {"client_auth": "basic"},
            "client_post": {"client_auth": "post"},
            "refresh_token": {"grant": "refresh_token", "refresh_token": {"secret": "refresh-token"}},
            "password": {"grant": "password", "username": "ada", "password": {"secret": "user-password"}},
            "jwt_bearer": {"grant": "jwt_bearer", "username": "ada", "private_key": {"secret": "jwt-key"}},
        }
        name = "lower-secret" if how == "lower" else "client-secret"
        secret = {} if grant == "jwt_bearer" and how != "lower" else {"client_secret": {"secret": name}}
        return {"oauth2": {"token_url": f"{base}/token/{how}", "client_id": "me", **secret, **more[grant]}}


def _spoken(protocol: str, base: str) -> Entry:
    address = {"url": base + ADDRESS, "headers": dict(HEADERS)}
    columns = [{"name": name, "start": 1 + 140 * at, "width": 139} for at, name in enumerate(TEMPLATES)]
    bodies: dict[str, Entry] = {
        "rest_json": {"format": "json"},
        "rest_form": {"format": "form"},
        "rest_xml": {"xml": {"root": "lead"}},
        "rest_csv": {"csv": {}},
        "rest_fixed": {"fixed_width": {"columns": columns}},
        "rest_text": {"template": "\n".join(TEMPLATES.values())},
        "webhook_json": {"format": "json"},
        "webhook_form": {"format": "form"},
    }
    if protocol == "rest_query":
        return {"rest": {**address, "method": "GET"}}
    if protocol.startswith("soap"):
        return {"soap": {"wsdl": "crm.wsdl", "operation": "AddLead", "url": base}}
    return {protocol.partition("_")[0]: {**address, "body": bodies[protocol]}}


def _mapping(protocol: str) -> list[Entry]:
    if protocol == "rest_text":  # the body is its template
        return [{"to": "unused", "value": "{{ssn}}"}]
    if not protocol.startswith("soap"):
        return [{"to": name, "value": template} for name, template in TEMPLATES.items()]
    told = [f"extraXml.Lead.{name}" for name in TEMPLATES]
    return [
        {"to": "campaign", "value": "{{sha256 ssn}}"},
        {"to": "lead.FirstName", "value": "{{mother_maiden_name}}"},
        {"to": "lead.Email", "value": "{{email}}"},
        {"to": "lead.@source", "value": "{{ssn.last_four}}"},
        *({"to": to, "value": value} for to, value in zip(told, TEMPLATES.values(), strict=True)),
    ]


def _reading(protocol: str) -> Entry:
    if protocol.endswith("_text"):
        return {
            "reason": ["reason", "regex:(?s)(.*)"],
            "reference": ["reference"],
        }  # by status, with all its words
    return RULES


def _keys(protocol: str) -> list[Entry]:
    members = [{"api_key": {"field": "Key", "key": {"secret": "field-key"}}}]
    return [
        *(members if protocol in IN_FORM + IN_JSON else []),
        {"api_key": {"header": "X-Key", "key": {"secret": "header-key"}, "prefix": "Key "}},
        {"api_key": {"query": "api_key", "key": {"secret": "query-key"}}},
        {"headers": {"values": {"X-Custom": {"secret": "custom-header"}, "Cookie": {"secret": "cookie"}}}},
        {"hmac": {"key": {"secret": "hmac-key"}, "prefix": "sha256="}},
        {"standard_webhooks": {"keys": [{"secret": "webhook-key"}]}},
    ]


def _wsse(protocol: str) -> list[Entry]:
    if not protocol.startswith("soap"):
        return []
    digest = protocol == "soap_digest"
    return [{"wsse": {"username": "relay", "password": {"secret": "wsse-password"}, "digest": digest}}]

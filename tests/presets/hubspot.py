"""A double of HubSpot: contacts by the CRM API v3, and submissions of a form."""

from dataclasses import dataclass, field
from typing import Any

from leadrelay.recipients.http_server import Request, Response, as_json
from leadrelay.recipients.submission import is_email, json_fields

TOKEN = "pat-na1-11111111-2222-3333-4444-555555555555"
FORM = "/submissions/v3/integration/secure/submit/12345678/78c2891f-ebdd-44c0-bd94-15c012bbbfbf"
PROPERTIES = {"email", "firstname", "lastname", "phone", "address", "city", "state", "zip"} | {
    "lifecyclestage",
    "hs_lead_status",
}


@dataclass
class HubSpot:
    token: str = TOKEN
    scopes: bool = True  # the app may write contacts
    busy: int = 0  # how many requests are above the limit of a second
    left_today: int = 1000
    contacts: dict[str, dict[str, Any]] = field(default_factory=dict)  # by e-mail address
    submissions: list[dict[str, Any]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    async def hear(self, request: Request) -> Response:
        self.requests.append(request)
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return _error(401, "INVALID_AUTHENTICATION", "Authentication credentials not found.")
        limited = self._limited()
        if limited is not None:
            return limited
        fields = json_fields(request)
        if request.media_type != "application/json" or fields is None:
            return _error(400, "VALIDATION_ERROR", "Invalid input JSON")
        if request.path == "/crm/v3/objects/contacts":
            return self._create(fields)
        if request.path == FORM:
            return self._submit(fields)
        return _error(404, "OBJECT_NOT_FOUND", "resource not found")

    def _limited(self) -> Response | None:
        if self.left_today <= 0:
            return _limit("You have reached your daily limit.", "DAILY")
        if self.busy:
            self.busy -= 1
            return _limit("You have reached your secondly limit.", "SECONDLY")
        self.left_today -= 1
        return None

    def _create(self, fields: dict[str, Any]) -> Response:
        if not self.scopes:
            return _error(403, "MISSING_SCOPES", "This app hasn't been granted all required scopes.")
        properties = fields.get("properties")
        if set(fields) - {"properties", "associations"} or not isinstance(properties, dict):
            return _error(400, "VALIDATION_ERROR", "Invalid input JSON: properties are missing")
        for name in sorted(set(properties) - PROPERTIES):
            return _invalid(name, "PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
        email = properties.get("email", "")
        if not is_email(email):
            return _invalid("email", "INVALID_EMAIL", f"Email address {email} is invalid")
        if email in self.contacts:
            known = self.contacts[email]["id"]
            return _error(409, "CONFLICT", f"Contact already exists. Existing ID: {known}")
        contact = {"id": str(500 + len(self.contacts)), "properties": properties, "archived": False}
        self.contacts[email] = contact
        return as_json(201, contact)

    def _submit(self, fields: dict[str, Any]) -> Response:
        given = {each["name"]: each["value"] for each in fields["fields"] if each["objectTypeId"] == "0-1"}
        if len(given) != len(fields["fields"]) or not all(given.values()):
            return _refused("REQUIRED_FIELD", "Required field is missing")
        if not is_email(given.get("email", "")):
            return _refused("INVALID_EMAIL", "Error in 'fields.email'. Invalid email address")
        self.submissions.append(fields)
        return as_json(200, {"inlineMessage": "Thanks for submitting the form."})


def _error(status: int, category: str, message: str) -> Response:
    body = {"status": "error", "message": message, "correlationId": "2dea5219", "category": category}
    return as_json(status, body)


def _invalid(name: str, error: str, message: str) -> Response:
    listed = f'[{{"isValid":false,"message":"{message}","error":"{error}","name":"{name}"}}]'
    return _error(400, "VALIDATION_ERROR", f"Property values were not valid: {listed}")


def _refused(kind: str, message: str) -> Response:
    body = {
        "status": "error",
        "message": "The request is not valid",
        "errors": [{"message": message, "errorType": kind}],
    }
    return as_json(400, body)


def _limit(message: str, policy: str) -> Response:
    body = {"status": "error", "message": message, "errorType": "RATE_LIMIT", "policyName": policy}
    return as_json(429, body)

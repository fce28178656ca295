"""States: those of the United States with DC, territories and military mail, and Canada's provinces.

The normal form is the abbreviation of two letters that the post uses; parts: `abbreviation`, `name` and
`country_code`, US or CA (US also for what US mail reaches). Names are read in any case, with or without
accents and dots, and in the spellings that people use. Other regions are sent as they came: LeadConduit
calls them valid, which leaves nothing for `is valid` to say.
"""

import unicodedata

from leadrelay.core.typed.cleaning import cleaned
from leadrelay.core.typed.forms import Invalid, Valid
from leadrelay.core.values import Typed

_UNITED_STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia",
    "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana",
    "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland",
    "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri",
    "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey",
    "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio",
    "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island",
    "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah",
    "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin",
    "WY": "Wyoming",
    "AS": "American Samoa", "GU": "Guam", "MP": "Northern Mariana Islands", "PR": "Puerto Rico",
    "VI": "U.S. Virgin Islands", "FM": "Federated States of Micronesia", "MH": "Marshall Islands",
    "PW": "Palau",
    "AA": "Armed Forces Americas", "AE": "Armed Forces Europe", "AP": "Armed Forces Pacific",
}  # fmt: skip
_CANADA = {
    "AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick",
    "NL": "Newfoundland and Labrador", "NS": "Nova Scotia", "NT": "Northwest Territories",
    "NU": "Nunavut", "ON": "Ontario", "PE": "Prince Edward Island", "QC": "Quebec",
    "SK": "Saskatchewan", "YT": "Yukon",
}  # fmt: skip
_ALSO = {
    "dist of columbia": "DC", "washington dc": "DC", "washington state": "WA", "new york state": "NY",
    "virgin islands": "VI", "us virgin islands": "VI", "usvi": "VI", "micronesia": "FM", "cnmi": "MP",
    "n carolina": "NC", "s carolina": "SC", "n dakota": "ND", "s dakota": "SD", "w virginia": "WV",
    "newfoundland": "NL", "newfoundland & labrador": "NL", "labrador": "NL", "nf": "NL", "pq": "QC",
    "pei": "PE", "nwt": "NT", "yukon territory": "YT", "yk": "YT",
}  # fmt: skip

_KNOWN = {
    spelling.lower(): (abbreviation, {"abbreviation": abbreviation, "name": name, "country_code": country})
    for country, names in (("US", _UNITED_STATES), ("CA", _CANADA))
    for abbreviation, name in names.items()
    for spelling in (abbreviation, name, name.replace(".", ""), f"{country}-{abbreviation}")
}
_KNOWN |= {spelling: _KNOWN[abbreviation.lower()] for spelling, abbreviation in _ALSO.items()}


def state(raw: str) -> Typed:
    """A state or province."""
    known = _KNOWN.get(raw.lower()) or _KNOWN.get(_bare(raw))
    return Invalid(raw) if known is None else Valid(raw, *known)


def _bare(raw: str) -> str:
    """Without accents, dots and commas, in small letters, with single spaces."""
    letters = unicodedata.normalize("NFKD", cleaned(raw).lower())
    kept = (letter for letter in letters if letter not in ".," and not unicodedata.combining(letter))
    return " ".join("".join(kept).split())

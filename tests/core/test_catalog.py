"""The compiled catalog as a value."""

import dataclasses

import pytest

from leadrelay.core.catalog import Catalog
from leadrelay.core.fields import WELL_KNOWN


def test_an_empty_catalog_still_masks_what_everybody_knows_to_be_sensitive() -> None:
    catalog = Catalog(version=0)
    assert catalog.fields is WELL_KNOWN
    assert {"ssn", "password", "dob", "bank_account_number"} <= catalog.sensitive


def test_a_catalog_never_changes() -> None:
    catalog = Catalog(version=1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        catalog.version = 2  # type: ignore[misc]

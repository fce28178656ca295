"""The compiled catalog as a value."""

import dataclasses

import pytest

from leadrelay.core.catalog import Catalog
from leadrelay.core.fields import WELL_KNOWN
from leadrelay.core.masking import is_sensitive


def test_an_empty_catalog_still_masks_what_everybody_knows_to_be_sensitive() -> None:
    catalog = Catalog(version=0)
    assert catalog.fields is WELL_KNOWN
    assert all(is_sensitive(name, catalog.sensitive) for name in ("ssn", "password", "bank_account_number"))


def test_a_catalog_never_changes() -> None:
    catalog = Catalog(version=1)
    with pytest.raises(dataclasses.FrozenInstanceError):
        catalog.version = 2  # type: ignore[misc]

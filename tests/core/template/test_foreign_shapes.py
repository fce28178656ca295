"""Shapes of other systems are known, and our own are not taken for them."""

import pytest

from leadrelay.core.template.foreign_shapes import moment_meant, numeral_meant


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        ("dd/mm/yyyy", "DD/MM/YYYY"),
        ("mm/dd/yyyy", "MM/DD/YYYY"),
        ("MM/dd/yyyy", "MM/DD/YYYY"),
        ("yyyy-MM-dd", "YYYY-MM-DD"),
        ("yyyy-MM-dd HH:mm:ss", "YYYY-MM-DD HH:mm:ss"),
        ("m/d/yy", "M/D/YY"),
        ("YYYY-mm-dd", "YYYY-MM-DD"),
        ("mm/DD/YYYY hh:mm", "MM/DD/YYYY hh:mm"),
        ("yyyyMMdd", "YYYYMMDD"),
        ("YYYYMMdd", "YYYYMMDD"),
        ("ddmmyyyy", "DDMMYYYY"),
        ("mmddyyyy", "MMDDYYYY"),
        ("MMddyyyy", "MMDDYYYY"),
        ("ddMMYYYY", "DDMMYYYY"),
        ("YYYYmmDD", "YYYYMMDD"),
        ("yyyyMMddHHmmss", "YYYYMMDDHHmmss"),
        ("%m/%d/%Y", "MM/DD/YYYY"),
        ("%Y-%m-%dT%H:%M:%S", "YYYY-MM-DDTHH:mm:ss"),
        ("%-m/%-d/%y", "MM/DD/YY"),
    ],
)
def test_a_date_of_another_system_is_translated(foreign: str, ours: str) -> None:
    assert moment_meant(foreign) == ours
    assert moment_meant(ours) is None


@pytest.mark.parametrize(
    "ours",
    [
        "MM/DD/YYYY",
        "HH.mm",
        "h:mm a",
        "mm:ss",
        "dddd, MMMM Do YYYY",
        "ddd D MMM",
        "dd D/M",
        "YYYY-MM-DD[T]HH:mm",
        "[yyyy] YYYY",
        r"\y\y YYYY",
        "L LT",
        "YYYYMMDDHHmmss",
        "DDHHmm",
        "MMDDYY",
        "MMMDDYYYY",
        "YYYY-MM-DDTHH:mm:ss.SSSZ",
        "ddd, DD MMM YYYY HH:mm:ss ZZ",
        "D [days]",
    ],
)
def test_our_own_shapes_are_no_slips(ours: str) -> None:
    assert moment_meant(ours) is None


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        ("$#,##0.00", "$0,0.00"),
        ("#,##0", "0,0"),
        ("#,###", "0,0"),
        ("#0.00", "0.00"),
        ("0.0#", "0.0[0]"),
        ("#,##0.00;(#,##0.00)", "0,0.00"),
        ("#,##0.0%", "0,0.0%"),
    ],
)
def test_a_number_of_a_spreadsheet_is_translated(foreign: str, ours: str) -> None:
    assert numeral_meant(foreign) == ours


@pytest.mark.parametrize(
    "mask", ["(###) ###-####", "###.###.####", "+1 ### ###", "0### ######", "###-##-####"]
)
def test_masks_are_no_numbers(mask: str) -> None:
    assert numeral_meant(mask) is None

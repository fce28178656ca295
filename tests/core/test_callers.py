"""Verbs and flows bound what a caller may do; a new method is nobody's until a verb has it (behaviour 9)."""

import pytest

from leadrelay.core.callers import VERBS, Caller
from leadrelay.edges.grpc.services import SERVICES

METHODS = [f"{service.name}/{method.name}" for service in SERVICES for method in service.methods]


def test_every_method_of_the_protos_has_one_verb_and_every_verb_has_methods_that_exist() -> None:
    named = [method for methods in VERBS.values() for method in methods]
    assert sorted(named) == sorted(METHODS)


def test_a_caller_without_bounds_may_do_everything() -> None:
    caller = Caller(name="root")
    assert [caller.why_not(method) for method in [*METHODS, "NewService/New"]] == [""] * (len(METHODS) + 1)
    assert caller.may_use("loans")


@pytest.mark.parametrize(
    ("method", "takes"),
    [
        ("DeliveryService/Deliver", ""),
        ("DeliveryService/DeliverMany", ""),
        ("DeliveryService/Watch", "`watch`"),
        ("CatalogService/Apply", "`apply`"),
        ("NewService/New", "all verbs"),
    ],
)
def test_a_verb_is_all_that_its_holder_may_do(method: str, takes: str) -> None:
    why_not = Caller(name="forms", verbs=frozenset({"deliver"})).why_not(method)
    assert why_not == (f"forms may deliver only; this takes {takes}" if takes else "")


@pytest.mark.parametrize(
    ("flow", "may"), [("loans", True), ("loans2", False), ("auto", False), ("auto-ca", True), ("", False)]
)
def test_flows_are_names_or_beginnings_of_names(flow: str, may: bool) -> None:
    assert Caller(name="forms", flows=("loans", "auto-*")).may_use(flow) is may


def test_who_is_let_in_for_some_flows_is_not_told_of_all() -> None:
    caller = Caller(name="forms", flows=("loans",))
    assert caller.why_not("DeliveryService/GetDelivery") == ""
    assert caller.why_not("AnalyticsService/Summarize") == (
        "forms is let in for some flows only, and this is about all of them"
    )

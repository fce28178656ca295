"""Flows that deliver to flows of the same server: they are there, and lead not back to where they began.

What goes round by way of another server cannot be seen here; `loop_limit` stops it.
"""

from collections.abc import Iterator, Mapping

from leadrelay.edges.catalog.findings import Findings, Path
from leadrelay.edges.catalog.problems import did_you_mean, named
from leadrelay.edges.catalog.references import destinations_in
from leadrelay.v1.catalog_service_pb2 import Catalog as CatalogMessage

Step = tuple[str, str]  # a flow, and one of its destinations


def check_inner_flows(findings: Findings, message: CatalogMessage) -> None:
    """Note direct destinations of this server whose flow is unknown, and every circle."""
    flows = {flow.name for flow in message.flows if flow.name}
    inner: dict[str, tuple[str, Path]] = {}  # by destination, the flow it leads to and where that stands
    for index, destination in enumerate(message.destinations):
        direct = destination.direct
        if destination.HasField("direct") and not direct.target and direct.flow:
            path: Path = ("destinations", index, "direct", "flow")
            if direct.flow in flows:
                inner[destination.name] = direct.flow, path
            elif not findings.is_torn:
                hint = did_you_mean(direct.flow, flows, otherwise="there are")
                findings.problem(path, f"there is no flow {named(direct.flow)}{hint}")
    onward = {
        flow.name: {name: inner[name][0] for name in destinations_in(flow) if name in inner}
        for flow in message.flows
    }
    for circle in _circles(onward):
        way = ", ".join(f"flow {named(flow)} delivers to {named(name)}" for flow, name in circle)
        words = f"goes round in a circle: {way}, and that is flow {named(circle[0][0])} again"
        findings.problem(inner[circle[-1][1]][1], words)


def _circles(onward: Mapping[str, Mapping[str, str]]) -> Iterator[list[Step]]:
    """The steps of each. A flow is not looked at again once all behind it was seen."""
    done: set[str] = set()
    for begin in onward:
        if begin in done:
            continue
        way: list[Step] = []  # by which one came from each flow on the stack to the next
        stack = [(begin, iter(onward[begin].items()))]
        while stack:
            flow, steps = stack[-1]
            name, target = next(steps, ("", ""))
            if not name:
                stack.pop()
                done.add(flow)
                continue
            way[len(stack) - 1 :] = [(flow, name)]
            above = [entry[0] for entry in stack]
            if target in above:
                yield way[above.index(target) :]
            elif target not in done:
                stack.append((target, iter(onward[target].items())))

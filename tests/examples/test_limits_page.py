"""What docs/limits.md shows is a catalog, and means what the page says."""

import re
from decimal import Decimal
from pathlib import Path

from leadrelay.core.limits.full import WhenFull
from leadrelay.core.limits.periods import PeriodKind
from leadrelay.edges.catalog.load import SourceFile, load

PAGE = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")


def test_the_pages_catalog_loads_without_a_warning() -> None:
    (catalog,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    loaded = load([SourceFile("limits.yaml", catalog)], secret_names=None)
    assert list(map(str, loaded.warnings)) == []
    limits = loaded.catalog.destinations["buyer"].limits
    assert limits is not None
    assert limits.rate is not None
    assert limits.rate.per_second * 0.4 == 1
    assert [(cap.name, cap.period) for cap in limits.caps] == [
        ("texas", PeriodKind.DAY),
        ("budget", PeriodKind.MONTH),
    ]
    assert limits.caps[1].per_lead == Decimal("48.50")
    assert limits.when_full is WhenFull.SKIP

"""axe-core over every page: nothing serious, light and dark, wide and narrow."""

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

Open = Callable[..., Any]
GRAVE = ("serious", "critical")
WIDTHS = (1440, 1024, 390)


def grave(page: Any) -> list[str]:
    """What axe finds that keeps people out: rule, and the first elements concerned."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}" for one in found if one["impact"] in GRAVE
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_nobody_is_kept_out(server: Any, visit: Open, width: int, scheme: str) -> None:
    page = visit(server.url, width=width, color_scheme=scheme)
    assert grave(page.page) == []
    page.ask("2021年天津港集装箱吞吐量是多少?")
    page.page.locator(".nexts").wait_for()
    page.ask("《红楼梦》的作者是谁?")
    page.page.locator("#turn-2 .say").first.click()
    assert grave(page.page) == []
    for place in range(1, page.page.get_by_role("tab").count()):
        page.page.get_by_role("tab").nth(place).click()
        page.page.wait_for_timeout(1500)
        assert grave(page.page) == []
        page.shot(f"tab-{place}-{width}-{scheme}")

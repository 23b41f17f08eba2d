from __future__ import annotations
import pytest
from axe_playwright_python.sync_playwright import Axe
from tests.e2e.conftest import DESK, PHONE
from tests.e2e.pages import PAGES
from tests.e2e.test_every_page import WCAG, SETTINGS
from tests.world import make_world
from django.core.cache import cache
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
NAMES = ["report what happened","admin cases","admin case","admin review desk","admin review","admin review, answered","admin strike","admin readings","session that is over","session ahead"]
@pytest.mark.parametrize("setting", SETTINGS)
def test_mine(visit, roles, agreements, setting):
    world = make_world()
    found=[]; visitors={}
    for name in NAMES:
        who, path = PAGES[name]
        user = who(world)
        if user not in visitors: visitors[user]=visit(user, **SETTINGS[setting])
        v=visitors[user]
        page=v.go(path(world))
        page.screenshot(path=f"/tmp/f3/{setting.replace(', ','_')}-{name.replace(' ','_').replace(',','')}.png", full_page=True)
        found += [f"{name}: {c}" for c in v.complaints]; v.complaints.clear()
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"): found.append(f"{name}: wide")
        if page.locator("h1").count()!=1: found.append(name+" h1")
        report=Axe().run(page, options=WCAG)
        found += [f"{name}: {x['id']} {n['html'][:200]}" for x in report.response["violations"] for n in x["nodes"][:3]]
        v.complaints.clear()
    # invalid follow-up
    v=visitors[world.participant]; page=v.go(PAGES["report what happened"][1](world))
    page.get_by_role("radio").first.check(); page.locator("textarea").fill("Seen in Sudbury. Phone 705-555-0199.")
    page.locator("main form button.button").first.click(); page.wait_for_load_state()
    page.screenshot(path=f"/tmp/f3/{setting.replace(', ','_')}-followup_stop.png", full_page=True)
    page.locator("textarea").fill("Seen in Sudbury in spring.")
    page.locator("main form button.button").first.click(); page.wait_for_load_state()
    page.screenshot(path=f"/tmp/f3/{setting.replace(', ','_')}-followup_ask.png", full_page=True)
    v.complaints.clear()
    report=Axe().run(page, options=WCAG)
    found += [f"ask: {x['id']} {n['html'][:200]}" for x in report.response["violations"] for n in x["nodes"][:3]]
    v.complaints.clear()
    assert not found, "\n".join(found)

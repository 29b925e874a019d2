"""The report's page in a real browser: it opens from disk, and its controls do what they say."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tests.browser.conftest import Opened
from tests.unit.report.planted_run import PROTEINS, SPACES

# Where a point of a view stands on the screen, from Bokeh's own scales.
PLACE = """([view, point]) => {
  const plot = Object.values(Bokeh.index).flatMap(v => [v, ...(v.child_views ?? [])])
    .find(v => v.model?.name === "planted_projection");
  const data = plot.model.renderers[view].data_source.data;
  const box = plot.canvas_view.el.getBoundingClientRect();
  return [box.left + plot.frame.x_scale.compute(data.x[point]),
          box.top + plot.frame.y_scale.compute(data.y[point]), data["about protein"][point]];
}"""
OPACITIES = """view => {
  const plot = Bokeh.documents.map(d => d.get_model_by_name("planted_projection")).find(m => m);
  return [...plot.renderers[view].data_source.data.opacity];
}"""
VISIBLE = """() => Bokeh.documents.map(d => d.get_model_by_name("planted_projection"))
  .find(m => m).renderers.slice(0, 2).map(r => r.visible)"""


def test_it_opens_from_disk_without_errors_and_asks_nobody(opened: Opened) -> None:
    assert opened.errors == []
    assert {urlsplit(url).scheme for url in opened.asked} <= {"file", "data", "blob"}
    assert len([url for url in opened.asked if url.startswith("file")]) == 1


def test_every_link_leads_somewhere(opened: Opened, page_file: Path) -> None:
    links = opened.page.eval_on_selector_all(
        "a[href]", "all => all.map(a => a.getAttribute('href'))"
    )
    assert len(links) > 8
    for link in links:
        if link.startswith("#"):
            assert opened.page.locator(f"[id='{link[1:]}']").count() == 1, link
        else:
            assert (page_file.parent / unquote(link)).exists(), link


def test_a_point_tells_what_it_is(opened: Opened) -> None:
    opened.page.locator(".plot").scroll_into_view_if_needed()
    x, y, protein = opened.page.evaluate(PLACE, [0, 5])
    opened.page.mouse.move(x - 40, y)
    opened.page.mouse.move(x, y, steps=5)
    opened.page.locator(".bk-Tooltip").get_by_text(protein).first.wait_for()


def test_search_finds_lists_and_lights_up(opened: Opened) -> None:
    opened.page.fill(".explore .search", "PROTEIN07")
    assert opened.page.inner_text(".explore .found") == "1 points found"
    assert "protein07, family: transposase" in opened.page.inner_text(".explore .matches")
    opacity = opened.page.evaluate(OPACITIES, 0)
    assert opacity.index(max(opacity)) == 7
    assert sorted(opacity)[-2] < 0.1
    opened.page.fill(".explore .search", "")
    assert len(set(opened.page.evaluate(OPACITIES, 0))) == 1


def test_the_views_take_turns(opened: Opened) -> None:
    assert opened.page.evaluate(VISIBLE) == [True, False]
    opened.page.click(f".views button:has-text('{SPACES[1]}')")
    assert opened.page.evaluate(VISIBLE) == [False, True]
    assert opened.page.get_attribute(".views button >> nth=1", "aria-pressed") == "true"


def test_the_legend_lights_up_a_family_and_colours_change(opened: Opened) -> None:
    opened.page.click(".legend button:has-text('transposase')")
    assert opened.page.inner_text(".explore .found") == f"{PROTEINS // 2} points found"
    opened.page.select_option(".explore .colour", "score")
    assert opened.page.locator(".key[data-column=score]").is_visible()
    assert not opened.page.locator(".key[data-column=family]").is_visible()
    assert opened.page.inner_text(".explore .found") == ""


def test_the_scorecard_is_filtered_by_status_and_words(opened: Opened) -> None:
    total = opened.page.locator("#scorecard-table tr[data-status]").count()
    opened.page.fill("#scorecard-search", "glm.parameters")
    assert opened.page.locator("#scorecard-table tr[data-status]:visible").count() == 1
    opened.page.fill("#scorecard-search", "")
    opened.page.click("#statuses button[data-status='not run']")
    left = opened.page.locator("#scorecard-table tr[data-status]:visible").count()
    assert 0 < left < total
    assert opened.page.locator("[data-status='not run']:visible >> nth=1").count() == 0


def test_the_keyboard_reaches_the_controls(opened: Opened) -> None:
    opened.page.keyboard.press("Tab")
    assert opened.page.evaluate("document.activeElement.className") == "skip"
    opened.page.locator("#statuses button").first.focus()
    opened.page.keyboard.press("Enter")
    assert opened.page.get_attribute("#statuses button >> nth=0", "aria-pressed") == "false"


def test_everything_has_a_name_for_those_who_do_not_see(opened: Opened) -> None:
    assert opened.page.locator("img:not([alt]), img[alt='']").count() == 0
    nameless = "all => all.filter(e => !e.labels?.length && !e.getAttribute('aria-label')).length"
    assert opened.page.eval_on_selector_all("main input, main select", nameless) == 0
    levels = opened.page.eval_on_selector_all("h1,h2,h3,h4", "all => all.map(h => +h.tagName[1])")
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


CONTRAST = """() => {
  const channel = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const ground = e => { for (; e; e = e.parentElement) {
    const found = numbers(getComputedStyle(e).backgroundColor);
    if (found.length < 4 || found[3] > 0) return found; } return [255, 255, 255]; };
  const low = [];
  for (const e of document.querySelectorAll("main *, header *, nav *, footer *")) {
    if (e.closest("svg, .plot, script") || !e.offsetParent) continue;
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())) continue;
    const text = light(numbers(getComputedStyle(e).color)), behind = light(ground(e));
    const a = Math.max(text, behind), b = Math.min(text, behind);
    if ((a + 0.05) / (b + 0.05) < 4.5) low.push(e.outerHTML.slice(0, 80));
  }
  return low;
}"""


def test_text_stands_out_in_light_and_in_the_dark(opened: Opened, on_phone: Opened) -> None:
    assert opened.page.evaluate(CONTRAST) == []
    assert on_phone.page.evaluate(CONTRAST) == []
    grounds = [found.page.evaluate("getComputedStyle(document.body).backgroundColor")
               for found in (opened, on_phone)]  # fmt: skip
    assert grounds[0] != grounds[1]
    opened.page.click("#theme")
    assert opened.page.evaluate("getComputedStyle(document.body).backgroundColor") == grounds[1]


def test_a_phone_need_not_be_scrolled_sideways(on_phone: Opened) -> None:
    assert on_phone.errors == []
    assert on_phone.page.evaluate("document.documentElement.scrollWidth") <= 390

"""The bars of the interface that a browser measures on any page, each as a question with a list of complaints."""

from __future__ import annotations

import gzip
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from axe_playwright_python.sync_playwright import Axe
from django.contrib.staticfiles import finders
from playwright.sync_api import Page

WCAG = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]},
    # What is in order need not be described, and no rule of these asks for the style sheets' sources.
    "resultTypes": ["violations"],
    "preload": False,
}
AXE = Axe()
RUN_AXE = """([left, options]) =>
  axe.run({ exclude: left.filter((one) => document.querySelector(one)) }, options).then((found) => found.violations)"""
RULES_OF_LOOKS = ["color-contrast", "link-in-text-block", "scrollable-region-focusable", "target-size"]
FRAME = ["#header", "#nav-sidebar", "#footer"]

TOOLS = """
const isShown = (element) => element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
const isHidden = (element) => {
  const style = getComputedStyle(element);
  return style.clipPath !== "none" || (style.position === "absolute" && element.offsetWidth <= 1);
};
const isOutOfSight = (element) => {
  for (let at = element; at; at = at.parentElement) if (isHidden(at)) return true;
  return false;
};
const describe = (element) => {
  const id = element.id ? `#${element.id}` : "";
  const kind = typeof element.className === "string" ? element.className.trim().replace(/\\s+/g, ".") : "";
  const words = (element.textContent || element.value || "").trim().replace(/\\s+/g, " ");
  return `${element.localName}${id}${kind ? `.${kind}` : ""} “${words.slice(0, 40)}”`;
};
const CONTROLS = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
const controls = () => [...document.querySelectorAll(CONTROLS)].filter(
  (element) => isShown(element) && !element.disabled && !element.matches(".skip-link, .skip-to-content-link"),
);
"""

OVERFLOWS = "document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"

CLIPPED = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const range = document.createRange();
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const parent = node.parentElement;
    if (!node.data.trim() || parent.closest("svg, script, style, option, textarea, [hidden]")) continue;
    if (!isShown(parent) || isOutOfSight(parent)) continue;
    const own = getComputedStyle(parent);
    // A picture stands in for the words.
    if (parseFloat(own.textIndent) < -99) continue;
    // Spaces at the end of a line hang over, where they are kept.
    const slack = own.whiteSpaceCollapse === "preserve" ? 8 : 2;
    range.selectNodeContents(node);
    for (const rect of range.getClientRects()) {
      for (let at = parent; at && at !== document.body; at = at.parentElement) {
        const style = getComputedStyle(at);
        if (style.display === "inline" || style.display === "contents") continue;
        if (/(auto|scroll)/.test(style.overflowX)) break;
        const box = at.getBoundingClientRect();
        if (style.position === "absolute") break;
        if (rect.right > box.right + slack || rect.left < box.left - slack) {
          found.push(`text leaves ${describe(at)}`);
          break;
        }
        if (/(auto|scroll)/.test(style.overflowY)) break;
        if (/(hidden|clip)/.test(style.overflowY) && (rect.bottom > box.bottom + 2 || rect.top < box.top - 2)) {
          found.push(`text is cut off in ${describe(at)}`);
          break;
        }
      }
    }
  }
  for (const element of document.querySelectorAll("input[type=submit], input[type=button]")) {
    if (isShown(element) && element.scrollWidth > element.clientWidth + 1) found.push(`cut off: ${describe(element)}`);
  }
  return [...new Set(found)].slice(0, 5);
}"""
"""Words that stick out of their box sideways, or are cut off by one that hides what is too much."""

GROW = """() => {
  const longer = (text) => text.replace(/[aeiouyéèêàâîôûù]/gi, "$&$&");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) nodes.push(walker.currentNode);
  for (const node of nodes) {
    // What people typed stays as it is: addresses, numbers, and code are no words of ours.
    if (!/[a-z]/i.test(node.data) || /[@/_]/.test(node.data)) continue;
    if (node.parentElement.closest("script, style, code, textarea, .who")) continue;
    node.data = longer(node.data);
  }
  for (const element of document.querySelectorAll("[data-label]")) {
    element.dataset.label = longer(element.dataset.label);
  }
  for (const element of document.querySelectorAll("input[type=submit]")) element.value = longer(element.value);
}"""
"""Every vowel twice: words grow by some 40 %, and so does the longest of each line."""

SMALL_TARGETS = """(main) => {
  const found = [];
  for (const element of controls()) {
    const label = element.matches("[type=checkbox], [type=radio]") ? element.closest("label") : null;
    if (isOutOfSight(element) && !label) continue;
    // Links within a sentence are as high as its lines (WCAG 2.5.8).
    const parent = element.parentElement;
    const isInline = getComputedStyle(element).display === "inline";
    if (element.localName === "a" && isInline && parent.textContent.trim() !== element.textContent.trim()) continue;
    const boxes = [element, label].filter(Boolean).map((part) => part.getBoundingClientRect());
    const width = Math.max(...boxes.map((box) => box.width));
    const height = Math.max(...boxes.map((box) => box.height));
    if (!width || !height) continue;
    const isMain = element.matches(main);
    const least = isMain ? 44 : 24;
    // A link is as wide as its word.
    const isWord = element.localName === "a" && element.textContent.trim();
    if (height < least - 0.5 || (width < least - 0.5 && !isWord)) {
      found.push(`${Math.round(width)} × ${Math.round(height)} px: ${describe(element)}`);
    }
  }
  return found.slice(0, 5);
}"""
"""Targets under 24 px, and main controls under 44."""

MAIN_CONTROLS = (
    ".button, .menu > summary, .masthead .menu-panel a, "
    "input:not([type=checkbox], [type=radio], [type=hidden]), select, textarea"
)
NO_MAIN_CONTROLS = ":not(*)"

UNSEEN_FOCUS = """() => {
  const found = [];
  for (const element of controls()) {
    element.focus();
    if (document.activeElement !== element) continue;
    const ringed = [element, element.closest("label"), element.closest("label")?.firstElementChild].filter(Boolean);
    const hasRing = ringed.some((part) => {
      const style = getComputedStyle(part);
      return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    });
    const box = element.getBoundingClientRect();
    const isInView = box.bottom > 0 && box.top < innerHeight;
    if (!hasRing) found.push(`no focus ring: ${describe(element)}`);
    else if (!isInView && !isOutOfSight(element)) found.push(`focused out of sight: ${describe(element)}`);
  }
  document.activeElement?.blur();
  scrollTo(0, 0);
  return found.slice(0, 5);
}"""

FIRST_IS_NO_SKIP_LINK = """() => {
  const first = document.querySelector(CONTROLS);
  const target = first?.hash ? document.getElementById(first.hash.slice(1)) : null;
  return target && target.closest("main") === target ? [] : [`the first stop is ${describe(first)}, no skip link`];
}"""
"""The first thing that Tab reaches leads to the main part."""

CHARTS_WITHOUT_WORDS = """() => [...document.querySelectorAll("svg[role=img]")].filter((chart) => {
  const named = (chart.getAttribute("aria-labelledby") || "").split(" ").filter(Boolean);
  const words = named.map((id) => document.getElementById(id)?.textContent.trim());
  const hasName = chart.hasAttribute("aria-label") || (words.length && words.every(Boolean));
  const isChart = chart.closest("figure");
  return !hasName || (isChart && !isChart.querySelector("table caption"));
}).map(describe)"""
"""Pictures that say something need a name; charts a table with a caption, too."""

WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
"""For a browser context, before any page: what moves by itself adds up in `window.shifted`."""

RESOURCES = "() => performance.getEntriesByType('resource').map((entry) => [entry.name, entry.initiatorType])"

PAGE_BYTES, STYLE_BYTES, SCRIPT_BYTES, REQUESTS = 60_000, 8_192, 20_480, 8
"""The most a first visit loads: all, style and script as they travel, and how many files."""


def ask(page: Page, question: str, argument: Any = None) -> Any:
    """What one of the questions above finds, or what a script written in its manner returns."""
    script = f"(argument) => {{ {TOOLS} return ({question})(argument); }}"
    return page.evaluate(script, argument)


def axe_violations(page: Page, *, of_looks: bool = False, frame: bool = True) -> list[str]:
    """What axe finds; the page must have its script (see `bring_axe`).

    `of_looks`: only what another width or theme can change. Without `frame`, the parts that are the same on every page
    of the administration are left out: they are half of it, and were looked at on the first.
    """
    options = WCAG | ({"runOnly": {"type": "rule", "values": RULES_OF_LOOKS}} if of_looks else {})
    return [
        f"{violation['id']} {node['html'][:160]}"
        for violation in page.evaluate(RUN_AXE, [[] if frame else FRAME, options])
        for node in violation["nodes"][:2]
    ]


def bring_axe(page: Page) -> None:
    """It brings styles of its own, which the policy rightly refuses: complaints after it are not the page's."""
    page.evaluate(AXE.axe_script)


def too_heavy(page: Page, html: bytes, *, is_first: bool) -> list[str]:
    """Where a first visit would load more than the bars allow, in bytes as the server compresses them.

    The administration is nobody's first page: it is asked only whether it stays on this server.
    """
    style = script = other = 0
    files = page.evaluate(RESOURCES)
    found = []
    host = urlsplit(page.url).netloc
    for name, _initiator in files:
        address = urlsplit(name)
        if address.netloc != host:
            found.append(f"asks {address.netloc}")
        weight = weight_of(unquote(address.path))
        if address.path.endswith(".css"):
            style += weight
        elif address.path.endswith((".js", ".mjs")):
            script += weight
        else:
            other += weight
    total = len(html) + style + script + other
    if not is_first:
        return found
    for what, figure, most in (
        ("bytes", total, PAGE_BYTES),
        ("bytes of style", style, STYLE_BYTES),
        ("bytes of script", script, SCRIPT_BYTES),
        ("requests", len(files) + 1, REQUESTS),
    ):
        if figure > most:
            found.append(f"{figure:,} {what}, at most {most:,}")
    return found


@cache
def weight_of(path: str) -> int:
    """Bytes of a static file as they travel: compressed, where it is text."""
    if not path.startswith("/static/"):
        return 0
    found = finders.find(path.removeprefix("/static/"))
    if not isinstance(found, str):
        return 0
    content = Path(found).read_bytes()
    return len(gzip.compress(content, 9)) if found.endswith((".css", ".js", ".svg")) else len(content)

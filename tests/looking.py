"""What is wrong with a page as it stands in a browser: text cut or overflowing, findings of axe-core, no badge."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

BADGE = {"zh": "虚构演示数据", "en": "Fictional demo data"}
ROUNDS = [("desk", "zh", "light"), ("desk", "en", "dark"), ("phone", "zh", "dark"), ("phone", "en", "light")]
"""Size, language and theme: each size in both languages and both themes, in four rounds and not in eight."""
ROUNDS_OF_THE_SUITE = [ROUNDS[0], *ROUNDS[2:]]
"""Each size in Chinese, both themes and both languages; `./tongqu dev screens` looks at all four."""
OVERFLOWING = """() => {
    const clipped = (e) => {
        for (let p = e; p && p !== document.body; p = p.parentElement) {
            const s = getComputedStyle(p)
            if (s.textOverflow === 'ellipsis' || ['auto', 'scroll'].includes(s.overflowX)) return true
            if (s.position === 'absolute' && s.clip !== 'auto') return true
        }
        return false
    }
    const own = (e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())
    return [...document.querySelectorAll('body *')].filter((e) => {
        if (!(e instanceof HTMLElement) || !own(e) || !e.checkVisibility({ visibilityProperty: true })) return false
        const s = getComputedStyle(e), r = e.getBoundingClientRect()
        if (r.width <= 1 || r.height <= 1) return false
        if (s.display === 'inline') {
            return (r.right > innerWidth + 1 || r.left < -1) && !clipped(e)
        }
        const cut = s.overflow === 'hidden' && e.scrollHeight > e.clientHeight + 2
        const wider = cut || e.scrollWidth > e.clientWidth + 1
        return (wider || r.right > innerWidth + 1 || r.left < -1) && !clipped(e)
    }).map((e) => `${e.tagName}.${e.className} "${e.textContent.trim().slice(0, 40)}" ${e.scrollWidth}`)
}"""
SERIOUS = """async () => {
    const found = await axe.run(document, { resultTypes: ['violations'] })
    return found.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')
        .map((v) => `${v.id} (${v.impact}, ${v.nodes.length}): ${v.nodes[0].html.slice(0, 160)} `
            + (v.nodes[0].any[0] ? v.nodes[0].any[0].message : ''))
}"""


def overflowing(page: Page) -> list[str]:
    """Elements whose text is cut or runs out of the window."""
    return list(page.evaluate(OVERFLOWING))


def looked_at(page: Page, axe: str, lang: str, picture: Path) -> list[str]:
    """Keep a picture; gives what is wrong with the page."""
    page.screenshot(path=picture)
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate(axe)
    found = [f"too wide: {one}" for one in overflowing(page)]
    found += [f"axe: {one}" for one in page.evaluate(SERIOUS)]
    badge = page.locator(".tq-badge").first
    if not badge.is_visible() or badge.inner_text() != BADGE[lang]:
        found.append("the badge is not there")
    return [f"{picture.stem}: {one}" for one in found]

"""A report whose names are attacks, opened in Chromium: `python -m fuzz.attack [--count 300] [--seed 1]`.

Every name, path, reason and message of the page is one of the payloads or a mutation of one. Told is how many scripts ran, handlers
fired, dialogs opened, requests left, and elements came to be that the template has not.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from pathlib import Path

from msgspec.structs import replace
from playwright.sync_api import sync_playwright

from fuzz.mutate import mutated
from readiness.report.html import render_html
from tests.report import example
from tests.report.browser import CHROMIUM, FLAGS, PATIENCE

PAYLOADS = (
    "<script>window.hit=1</script>", "<img src=x onerror=window.hit=1>", "<svg/onload=window.hit=1>", "</script><script>window.hit=1</script>",
    "\"><img src=https://evil.example/x onerror=window.hit=1>", "' onmouseover='window.hit=1", "javascript:window.hit=1",
    "<iframe srcdoc='<script>parent.hit=1</script>'>", "<style>*{display:none}</style>", "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>", "<!--<script>", "]]>", "{{7*7}}", "{% raw %}", "${window.hit=1}",
    "<form action=https://evil.example><button>", "<math><mtext></table><mglyph><style><img src=x onerror=window.hit=1>",
    "<a href='data:text/html,<script>window.hit=1</script>'>x</a>", "\u202e<script>", "\0<script>window.hit=1</script>", "<x\x0conclick=hit=1>",
    "</title><script>window.hit=1</script>", "</textarea><script>window.hit=1</script>", "<template><script>window.hit=1</script></template>",
    "&lt;script&gt;window.hit=1&lt;/script&gt;", "\\u003cscript\\u003ewindow.hit=1", "<link rel=stylesheet href=https://evil.example/x.css>",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    dice = random.Random(asked.seed)
    print(json.dumps(attacked(page_of(asked.count, dice))))
    return 0


def page_of(count: int, dice: random.Random) -> str:
    def payload() -> str:
        one, other = (dice.choice(PAYLOADS).encode("utf-8") for _ in range(2))
        return mutated(one, other, dice, 400).decode("utf-8", "replace") if dice.random() < 0.7 else one.decode()

    services = [
        replace(
            example.edge(), id=f"{number} {payload()}", name=payload(), root=payload(), reason=payload(), archetype=payload(),
            fixes=tuple(replace(fix, change=payload(), path=payload()) for fix in example.edge().fixes),
        )
        for number in range(count)
    ]  # fmt: skip
    return render_html(example.with_services(*services))


def attacked(text: str) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as player:
        file = Path(scratch, "page.html")
        file.write_text(text, encoding="utf-8", errors="backslashreplace")
        browser = player.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        page = browser.new_page()
        page.set_default_timeout(PATIENCE)
        page.set_default_navigation_timeout(PATIENCE)
        requests: list[str] = []
        dialogs: list[str] = []
        errors: list[str] = []
        page.on("request", lambda request: requests.append(request.url))
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(file.as_uri())
        page.evaluate(
            "() => document.querySelectorAll('*').forEach((x) => { for (const e of ['mouseover', 'focus', 'load', 'error']) x.dispatchEvent(new Event(e)) })"
        )
        page.evaluate("() => document.querySelectorAll('details').forEach((x) => { x.open = true })")
        found = page.evaluate(
            """() => ({
                hit: window.hit ?? null,
                handlers: [...document.querySelectorAll('*')].filter((x) => [...x.attributes].some((a) => a.name.startsWith('on'))).length,
                foreign: [...document.querySelectorAll('img, iframe, object, embed, base, form, link, math, template')].length,
                links: [...document.querySelectorAll('a')].filter((x) => !/^(#|https?:\\/\\/)/.test(x.getAttribute('href') ?? '#')).length,
                elements: document.querySelectorAll('*').length,
            })"""
        )
        browser.close()
    return {
        "bytes": len(text),
        **found,
        "requests": len(requests) - 1,
        "dialogs": len(dialogs),
        "page errors": len(errors),
    }


if __name__ == "__main__":
    sys.exit(main())

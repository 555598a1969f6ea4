"""A page without scripts: for the login, and for saying no."""

from __future__ import annotations

from html import escape

from fastapi.responses import HTMLResponse

from console.guard import SECURITY_HEADERS
from console.language import spoken
from console.strings import strings

_STYLE = """
:root{color-scheme:light dark;--bg:#f3f5f7;--card:#fff;--ink:#18212b;--soft:#566270;--line:#8894a1;--go:#0b6e64;--bad:#a3210f}
@media(prefers-color-scheme:dark){:root{--bg:#12161b;--card:#1b2128;--ink:#e8edf2;--soft:#a9b4c0;--line:#6d7986;--go:#0e8074;--bad:#ff9d8c}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
main{width:min(24rem,92vw);background:var(--card);padding:2rem;border-radius:10px;box-shadow:0 1px 3px #0003}
.brand{font-weight:700;letter-spacing:.02em;color:var(--soft)}h1{font-size:1.35rem;margin:.25rem 0 1rem}
label{display:block;margin:.9rem 0 0;font-weight:600;font-size:.9rem}
input{display:block;width:100%;margin-top:.3rem;padding:.6rem .7rem;font:inherit;color:inherit;background:transparent;
border:1px solid var(--line);border-radius:6px}
button,a.button{display:inline-block;margin-top:1.4rem;padding:.65rem 1.2rem;font:inherit;font-weight:600;color:#fff;background:var(--go);
border:0;border-radius:6px;cursor:pointer;text-decoration:none}button{width:100%}
:focus-visible{outline:3px solid #2f7fd6;outline-offset:2px}.error{color:var(--bad);font-weight:600;margin:0}
"""


def plain_page(title: str, body: str) -> str:
    """A whole HTML page around `body`, which is HTML made by the caller from escaped parts."""
    return (
        f'<!doctype html><html lang="{spoken()}"><head><meta charset="utf-8"><title>{escape(title)} · Baton</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"><style>{_STYLE}</style></head>'
        f'<body><main><div class="brand">Baton</div>{body}</main></body></html>'
    )


def refusal(message: str, *, home: str) -> HTMLResponse:
    """The page for someone whose role does not allow what they asked for (status 403)."""
    t = strings()
    back = f'<a class="button" href="{escape(home)}">{escape(t["refused_back"])}</a>'
    body = f"<h1>{escape(t['refused_title'])}</h1><p>{escape(message)}</p>{back}"
    return HTMLResponse(plain_page(t["refused_title"], body), 403, headers=SECURITY_HEADERS)

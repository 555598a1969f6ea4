"""/agent: a page that frames a dashboard app and speaks to it as Chatwoot's own page does."""

from __future__ import annotations

import html

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

PAGE = """<!doctype html>
<html lang="en"><title>Agent</title>
<button id="next">The next conversation</button> <button id="hide">Hide the app</button>
<label>Reply <textarea></textarea></label><br>
<iframe id="dashboard-app--frame-0-0" title="Baton" style="width:420px;height:700px;border:0" src="{panel}"></iframe>
<script>
let number = {number};
const frame = document.getElementById("dashboard-app--frame-0-0");
const tell = () => frame.contentWindow.postMessage(JSON.stringify({{ event: "appContext", data: {{
  conversation: {{ id: number, meta: {{ sender: {{ id: 7 }} }} }}, contact: {{ id: 7 }},
  currentAgent: {{ id: 3, name: "Ben Example", email: "ben@example.com" }},
}} }}), "*");
frame.addEventListener("load", tell);
onmessage = (event) => {{ if (event.data === "chatwoot-dashboard-app:fetch-info") tell(); }};
document.getElementById("next").onclick = () => {{ number += 1; tell(); }};
document.getElementById("hide").onclick = () => {{ frame.style.display = frame.style.display ? "" : "none"; }};
</script></html>
"""


def add_agents_page(app: FastAPI) -> None:
    """The route: `panel` is the address of the app, `number` the conversation that is open first."""

    @app.get("/agent")
    async def agent(panel: str, number: int = 55) -> HTMLResponse:
        """Chatwoot sends the context when the frame has loaded, when it is asked, and with each conversation."""
        return HTMLResponse(PAGE.format(panel=html.escape(panel), number=number))

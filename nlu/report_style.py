"""Style and script of the report: one page, nothing fetched, light, printable."""

from __future__ import annotations

STYLE = """
:root{--ink:#1d2733;--soft:#566372;--line:#dfe5ec;--paper:#fff;--wash:#f5f7fa;--blue:#1f5fa8;--red:#b3372f;--green:#2c7a51}
*{box-sizing:border-box}
body{margin:0;background:var(--wash);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI","Noto Sans","Noto Sans CJK TC",
sans-serif}
main,header>div,nav>div{max-width:1180px;margin:0 auto;padding:0 20px}
header{background:var(--paper);padding:26px 0 18px}
h1{font-size:25px;line-height:1.2;margin:0 0 4px}
h2{font-size:20px;margin:0 0 4px}
h3{font-size:15px;margin:0 0 8px}
p{margin:0 0 10px}
a{color:var(--blue)}
.card h3:not(:first-child){margin-top:18px}
.soft{color:var(--soft)}
nav{position:sticky;top:0;background:var(--paper);border-bottom:1px solid var(--line);border-top:1px solid var(--line);z-index:2}
nav>div{display:flex;gap:4px;overflow-x:auto;padding-top:6px;padding-bottom:6px}
nav a{padding:4px 11px;border-radius:14px;color:var(--blue);text-decoration:none;white-space:nowrap}
nav a:hover,nav a:focus-visible{background:var(--wash)}
section{margin:26px 0 36px;scroll-margin-top:56px}
.card{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:16px 18px;margin:14px 0;min-width:0;
break-inside:avoid}
.pair{display:grid;grid-template-columns:minmax(0,360px) minmax(0,1fr);gap:14px}
.pair .card{margin:0}
.figures{display:flex;flex-wrap:wrap;gap:10px;margin:12px 0 14px;padding:0}
.figures div{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:9px 14px;min-width:118px;flex:1 1 118px}
.figures dt{color:var(--soft);font-size:12.5px;line-height:1.3}
.figures dd{margin:0;font-size:21px;font-variant-numeric:tabular-nums}
.wide{overflow-x:auto}
.narrow{max-width:760px}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{text-align:left;padding:5px 10px 5px 0;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;color:var(--soft);font-size:12.5px;white-space:nowrap;vertical-align:bottom}
tbody tr:last-child td{border-bottom:0}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
td.t{min-width:220px;overflow-wrap:anywhere}
td.f{color:var(--soft);font-size:12.5px;min-width:130px}
td code,.k{font:13px/1.5 ui-monospace,"SF Mono","DejaVu Sans Mono",monospace}
td code{white-space:nowrap}
tr.bad td{color:var(--red)}
th button{font:inherit;color:inherit;background:none;border:0;padding:0;cursor:pointer;text-align:inherit}
th button::after{content:" \\2195";opacity:.45}
th[aria-sort=ascending] button::after{content:" \\2191";opacity:1}
th[aria-sort=descending] button::after{content:" \\2193";opacity:1}
details{margin:0}
summary{cursor:pointer;font-weight:600}
details[open] summary{margin-bottom:8px}
svg{display:block;max-width:100%;height:auto}
.wide svg{max-width:none}
svg text{font-family:system-ui,-apple-system,"Segoe UI","Noto Sans",sans-serif;fill:var(--ink)}
footer{color:var(--soft);font-size:13px;max-width:1180px;margin:0 auto;padding:0 20px 30px}
@media (max-width:820px){.pair{grid-template-columns:minmax(0,1fr)}}
@media (max-width:520px){
main,header>div,nav>div,footer{padding-left:12px;padding-right:12px}
.card{padding:12px 12px}
.figures div{flex-basis:44%}
h1{font-size:21px}
td code{white-space:normal;overflow-wrap:anywhere}
.stack thead{display:none}
.stack,.stack tbody,.stack tr,.stack td{display:block}
.stack tr{padding:7px 0;border-bottom:1px solid var(--line)}
.stack tbody tr:last-child{border-bottom:0}
.stack td,.stack td.n{border:0;padding:0;text-align:left;min-width:0;white-space:normal}
.stack td[data-h]::before{content:attr(data-h) ": ";color:var(--soft);font-size:12.5px}
}
@media print{
body{background:#fff;font-size:11px}
nav{display:none}
.card,.figures div{border-color:#ccc}
.wide{overflow:visible}
.wide svg{max-width:100%}
table{font-size:10.5px}
td code{white-space:normal}
tr{break-inside:avoid}
.card.long{break-inside:auto}
}
"""

SCRIPT = """
for (const button of document.querySelectorAll("th button")) {
  button.addEventListener("click", () => {
    const head = button.closest("th"), table = head.closest("table"), body = table.tBodies[0];
    const column = head.cellIndex, before = head.getAttribute("aria-sort");
    const rising = before ? before === "descending" : !head.classList.contains("n");
    for (const other of head.parentNode.children) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    const key = row => { const cell = row.cells[column]; return cell.dataset.v === undefined ? cell.textContent : Number(cell.dataset.v); };
    const order = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
    const rows = [...body.rows].sort((a, b) => (rising ? 1 : -1) * order(key(a), key(b)));
    body.append(...rows);
  });
}
addEventListener("beforeprint", () => { for (const part of document.querySelectorAll("details")) part.open = true; });
"""

"""Pages: their main content as Markdown, and nothing that runs."""

from __future__ import annotations

from knowledge.markdown import render
from knowledge.sources.html import group_of, read_page, to_markdown

PAGE = """<!doctype html><html lang="pt-PT"><head><title>Devoluções | Loja</title><link rel="canonical" href="/devolucoes">
<link rel="alternate" hreflang="en" href="/returns"><link rel="alternate" hreflang="pt" href="/devolucoes"></head><body>
<header><nav><a href="/">Início</a><a href="/ajuda/b#x">Ajuda</a><a href="mailto:a@b.example">E-mail</a></nav></header>
<main><nav class="breadcrumb">Início &gt; Ajuda</nav><article><h1>Como devolver um artigo?</h1>
<p>Pode devolver um artigo no prazo de <strong>30 dias</strong>. Veja a <a href="custos">tabela de custos</a>.</p>
<h2>Custos</h2><table><thead><tr><th>Destino</th><th>Preço</th></tr></thead><tbody><tr><td>Macau</td><td>MOP 40</td></tr></tbody></table>
<h2>Passos</h2><ol><li>Abra a encomenda</li><li>Escolha <em>Devolver</em><ul><li>na aplicação</li></ul></li></ol>
<script>alert(1)</script><p onclick="alert(2)">Fim do texto com mais alguma informação <a href="javascript:alert(3)">útil</a>.</p></article>
<div class="votes">Foi útil? <button>Sim</button></div>
<section class="related"><h3>Artigos relacionados</h3><ul><li><a href="/x">Outro</a></li></ul></section>
</main><footer>© Loja. Todos os direitos reservados.</footer></body></html>"""


def test_the_main_content_keeps_its_shape_and_what_is_around_it_goes() -> None:
    page = read_page(PAGE.encode(), "https://loja.example/ajuda/devolver?utm=1")
    assert (page.title, page.language, page.canonical) == ("Como devolver um artigo?", "pt", "https://loja.example/devolucoes")
    assert page.body == (
        "Pode devolver um artigo no prazo de **30 dias**. Veja a [tabela de custos](https://loja.example/ajuda/custos).\n\n"
        "## Custos\n\n| Destino | Preço |\n| --- | --- |\n| Macau | MOP 40 |\n\n"
        "## Passos\n\n1. Abra a encomenda\n2. Escolha *Devolver*\n   - na aplicação\n\nFim do texto com mais alguma informação útil."
    )


def test_links_are_whole_and_lead_to_pages_only() -> None:
    page = read_page(PAGE.encode(), "https://loja.example/ajuda/devolver")
    assert page.links[:2] == ("https://loja.example/", "https://loja.example/ajuda/b")
    assert not [link for link in page.links if not link.startswith("https://")]


def test_pages_in_several_languages_are_one_group() -> None:
    page = read_page(PAGE.encode(), "https://loja.example/devolucoes")
    assert group_of(page, "https://loja.example/devolucoes") == "https://loja.example/returns"


def test_a_page_without_semantic_elements_loses_its_menu() -> None:
    page = read_page(
        b"<html><head><title>Opening hours - Shop</title></head><body><div id=menu><a href=/>Home</a> <a href=/b>Contact</a></div>"
        b"<h1>Opening hours</h1><p>Our stores are open every day from ten to eight, also on Sundays.</p><p>On holidays we close at six.</p>"
        b"<div class=footer><p>Copyright 2026</p></div></body></html>",
        "https://shop.example/hours",
    )
    assert page.body == "Our stores are open every day from ten to eight, also on Sundays.\n\nOn holidays we close at six."


def test_a_short_page_is_taken_whole() -> None:
    page = read_page(b"<html><body><h1>How long?</h1><p>Two days.</p></body></html>", "https://shop.example/c")
    assert (page.title, page.body) == ("How long?", "Two days.")


def test_scripts_and_odd_links_do_not_survive() -> None:
    found = to_markdown(
        '<p>Hi<script>alert(1)</script> <a href=" jAvascript:alert(1)">x</a> <a href="data:text/html,x">y</a>'
        '<img src="data:image/png;base64,xx" alt="pic" onerror="alert(1)"><iframe src="https://evil.example"></iframe><style>p{}</style></p>'
    )
    assert "alert" not in found
    assert "data:" not in found
    assert "<" not in render(found).replace("<p>", "").replace("</p>", "")


def test_markdown_that_hides_in_text_of_a_page_stays_harmless() -> None:
    html = render(to_markdown("<p>&lt;script&gt;alert(1)&lt;/script&gt; [x](javascript:alert(1))</p>"))
    assert "<script" not in html
    assert 'href="javascript' not in html


def test_noindex_and_unknown_languages_are_known() -> None:
    page = read_page(
        b'<html lang="fr"><head><meta name="ROBOTS" content="noindex, nofollow"></head><body><p>x</p></body></html>', "https://a.example/"
    )
    assert (page.index, page.follow, page.language) == (False, False, None)


def test_a_page_in_another_charset_is_read_as_it_says() -> None:
    body = '<html><head><meta charset="big5"></head><body><h1>送貨</h1><p>澳門一至兩天送到，其他地方請看下面的列表。</p></body></html>'
    assert read_page(body.encode("big5"), "https://a.example/").title == "送貨"

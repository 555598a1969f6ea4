"""What mails become: words without quotes, threads, automatic mail, bounces; broken and hostile mails."""

from __future__ import annotations

import time
from uuid import uuid4

import pytest

from channels.base import Account, ShapeError
from channels.email.loops import message_id, signed_key
from channels.email.markup import text_of_html
from channels.email.parse import bare_subject, parse
from channels.email.quoting import new_words
from channels.email.reading import bytes_of
from channels.happenings import Automatic, CustomerMessage, Receipt, Unknown
from tests.channels.mail_corpus import bounce, html, mail, with_files

BOX = Account(uuid4(), "email", "support@shop.example", "Shop", settings={"authserv": "mx.shop.example"}, secrets={"password": "p"})
QUOTES = {
    "gmail": "Yes please.\n\nOn Mon, 3 Nov 2026 at 10:00, Shop <support@shop.example> wrote:\n> Do you want it?\n",
    "wrapped": "Yes please.\n\nOn Mon, 3 Nov 2026 at 10:00, Shop Customer Care <\nsupport@shop.example> wrote:\n\n> Do you want it?\n",
    "apple": "Yes please.\n\nSent from my iPhone\n\n> On 3 Nov 2026, at 10:00, Shop <s@x.example> wrote:\n> \n> Q?",
    "outlook": "Yes please.\n\nFrom: Shop <s@x.example>\nSent: Monday, 3 November 2026 10:00\nTo: Ann\nSubject: Re: Lamp\n\nDo you?",
    "original": "Yes please.\n\n-----Original Message-----\nFrom: x\nDo you?",
    "signature": "Yes please.\n\n-- \nAnn Example\nPhone 555 0100",
    "pt": "Yes please.\n\nEm seg., 3 de nov. de 2026 às 10:00, Loja <support@shop.example> escreveu:\n\n> Quer?\n",
    "zh-Hans": "Yes please.\n\n在 2026年11月3日 10:00，商店 <support@shop.example> 写道：\n> 要吗\n",
    "zh-Hant": "Yes please.\n\nShop <support@shop.example> 於 2026年11月3日 週二 上午10:00寫道：\n\n> 要嗎\n",
    "pt outlook": "Yes please.\n\nDe: Loja <s@x.example>\nEnviada em: segunda-feira\nPara: Ana\nAssunto: Re: Lamp\n\nQuer?",
}


def one(raw: bytes) -> CustomerMessage:
    """The customer's message of a mail."""
    (found, *_rest) = parse(raw, BOX)
    assert isinstance(found, CustomerMessage)
    return found


@pytest.mark.parametrize("name", QUOTES)
def test_older_mails_and_signatures_are_cut_and_the_whole_is_kept(name: str) -> None:
    assert new_words(QUOTES[name]) == "Yes please."
    found = one(mail(QUOTES[name], In_Reply_To="<x@y>"))
    assert found.inbound.text == "Yes please."
    assert found.inbound.metadata["whole_mail"].startswith("Yes please.")


@pytest.mark.parametrize(
    "text",
    [
        "---------- Forwarded message ---------\nFrom: Bob <b@x.example>\nDate: Mon\nSubject: broken\nTo: a\n\nMy lamp is broken",
        "> only quoted",
        "On Mon, 3 Nov 2026 at 10:00, Shop <s@x.example> wrote:\n> First?\nyes\n> Second?\nno",
        "My list:\n- one\n- two\n\nI wrote: nothing",
        "From: here to there\nit is far",
    ],
)
def test_forwarded_mails_inline_answers_and_lists_are_kept_whole(text: str) -> None:
    assert new_words(text) == text


@pytest.mark.parametrize(
    "text", ["On " * 60_000, "\n" * 180_000, "> x\n" * 40_000, "From: a\n" * 20_000, "wrote:\n" * 30_000, "-" * 180_000]
)
def test_no_text_takes_long(text: str) -> None:
    began = time.thread_time()
    new_words(text)
    assert time.thread_time() - began < 2.0


def test_html_becomes_words_without_scripts_hidden_text_and_quotes() -> None:
    markup = (
        "<style>p{}</style><script>alert(1)</script><p>Hello <b>you</b></p><div style='display:none'>hidden</div>"
        "<ul><li>one</li><li>two</li></ul><a href='https://x.example/a'>here</a><img src='https://spy.example/p.gif'>"
        "<div class='gmail_quote'>On Monday Shop wrote: old</div>"
    )
    assert text_of_html(markup) == "Hello you\n\n- one\n\n- two\n\nhere (https://x.example/a)"
    assert one(html(markup)).inbound.text.startswith("Hi\n\nHello you")
    deep = text_of_html("<div>" * 3000 + "x" + "</div>" * 3000)
    assert deep == "x"


def test_a_link_that_is_a_script_is_no_link() -> None:
    assert text_of_html("<a href='javascript:alert(1)'>click</a>") == "click"


@pytest.mark.parametrize(
    ("charset", "said"), [("big5", "big5"), ("gb18030", "gb2312"), ("utf-8", "x-unheard-of"), ("latin-1", "utf-8"), ("gb18030", "us-ascii")]
)
def test_charsets_are_read_also_where_they_are_named_wrongly(charset: str, said: str) -> None:
    words = (
        "A encomenda não chegou, está atrasada há três dias."
        if charset == "latin-1"
        else "請問我的訂單在哪裡？已經等了三天，請盡快回覆，謝謝您的幫忙。"
    )
    assert words in one(html(f"<p>{words}</p>", charset=charset, said=said)).inbound.text


def test_a_mail_begins_a_thread_or_names_what_it_answers_nearest_first() -> None:
    first = one(mail())
    assert (first.inbound.external_id, first.inbound.identity, first.inbound.profile_name) == (
        "<one@customer.example>",
        "ann@customer.example",
        "Ann Example",
    )
    assert first.inbound.text == "My order\n\nWhere is my order?"
    assert first.thread is not None
    assert first.thread.key.startswith("mail:")
    again = one(mail(id="<two@c.example>", In_Reply_To="<b@x>", References="<a@x> garbage <b@x>"))
    assert again.thread is not None
    assert again.thread.answers == ("<b@x>", "<a@x>")
    assert again.inbound.metadata["references"] == ["<a@x>", "<b@x>", "<two@c.example>"]
    assert bare_subject("Re: AW: 回复：Fwd: My order") == "My order"


def test_a_mail_without_an_id_is_known_by_what_it_says() -> None:
    raw = mail().replace(b"Message-ID: <one@customer.example>\r\n", b"")
    assert one(raw).inbound.external_id == one(raw).inbound.external_id
    assert one(raw).inbound.external_id != one(raw.replace(b"Where", b"Wo")).inbound.external_id


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"}, {"Auto_Submitted": "auto-generated; x"}, {"Precedence": "bulk"},
        {"Precedence": "list"},
        {"X_Auto_Response_Suppress": "DR, AutoReply"}, {"X_Autoreply": "yes"}, {"X_Loop": "a"}, {"List_Id": "<l.example>"},
        {"List_Unsubscribe": "<https://l.example>"}, {"Return_Path": "<>"}, {"sender": "MAILER-DAEMON@x.example"},
        {"sender": "no-reply@x.example"},
        {"sender": "noreply+7@x.example"}, {"sender": "support@shop.example"},
    ],
)  # fmt: skip
def test_mails_of_machines_are_known(headers: dict[str, str]) -> None:
    (found,) = parse(mail(**headers), BOX)
    assert isinstance(found, Automatic)


def test_a_person_is_no_machine() -> None:
    for headers in ({}, {"Auto_Submitted": "no"}, {"X_Auto_Response_Suppress": "OOF"}, {"sender": "noreplyson@x.example"}):
        assert isinstance(parse(mail(**headers), BOX)[0], CustomerMessage)


def test_our_own_mail_is_known_by_its_signed_header_and_a_forged_one_is_not() -> None:
    (ours,) = parse(mail(X_Baton_Key=signed_key(BOX, uuid4())), BOX)
    assert isinstance(ours, Automatic)
    assert ours.reason == "our own mail came back"
    for forged in ("x", f"{uuid4().hex}.{'0' * 32}", f"{uuid4().hex}.é"):
        assert isinstance(parse(mail(X_Baton_Key=forged), BOX)[0], CustomerMessage)


def test_a_bounce_marks_the_mail_as_failed_and_a_delay_does_not() -> None:
    key = uuid4()
    about = message_id(BOX, key)
    (failed,) = parse(bounce(about), BOX)
    assert isinstance(failed, Receipt)
    assert (failed.status, failed.key, failed.provider_id, failed.code, failed.problem) == (
        "failed",
        key,
        about,
        "5.1.1",
        "recipient_unreachable",
    )
    assert failed.reason == "550 5.1.1 no such user"
    (delivered,) = parse(bounce(about, action="delivered", status="2.1.5"), BOX)
    assert isinstance(delivered, Receipt)
    assert delivered.status == "delivered"
    assert isinstance(parse(bounce(about, action="delayed", status="4.4.1"), BOX)[0], Automatic)
    assert isinstance(parse(bounce("<somebody@else.example>"), BOX)[0], Automatic)


def test_our_own_servers_word_on_dmarc_counts_and_nobody_elses() -> None:
    refused = parse(mail(Authentication_Results="mx.shop.example; dmarc=fail header.from=customer.example"), BOX)
    assert isinstance(refused[1], Unknown)
    assert refused[0].inbound.metadata["dmarc"] == "fail"  # type: ignore[union-attr]
    assert len(parse(mail(Authentication_Results="mx.evil.example; dmarc=fail"), BOX)) == 1


def test_files_are_numbered_and_their_names_have_no_folders() -> None:
    raw = with_files(("../../etc/photo.jpg", "image/jpeg", b"\xff\xd8\xff" * 10), ("a.pdf", "application/pdf", b"%PDF-1"))
    found = one(raw)
    assert [(m.kind, m.type, m.name) for m in found.media] == [
        ("image", "image/jpeg", "photo.jpg"),
        ("document", "application/pdf", "a.pdf"),
    ]
    assert bytes_of(raw, int(found.media[1].source.partition("/")[2]))[0] == b"%PDF-1"


def test_small_pictures_of_signatures_are_no_files() -> None:
    part = "--b\r\nContent-Type: image/png\r\nContent-Disposition: inline\r\nContent-ID: <l>\r\n\r\nx\r\n--b--\r\n"
    raw = f"From: a@b.example\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHi\r\n{part}"
    assert one(raw.encode()).media == ()


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\x00\x01\x02", b"Subject: no sender\r\n\r\nx", b"From: \xff\xfe\r\n\r\nx", b"From: nobody\r\n\r\nx",
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 200,
        b"From: a@b.example\r\n" + b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(300)),
    ],
)  # fmt: skip
def test_mails_that_are_none_or_built_to_hurt_are_refused(raw: bytes) -> None:
    with pytest.raises(ShapeError):
        parse(raw, BOX)


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@b.example\r\nSubject: =?broken?Q?x\r\nDate: yesterday\r\n\r\nhello",
        b'From: =?utf-8?b?!!!?= <a@b.example>\r\nContent-Type: text/plain; charset="\r\nContent-Transfer-Encoding: base64\r\n\r\n%%%hello',
        b"From: a@b.example\r\nContent-Type: multipart/mixed\r\n\r\nno boundary, hello",
        b"From: a@b.example\r\nMessage-ID: no brackets\r\n\r\nhello",
    ],
)
def test_broken_mails_are_read_as_far_as_may_be(raw: bytes) -> None:
    assert one(raw).inbound.text

"""SMS: signatures by the vectors, forms, opt-out words, statuses, error codes, and what a text costs."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import uuid4

import httpx
import pytest

from channels.base import Account, AccountIncompleteError, Fate, Hook, Problem, ShapeError, SignatureError
from channels.happenings import Blocked, CustomerMessage, Happening, Receipt, Unknown
from channels.sms.door import SmsDoor, with_and_without_port
from channels.sms.parse import START, STOP, parse
from channels.sms.problems import CODES, problem_of
from channels.sms.segments import Segments, cheapest, segments
from channels.sms.send import result_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ACCOUNT = Account(uuid4(), "sms", "main", "The shop", secrets={"auth_token": "twilio_auth_token", "signing_key": "a-signing-key"})
FORM = {"Body": "Hallo", "From": "whatsapp:+4915112345678", "MessageSid": "SM0123", "To": "whatsapp:+14155238886"}
VECTOR = "NwCj+JYfZbopAFyDcxWHijhrGeI="
JSON_URL = "https://example.com/twilio/json?bodySHA256=015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
JSON_VECTOR = "5vd5LI52LT5EZk8kdW2kJbgcO0Y="


def hook(
    header: str | None = VECTOR, *, form: dict[str, str] | None = None, url: str = "https://example.com/twilio/sms", settings: str = ""
) -> Hook:
    """A webhook with the form of the vector."""
    headers = {"x-twilio-webhooks-signature-settings": settings} if settings else {}
    headers |= {"x-twilio-signature": header} if header is not None else {}
    return Hook("POST", url, {}, headers, urlencode(form or FORM).encode())


def read(**form: str) -> list[Happening]:
    """What a form becomes."""
    return parse(urlencode({"MessageSid": "SM1", "From": "+15550001111", **form}).encode(), ACCOUNT, now=NOW)


def test_a_form_is_believed_with_the_signature_of_its_address_and_parameters() -> None:
    door = SmsDoor()
    door.check(hook(), ACCOUNT)
    wrong = [
        hook(None), hook(""), hook("é"), hook(VECTOR.swapcase()), hook(form=FORM | {"Body": "Hello"}),
        hook(form=FORM | {"New": "parameter"}),
        hook(url="http://example.com/twilio/sms"), hook(url="https://example.com/twilio/sms?x=1"),
        hook(settings="key=KY1,algorithm=HMAC_SHA256"), hook(settings="key=KY1,algorithm=ROT13"),
    ]  # fmt: skip
    for request in wrong:
        with pytest.raises(SignatureError):
            door.check(request, ACCOUNT)
    with pytest.raises(AccountIncompleteError):
        door.check(hook(), Account(uuid4(), "sms", "main", "The shop"))
    with pytest.raises(SignatureError):
        door.greet(Hook("GET", "", {}, {}), ACCOUNT)


def test_twilio_may_sign_the_address_with_or_without_its_usual_port() -> None:
    assert with_and_without_port("https://b.example/x?y=1") == ["https://b.example/x?y=1", "https://b.example:443/x?y=1"]
    assert with_and_without_port("https://b.example:443/x") == ["https://b.example:443/x", "https://b.example/x"]
    assert with_and_without_port("http://b.example:8080/x") == ["http://b.example:8080/x"]
    SmsDoor().check(hook(url="https://example.com:443/twilio/sms"), ACCOUNT)


def test_a_json_body_is_believed_with_its_digest_in_the_address() -> None:
    door = SmsDoor()
    door.check(Hook("POST", JSON_URL, {}, {"x-twilio-signature": JSON_VECTOR}, b'{"a":1}'), ACCOUNT)
    for url, body in ((JSON_URL, b'{"a":2}'), (JSON_URL.replace("015a", "115a"), b'{"a":1}')):
        with pytest.raises(SignatureError):
            door.check(Hook("POST", url, {}, {"x-twilio-signature": JSON_VECTOR}, body), ACCOUNT)
    assert hashlib.sha256(b'{"a":1}').hexdigest() in JSON_URL


def test_each_request_has_a_name_by_which_a_repeat_is_known() -> None:
    door = SmsDoor()
    assert door.delivery(hook()) == "SM0123 in"
    assert door.delivery(hook(form={"MessageSid": "SM1", "MessageStatus": "sent"})) == "SM1 sent"
    assert door.delivery(hook(form={"a": "b"})) is None


def test_a_message_with_files_and_one_without_words() -> None:
    (found,) = read(Body="", NumMedia="2", MediaUrl0="https://api.twilio.com/1", MediaContentType0="image/jpeg",
                    MediaUrl1="https://api.twilio.com/2", MediaContentType1="text/vcard", FromCountry="US", NumSegments="3")  # fmt: skip
    assert isinstance(found, CustomerMessage)
    assert found.inbound.text == "[image], [document]"
    assert [(m.source, m.kind, m.type) for m in found.media] == [
        ("https://api.twilio.com/1", "image", "image/jpeg"), ("https://api.twilio.com/2", "document", "text/vcard"),
    ]  # fmt: skip
    assert found.inbound.metadata == {"kind": "image", "segments": 3, "country": "US"}
    (empty,) = read(Body="  ", NumMedia="many")
    assert isinstance(empty, CustomerMessage)
    assert (empty.inbound.text, empty.inbound.identity, empty.inbound.external_id) == ("[empty message]", "+15550001111", "SM1")


@pytest.mark.parametrize("word", sorted(STOP))
def test_each_stop_word_stops_and_is_no_message(word: str) -> None:
    (found,) = read(Body=f" {word.upper()}. ")
    assert isinstance(found, Blocked)
    assert found.blocked


def test_start_words_allow_again_and_yes_is_also_an_answer() -> None:
    for word in START:
        (found,) = read(Body=word)
        assert isinstance(found, Blocked)
        assert not found.blocked
    assert [type(h) for h in read(Body="Yes")] == [CustomerMessage, Blocked]
    assert [type(h) for h in read(Body="please stop")] == [CustomerMessage]


def test_what_twilio_says_of_a_word_counts_more_than_the_word() -> None:
    (stopped,), (helped,) = read(Body="arret", OptOutType="STOP"), read(Body="HELP", OptOutType="HELP")
    assert isinstance(stopped, Blocked)
    assert isinstance(helped, CustomerMessage)
    assert helped.inbound.metadata["answered_by_provider"]


@pytest.mark.parametrize(
    ("said", "status"), [("sent", "sent"), ("delivered", "delivered"), ("undelivered", "failed"), ("failed", "failed")]
)
def test_a_status_is_a_receipt(said: str, status: str) -> None:
    (found,) = read(MessageStatus=said, ErrorCode="30003" if status == "failed" else "")
    assert isinstance(found, Receipt)
    assert (found.provider_id, found.status, found.problem) == ("SM1", status, "recipient_unreachable" if status == "failed" else None)


def test_statuses_that_say_nothing_yet_are_nothing_and_new_ones_are_flagged() -> None:
    assert [read(MessageStatus=status) for status in ("queued", "sending", "accepted", "scheduled")] == [[]] * 4
    assert isinstance(read(MessageStatus="teleported")[0], Unknown)
    assert isinstance(parse(b"MessageSid=SM1", ACCOUNT, now=NOW)[0], Unknown)
    for body in (b"", b"a=b", b"\xff\xfe", b"[]"):
        with pytest.raises(ShapeError):
            parse(body, ACCOUNT, now=NOW)


@pytest.mark.parametrize("code", sorted(CODES))
def test_each_code_has_its_meaning_for_a_refused_call(code: str) -> None:
    result = result_of(httpx.Response(400, json={"code": int(code), "message": "no", "status": 400}))
    assert (result.problem, result.code) == (CODES[code], code)


def test_codes_that_are_not_known_are_judged_by_the_status() -> None:
    found = [problem_of("99999", status) for status in (400, 401, 403, 404, 429, None)]
    assert found == [Problem.BAD_REQUEST, Problem.AUTH, Problem.PERMISSION, Problem.PERMISSION, Problem.RATE_ACCOUNT, Problem.UNKNOWN]
    assert result_of(httpx.Response(503)).fate == Fate.UNKNOWN
    assert result_of(httpx.Response(201, json={"sid": "SM1", "status": "queued"})).external_id == "SM1"
    late = result_of(httpx.Response(201, json={"sid": "SM1", "status": "failed", "error_code": 30006, "error_message": "Landline"}))
    assert (late.fate, late.problem, late.external_id) == (Fate.FAILED, Problem.RECIPIENT, "SM1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Segments("GSM-7", 0, 1)),
        ("a" * 160, Segments("GSM-7", 160, 1)),
        ("a" * 161, Segments("GSM-7", 161, 2)),
        ("a" * 306, Segments("GSM-7", 306, 2)),
        ("a" * 307, Segments("GSM-7", 307, 3)),
        ("€" * 80, Segments("GSM-7", 160, 1)),
        ("a" * 152 + "€" + "a" * 152, Segments("GSM-7", 306, 3)),
        ("ção" * 10, Segments("UCS-2", 30, 1)),
        ("你" * 70, Segments("UCS-2", 70, 1)),
        ("你" * 71, Segments("UCS-2", 71, 2)),
        ("😀" * 35, Segments("UCS-2", 70, 1)),
        ("a" * 159 + "😀", Segments("UCS-2", 161, 3)),
        ("你" * 66 + "😀" + "你" * 66, Segments("UCS-2", 134, 3)),
    ],
)
def test_what_a_text_costs(text: str, expected: Segments) -> None:
    assert segments(text) == expected


def test_typographic_quotes_are_made_plain_where_that_saves_and_left_where_it_does_not() -> None:
    assert cheapest("“Don’t worry” – it’s fine…") == "\"Don't worry\" - it's fine..."
    assert cheapest("「你好」 – “x”") == "「你好」 – “x”"

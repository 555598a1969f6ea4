"""WhatsApp's templates: filled with values, and drafts that Meta would refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from channels.whatsapp.templates import Template, check_draft, fill, places_of
from kit.errors import InvalidInputError


def test_a_template_is_filled_with_named_or_numbered_values() -> None:
    template = Template("order", "en", "UTILITY", "APPROVED", None, "Hi {{first_name}}, order {{order}}.", ("first_name", "order"))
    content = fill(template, {"first_name": "Ann", "order": "LC-1"})
    assert content.text == "Hi Ann, order LC-1."
    parameters = content.custom["template"]["components"][0]["parameters"]
    assert parameters[0] == {"type": "text", "text": "Ann", "parameter_name": "first_name"}
    assert places_of("{{1}} and {{2}} and {{1}}") == ("1", "2")
    with pytest.raises(InvalidInputError):
        fill(template, {"first_name": "Ann"})
    with pytest.raises(InvalidInputError):
        fill(replace(template, status="PENDING"), {"first_name": "Ann", "order": "1"})


@pytest.mark.parametrize(
    "wrong", [{"name": "Big Name"}, {"category": "spam"}, {"body": ""}, {"body": "x" * 1025}, {"body": "{{1}}", "places": ("1",)}]
)
def test_a_draft_that_meta_would_refuse_is_refused_here(wrong: dict[str, Any]) -> None:
    draft = Template("order_update", "en", "utility", "", None, "Hello", ())
    assert check_draft(draft, []) == {"type": "BODY", "text": "Hello"}
    with pytest.raises(InvalidInputError):
        check_draft(replace(draft, **wrong), [])

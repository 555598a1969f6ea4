"""What is stored of a customer, in the shapes of /v1."""

from __future__ import annotations

from dataclasses import asdict

from context import schemas
from context.customer.schemas import HappeningOut, ViewOut
from context.customer.view import CustomerView, Happening, Profile


def show_contact(profile: Profile) -> schemas.ContactOut:
    """A contact with all that it is known by."""
    contact = profile.contact
    return schemas.ContactOut(
        id=contact.id,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        language=contact.language,
        verified=profile.verified,
        attributes=contact.attributes,
        identities=[{"channel": i.channel, "account": i.account, "id": i.external_id, "verified": i.verified} for i in profile.identities],
        identifiers=[
            {"kind": i.kind, "value": i.value, "verified": i.verified, "shared": i.shared, "method": i.method} for i in profile.identifiers
        ],
        labels=sorted({*profile.labels, *(rule.name for rule in profile.rules if rule.kind == "label")}),
        segments=[rule.name for rule in profile.rules if rule.kind == "segment"],
        consent={
            purpose: {"granted": row.granted, "source": row.source, "version": row.version, "at": row.at}
            for purpose, row in profile.consents.items()
        },
    )


def show_happening(one: Happening) -> HappeningOut:
    """A line of the timeline."""
    return HappeningOut(kind=one.kind, id=one.id, at=one.at, channel=one.channel, data=one.data)


def show_view(view: CustomerView) -> ViewOut:
    """The single view."""
    return ViewOut(
        contact=show_contact(view.profile),
        orders=[schemas.OrderOut(**asdict(order)) for order in view.orders],
        open_conversations=[schemas.ConversationOut.model_validate(c, from_attributes=True) for c in view.open_conversations],
        open_requests=[schemas.RequestOut(**asdict(request)) for request in view.open_requests],
        sentiment=[{"week": at, "mean": mean, "messages": count} for at, mean, count in view.sentiment],
        timeline=[show_happening(one) for one in view.timeline],
    )

"""Every action and every form's own rules, one line each."""

from __future__ import annotations

from bot.actions.address_flow import AddressFormRules, AskAddressConfirmed, ExtractAddress, SubmitAddress
from bot.actions.answer_from_knowledge import AnswerFromKnowledge, ExplainAndOfferPerson
from bot.actions.ask_order_number import AskOrderNumber
from bot.actions.ask_return import AskReturnConfirmed, AskReturnItem
from bot.actions.cancel_flow import AskCancelConfirmed, CancelFormRules, SubmitCancel
from bot.actions.complaint_flow import Complaint, ComplaintFormRules, ExtractComplaint, SubmitComplaint
from bot.actions.decline import Decline
from bot.actions.defaults import DefaultFallback
from bot.actions.extract_order_details import ExtractOrderDetails
from bot.actions.extract_return_answer import ExtractReturnItem, ExtractReturnReason, ExtractReturnWish
from bot.actions.feedback_flow import ExtractFeedback, FeedbackFormRules, SubmitFeedback
from bot.actions.gift_card_flow import ExtractGiftCardCode, GiftCardFormRules, ShowGiftCard
from bot.actions.hand_off import AngryHandOff, HandOff
from bot.actions.invoice_flow import AskInvoiceConfirmed, ExtractInvoiceName, InvoiceFormRules, SubmitInvoice
from bot.actions.offer import ExtractOffer
from bot.actions.open_order import AskOrderMeant, ExtractOrderMeant
from bot.actions.port import Action, FormRules
from bot.actions.problem_flow import AskProblemConfirmed, ExtractProblem, ProblemFormRules, SubmitProblem
from bot.actions.product_answers import TellProduct
from bot.actions.refund_flow import RefundFormRules, ShowRefund
from bot.actions.rephrase import Rephrase
from bot.actions.return_rules import ReturnFormRules
from bot.actions.show_order import ShowOrder
from bot.actions.small_talk import SmallTalk
from bot.actions.stop import Stop
from bot.actions.submit_return import SubmitReturn
from bot.actions.track_rules import TrackOrderFormRules

ACTIONS: tuple[Action, ...] = (
    DefaultFallback(),
    AnswerFromKnowledge(),
    ExplainAndOfferPerson(),
    Decline(),
    SmallTalk(),
    HandOff(),
    AngryHandOff(),
    Rephrase(),
    Stop(),
    ExtractOrderDetails(),
    ExtractReturnItem(),
    ExtractReturnReason(),
    ExtractReturnWish(),
    AskOrderNumber(),
    AskReturnItem(),
    AskReturnConfirmed(),
    ShowOrder(),
    SubmitReturn(),
    ExtractOffer(),
    ExtractOrderMeant(),
    AskOrderMeant(),
    AskCancelConfirmed(),
    SubmitCancel(),
    ExtractAddress(),
    AskAddressConfirmed(),
    SubmitAddress(),
    ExtractProblem(),
    AskProblemConfirmed(),
    SubmitProblem(),
    ExtractInvoiceName(),
    AskInvoiceConfirmed(),
    SubmitInvoice(),
    ShowRefund(),
    ExtractGiftCardCode(),
    ShowGiftCard(),
    Complaint(),
    ExtractComplaint(),
    SubmitComplaint(),
    ExtractFeedback(),
    SubmitFeedback(),
    TellProduct(),
)
FORM_RULES: tuple[FormRules, ...] = (
    TrackOrderFormRules(),
    ReturnFormRules(),
    CancelFormRules(),
    AddressFormRules(),
    ProblemFormRules(),
    InvoiceFormRules(),
    RefundFormRules(),
    GiftCardFormRules(),
    ComplaintFormRules(),
    FeedbackFormRules(),
)

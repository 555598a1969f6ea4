"""The sentences of a decision, in the languages of the console."""

from __future__ import annotations

from desk.routing.types import Reason

SENTENCES: dict[str, tuple[str, str]] = {
    "rule": ("The rule “{rule}” sends it to {team}.", "規則「{rule}」分派到{team}。"),
    "suggested": ("{team} was asked for.", "已指定{team}。"),
    "default": ("No rule fits: the default is {team}.", "沒有規則適用，預設為{team}。"),
    "no_team": ("No rule fits, and there is no default team: anybody may get it.", "沒有規則適用，也沒有預設團隊，任何人均可接手。"),
    "empty": ("{team} has no members, so {next} gets it.", "{team}沒有成員，改由{next}處理。"),
    "priority": ("Priority {priority}: {why}.", "優先次序 {priority}：{why}。"),
    "overflow": ("It has waited long enough for {team} as well.", "等候時間已達轉至{team}的條件。"),
    "timeout": ("It has waited so long that anybody may get it.", "等候過久，任何人均可接手。"),
    "closed": ("{team} is closed now.", "{team}現時休息。"),
    "manual": ("People of {team} take conversations by hand.", "{team}由成員自行接手對話。"),
    "sticky": ("{person} spoke with this customer last.", "{person}上次曾與此顧客對話。"),
    "sticky_waits": ("It waits a moment for {person}, who spoke with this customer last.", "稍候{person}，其上次曾與此顧客對話。"),
    "least_loaded": ("{person} is the least busy of {count} who could.", "{count}位合適人選中，{person}最不忙碌。"),
    "only": ("{person} is the only one who could.", "只有{person}合適。"),
    "nobody": ("Nobody who could is free.", "沒有合適的人有空。"),
    "offline": ("{person} is not online.", "{person}不在線上。"),
    "other_team": ("{person} does not belong to {team}.", "{person}不屬於{team}。"),
    "language": ("{person} does not write {language}.", "{person}不使用{language}。"),
    "product": ("{person} does not know {product}.", "{person}不熟悉{product}。"),
    "level": ("{person} works below level {level}.", "{person}未達第 {level} 級。"),
    "full": ("{person} holds {load} of {most} already.", "{person}已有 {load}／{most} 個對話。"),
    "let_go": ("{person} has just put it back.", "{person}剛把它放回佇列。"),
    "fits": ("{person} could take it: {load} of {most} held.", "{person}可以接手：現有 {load}／{most}。"),
}


def reason_text(reason: Reason, language: str = "en") -> str:
    """A reason as a sentence: in Traditional Chinese for `zh-Hant`, else in English."""
    english, chinese = SENTENCES[reason.code]
    return (chinese if language == "zh-Hant" else english).format(**reason.values)

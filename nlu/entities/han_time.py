"""Days and times of day in Chinese: 下星期二, 聽日下晝, 後天早上十點半, 十二月廿五號, 上個月5號, 三點三個字, 週末."""

from __future__ import annotations

import re
from datetime import date, timedelta

from nlu.entities.atoms import Form, Found
from nlu.entities.calendar_words import HAN_WEEKDAYS, looks_back
from nlu.entities.candidates import Asked
from nlu.entities.clock_words import AFTERNOON, MORNING, NIGHT, NOON, SMALL_HOURS, clock
from nlu.entities.days_fixed import day_of_month, with_year
from nlu.entities.days_relative import period
from nlu.entities.iso import Clock, Days, add_months, month_of, one_day, year_of
from nlu.entities.numerals_han import parse_han

_AWAY = {
    -3: "大前天 大前日",
    -2: "前天 前日",
    -1: "昨天 昨日 尋日 寻日 琴日 噚日",
    0: "今天 今日 今儿 即日",
    1: "明天 明日 聽日 听日 明儿 第二日",
    2: "後天 后天 後日 后日",
    3: "大後天 大后天 大後日 大后日",
}
_DAYS = {word: days for days, words in _AWAY.items() for word in words.split() if word != "第二日"}
_HALVES = {"今": 0, "聽": 1, "听": 1, "明": 1, "昨": -1, "尋": -1, "寻": -1, "琴": -1, "噚": -1, "當": 0}
_PARTS = {
    MORNING: "早上 上午 朝早 朝頭早 早晨 清晨 晨早 早 朝 上晝 上昼",
    NOON: "中午 正午 晏晝 晏昼",
    AFTERNOON: "下午 下晝 下昼 傍晚 黃昏",
    NIGHT: "晚上 夜晚 晚間 夜晚黑 晚黑 晚 夜 夜間",
    SMALL_HOURS: "凌晨 半夜",
}
_PART_OF = {word: part for part, words in _PARTS.items() for word in words.split()}
_PART = "|".join(sorted(_PART_OF, key=len, reverse=True))
_LONG_PART = "|".join(sorted((w for w in _PART_OF if len(w) > 1 and w != "早晨"), key=len, reverse=True))
_N = r"[0-9]{1,2}|[一二三四五六七八九十廿卅]{1,3}"
_NO_NUMBER = r"(?<![0-9一二三四五六七八九十兩两半每逢第])(?<![0-9一二三四五六七八九十兩两][個个])"
_WHICH = {"上": -1, "下": 1, "今": 0, "呢": 0, "這": 0, "这": 0, "本": 0, "當": 0, "下下": 2, "上上": -2}
_W = r"(?<!一)(?P<which>下下|上上|[上下今呢這这本])"
_WEEK = r"(?:星期|禮拜|礼拜|週|周|拜)"
_YEAR = r"(?:(?P<y>[12][0-9]{3}|[零〇一二三四五六七八九]{4}|今|明|去|出|舊|下|上)年)?"
_NO_MONTH_DAY = r"(?![0-9一二三四五六七八九十]?[碼码舖铺鋪樓楼線线門门店房座])"
_FEASTS = {"聖誕": (12, 25), "圣诞": (12, 25), "平安夜": (12, 24), "元旦": (1, 1), "除夕": (12, 31)}


def _number(text: str) -> int:
    return int(text) if text.isascii() else int(parse_han(text) or 0)


def _away(match: re.Match[str], asked: Asked) -> Found:
    return one_day(asked.now.date() + timedelta(days=_DAYS[match["w"]]))


def _half_day(match: re.Match[str], asked: Asked) -> Found:
    """今晚, 聽朝, 明早."""
    days = one_day(asked.now.date() + timedelta(days=_HALVES[match["d"]]))
    return days, NIGHT if match["p"] in "晚夜" else MORNING


def _weekday(match: re.Match[str], asked: Asked) -> Found:
    """下星期二 is in the week to come, 上星期五 in the last; without a word the next one, or the last where the sentence looks back."""
    name = match["w"]
    day = min(HAN_WEEKDAYS.index(name), 6) if name in HAN_WEEKDAYS else int(name) - 1
    today = asked.now.date()
    monday = today - timedelta(days=today.weekday())
    if match["which"]:
        return one_day(monday + timedelta(days=day + 7 * _WHICH[match["which"]]))
    found = monday + timedelta(days=day)
    if looks_back(asked.low, *match.span()):
        return one_day(found if found < today else found - timedelta(days=7))
    return one_day(found if found >= today else found + timedelta(days=7))


def _month_day(match: re.Match[str], asked: Asked) -> Found:
    year, month = _year(match["y"], asked), _number(match["m"])
    first = with_year(asked, month, _number(match["d"]), year, span=match.span())
    if not match["d2"]:
        return one_day(first)
    last = first.replace(day=_number(match["d2"]))
    return Days(first, last) if last > first else None


def _year(text: str | None, asked: Asked) -> str | None:
    if not text or text.isascii():
        return text
    near = {"今": 0, "明": 1, "出": 1, "下": 1, "去": -1, "舊": -1, "上": -1}
    return str(asked.now.year + near[text]) if text in near else str(parse_han(text))


def _month(match: re.Match[str], asked: Asked) -> Found:
    year, month = _year(match["y"], asked), _number(match["m"])
    if year:
        return month_of(int(year), month)
    today = asked.now.date()
    late = month < today.month and not looks_back(asked.low, *match.span()) and today.month - month > 6
    return month_of(today.year + late, month)


def _day(match: re.Match[str], asked: Asked) -> Found:
    return one_day(day_of_month(asked, _number(match["d"]), span=match.span()))


def _day_of_that_month(match: re.Match[str], asked: Asked) -> Found:
    first = add_months(asked.now.date().replace(day=1), _WHICH[match["which"]])
    return one_day(first.replace(day=_number(match["d"])))


def _period(match: re.Match[str], asked: Asked) -> Found:
    shift = _WHICH[match["which"]]
    unit = match["unit"]
    if unit == "月" and match["end"]:
        return one_day(period(asked, "month", shift).last)
    if match["end"]:
        return period(asked, "weekend", shift) if unit in {"週", "周"} else None
    return period(asked, "month" if unit == "月" else "week", shift)


def _weekend(match: re.Match[str], asked: Asked) -> Found:  # noqa: ARG001
    return period(asked, "weekend", 0)


def _month_end(match: re.Match[str], asked: Asked) -> Found:  # noqa: ARG001
    return one_day(period(asked, "month", 0).last)


def _this_year(match: re.Match[str], asked: Asked) -> Found:
    return year_of(int(_year(match["y"], asked) or 0))


def _feast(match: re.Match[str], asked: Asked) -> Found:
    month, day = _FEASTS[match["f"]]
    found = date(asked.now.year, month, day)
    return one_day(found if found >= asked.now.date() else add_months(found, 12))


def _clock(match: re.Match[str], asked: Asked) -> Found:
    """一點 alone is "a little": it needs a part of the day, minutes or 鐘."""
    rest = match["half"] or match["quarter"] or match["five"] or match["m"] or match["tail"]
    hour = _number(match["h"]) if match["h"] not in {"兩", "两"} else 2
    if match["h"] == "一" and not (match["part"] or rest) and asked.expected != "time":
        return None
    part = _PART_OF.get(match["part"] or "")
    return clock(asked, hour, _minutes(match), part=part, exact=match["h"].startswith("0"))


def _minutes(match: re.Match[str]) -> int:
    if match["half"]:
        return 30
    if match["quarter"]:
        return 15 * _number(match["quarter"].replace("兩", "二"))
    if match["five"]:
        return 5 * _number(match["five"].replace("兩", "二").replace("两", "二"))
    return _number(match["m"]) if match["m"] else 0


def _part_with_digits(match: re.Match[str], asked: Asked) -> Found:
    """下午3:30."""
    return clock(asked, int(match["h"]), int(match["m"]), part=_PART_OF[match["part"]])


def _part(match: re.Match[str], asked: Asked) -> Found:  # noqa: ARG001
    return _PART_OF[match["p"]]


def _span_of_hours(match: re.Match[str], asked: Asked) -> Found:
    part = _PART_OF.get(match["part"] or "")
    part2 = _PART_OF.get(match["part2"] or "") or part
    first = clock(asked, _hour(match["h"]), 30 if match["half"] else 0, part=part).start
    last = clock(asked, _hour(match["h2"]), 30 if match["half2"] else 0, part=part2).start
    return Clock(first, last) if first < last else None


def _hour(text: str) -> int:
    return 2 if text in {"兩", "两"} else _number(text)


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


_H = r"[0-9]{1,2}|[一二三四五六七八九十兩两廿]{1,3}"
HAN_FORMS: tuple[Form, ...] = (
    Form(_compile(rf"(?P<w>{'|'.join(sorted(_DAYS, key=len, reverse=True))})(?![子頭头])"), _away),
    Form(_compile(r"(?P<d>[今聽听明昨尋寻琴噚])(?P<p>[晚朝早夜])(?:上|間|头早|頭早)?(?!餐|安|市|期)"), _half_day),
    Form(_compile(rf"{_NO_NUMBER}(?:{_W}[個个]?)?{_WEEK}(?P<w>[一二三四五六日天1-6])(?![次個个天份盒件包])"), _weekday, weekday=True),
    Form(
        _compile(
            rf"{_YEAR}(?<![0-9一二三四五六七八九十])(?P<m>{_N})月份?(?P<d>{_N})(?:[日號号](?!碼)|(?![0-9個件]))(?:[至到\-~](?P<d2>{_N})[日號号])?"
        ),
        _month_day,
    ),
    Form(_compile(rf"{_YEAR}(?<![0-9一二三四五六七八九十個个])(?P<m>{_N})月(?:份)?(?![0-9一二三四五六七八九十餅饼])"), _month),
    Form(_compile(rf"(?<![0-9a-z一二三四五六七八九十第月道路街巷里碼码寸舖座單单\-])(?P<d>{_N})[號号]{_NO_MONTH_DAY}"), _day),
    Form(_compile(rf"(?<![0-9一二三四五六七八九十月])(?P<d>{_N})日(?=凌晨|早|上午|中午|下午|下晝|晚)"), _day),
    Form(_compile(rf"{_W}[個个]?月(?P<d>{_N})[日號号]"), _day_of_that_month),
    Form(_compile(rf"{_W}[個个]?(?P<unit>星期|禮拜|礼拜|週|周|月)(?P<end>末|底)?(?![一二三四五六日天1-6邊边圍围年到刊餅饼])"), _period),
    Form(_compile(r"(?<![每逢上下今呢這这本個个])[週周]末"), _weekend),
    Form(_compile(r"(?<![上下個个])月底"), _month_end),
    Form(_compile(r"(?P<y>今|明|去|出|舊|(?<![0-9])(?:19|20)[0-9]{2})年(?![0-9一二三四五六七八九十])"), _this_year),
    Form(_compile(r"(?P<f>聖誕|圣诞|平安夜|元旦|除夕)(?:節|节)?(?:當[日天]|当天|假期)?(?=[前之後后到先可收送得嗎吗,，。？?]|$)"), _feast),
    Form(
        _compile(
            rf"(?:(?<![今聽听明昨尋寻琴噚])(?P<part>{_PART}))?(?<![0-9a-z第一二三四五六七八九])(?P<h>{_H})[點点時时](?![解樣样間间候數数積积])"
            rf"(?:(?P<half>半)|(?P<quarter>[一兩三])(?:刻|[個个]骨)|(?P<five>[一二兩两三四五六七八九十]{{1,2}})[個个]字"
            rf"|(?P<m>[0-5][0-9](?![0-9])|[一二三四五]?十[一二三四五六七八九]?|[零]?[一二三四五六七八九0-9](?=分))分?)?"
            rf"(?P<tail>鐘|钟|正|整)?(?![意建問问原要理])"
        ),
        _clock,
    ),
    Form(_compile(rf"(?P<part>{_LONG_PART}) ?(?P<h>[01]?[0-9]):(?P<m>[0-5][0-9])(?![0-9])"), _part_with_digits),
    Form(
        _compile(
            rf"(?:(?<![今聽听明昨尋寻琴噚])(?P<part>{_PART}))?(?<![0-9第])(?P<h>{_H})(?:[點点時时](?P<half>半)?(?:鐘"
            rf"|钟)?)?[至到\-~](?P<part2>{_PART})?(?P<h2>{_H})[點点時时](?P<half2>半)?(?:鐘|钟)?"
        ),
        _span_of_hours,
    ),
    Form(_compile(rf"(?P<p>{_LONG_PART})(?![好安市餐])"), _part),
)

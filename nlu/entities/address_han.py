"""Parts of addresses in Chinese: 香港九龍旺角彌敦道123號5樓B室, 澳門氹仔官也街12號, 广东省珠海市香洲区情侣路88号."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.entities.address_parts import Part
from nlu.entities.candidates import Asked

_H = "\u4e00-\u9fff"
_N = "0-9一二三四五六七八九十百零"
_REGIONS = (
    "中國|中国|香港特區|香港|澳門特別行政區|澳門|澳门|台灣|台湾|臺灣|九龍|九龙|新界|港島|港岛|香港島|澳門半島|氹仔|路環|路环|路氹|離島"
)
_CITIES = "北京|上海|廣州|广州|深圳|珠海|中山|東莞|东莞|佛山|杭州|成都|武漢|武汉|南京|天津|重慶|重庆|台北|臺北|新北|高雄|台中|臺中"
_DISTRICTS = (
    "旺角|油麻地|尖沙咀|尖沙嘴|佐敦|深水埗|長沙灣|荔枝角|美孚|太子|大角咀|紅磡|土瓜灣|何文田|九龍塘|九龍城|黃大仙|鑽石山|觀塘|牛頭角|九龍灣|藍田|油塘|將軍澳"
    "|中環|上環|西環|金鐘|灣仔|銅鑼灣|北角|鰂魚涌|太古|西灣河|筲箕灣|柴灣|薄扶林|香港仔|鴨脷洲|跑馬地|天后|沙田|馬鞍山|大圍|火炭|大埔|粉嶺|上水|元朗|屯門|天水圍|荃灣|葵涌|葵芳|青衣|西貢|東涌"
    "|新口岸|南灣|西灣|水坑尾|荷蘭園|黑沙環|祐漢|筷子基|青洲|下環|媽閣|新橋|高士德|雅廉訪|三盞燈|議事亭前地|皇朝|路氹城|石排灣|花城|信義|大安|中正|板橋"
)
_CUE = re.compile("[喺在到去係是址寄住送於：:，,。；;\\s我你佢他她嚟來的嘅改為为同和號号]")
_ROAD = re.compile(
    rf"(?P<name>[{_H}]{{1,12}}?(?:大馬路|大马路|新馬路|馬路|马路|大道|道|路|街|巷|里|圍|徑|坊|胡同|前地|斜巷)(?:[東西南北中东]"
    rf"|[一二三四五六七八九]段)?)(?P<number>[{_N}]{{1,6}}(?:[-至][{_N}]{{1,4}})?[A-Za-z]?)[號号](?:之[{_N}])?"
)
_ROAD_ALONE = re.compile(
    rf"(?P<name>[{_H}]{{1,12}}?(?:大馬路|大马路|新馬路|大道|道|路|街|巷))(?=[{_H}]{{2,10}}(?:大廈|大厦|花園|花园|苑|中心|廣場|广场|閣|阁)|[{_N}]{{1,3}}[樓楼])"
)
_LEVELS = re.compile(
    rf"(?P<region>{_REGIONS})|(?P<province>[{_H}]{{2,3}}省)|(?P<city>(?:{_CITIES})市?"
    rf"|[{_H}]{{2,3}}市)|(?P<district>(?:{_DISTRICTS})區?|[{_H}]{{2,3}}[區区县縣鎮镇])"
)
_BUILDING = re.compile(
    rf"(?P<building>[{_H}A-Za-z]{{1,12}}?(?:大廈|大厦|花園|花园|苑|中心|廣場|广场|邨|新村|閣|阁|軒|轩|商場|商场"
    rf"|大樓|大楼|工業大廈|小區|小区))(?:(?P<block>第?[{_N}A-Za-z]{{1,3}}(?:座|棟|栋|幢|期|號樓|号楼)))?"
)
_BLOCK = re.compile(rf"第?(?:[{_N}]{{1,3}}|[A-Za-z])(?:座(?!位)|棟|栋|幢|號樓|号楼)")
_FLOOR = re.compile(rf"(?P<f>[{_N}]{{1,3}}|地|G)(?:樓|楼|層|层)|(?P<f2>地下)(?=[{_N}A-Za-z]|$)|(?P<f3>[0-9]{{1,2}}|G)/F", re.IGNORECASE)
_UNIT = re.compile(rf"(?P<u>[{_N}]{{1,4}}[A-Za-z]?|[A-Za-z][0-9]{{0,3}})(?:室|房(?!間)|單位|单位|號舖|号铺|號鋪|舖|铺|座(?!位))")
_HINT = re.compile("[道路街巷里圍徑坊地村邨廈厦園园苑閣阁樓楼座市區区省城]")
_LETTER_BEHIND = re.compile("[A-Za-z](?![A-Za-z0-9])")


def find_han_parts(asked: Asked) -> Iterator[Part]:
    """Regions, streets with numbers, buildings, floors and units."""
    text = asked.text
    if not asked.han or not _HINT.search(text):
        return
    for match in [*_ROAD.finditer(text), *_ROAD_ALONE.finditer(text)]:
        yield from _street(text, match)
    for match in _BUILDING.finditer(text):
        start = _begin(text, *match.span("building"))
        yield Part(start, match.end("building"), "building")
        if match["block"]:
            yield Part(*match.span("block"), "building")
    for match in _BLOCK.finditer(text):
        yield Part(*match.span(), "building")
    for match in _FLOOR.finditer(text):
        yield Part(*match.span(), "floor", (match["f"] or match["f2"] or match["f3"]).upper())
        letter = _LETTER_BEHIND.match(text, match.end())
        if letter:
            yield Part(*letter.span(), "unit")
    for match in _UNIT.finditer(text):
        yield Part(*match.span(), "unit", match["u"].upper())
    if asked.expected == "address":
        yield from _levels(text, 0, len(text))[1]


def _street(text: str, match: re.Match[str]) -> Iterator[Part]:
    start = _begin(text, *match.span("name"))
    at, levels = _levels(text, start, match.end("name") - 1)
    yield from levels
    yield Part(at, match.end("name"), "street")
    if "number" in match.re.groupindex:
        yield Part(match.start("number"), match.end(), "number", match["number"])


def _begin(text: str, start: int, end: int) -> int:
    """Where the name begins, behind the last word that leads to an address ("I live in")."""
    cues = [m.end() for m in _CUE.finditer(text, start, end - 1)]
    return cues[-1] if cues else start


def _levels(text: str, start: int, end: int) -> tuple[int, list[Part]]:
    """Country, province, city and district at the beginning, and where they end."""
    found: list[Part] = []
    at = start
    while at < end:
        match = _LEVELS.match(text, at, end)
        if match is None:
            break
        found.append(Part(*match.span(), "district" if match["district"] else "city"))
        at = match.end()
    return at, found

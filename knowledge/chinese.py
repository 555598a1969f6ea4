"""Chinese writing: Traditional shown as Simplified, and every way of writing brought to one for search.

Simplified text is made with OpenCC's `tw2sp`, not `hk2s`. Both turn every character alike on text of Macau and Hong Kong, but only
`tw2sp` also turns words (登入 -> 登录, 連結 -> 链接, 訊息 -> 消息) and 著 -> 着, and words peculiar to Hong Kong pass through it unharmed.
For search this means that a question in mainland words meets an article in local ones.
"""

from __future__ import annotations

import re
from functools import lru_cache

import opencc

_HAN = re.compile(r"[㐀-鿿豈-﫿]")

# Spoken Cantonese (here in Simplified characters) and the written Chinese for it, which is all that encoders and dictionaries know.
_CANTONESE: dict[str, str] = dict(
    re.findall(
        r"(\S+)=(\S*)",
        """
    点样=怎样 点解=为什么 点先=怎样才 点算=怎么办 几耐=多久 几多=多少 几时=什么时候 几钱=多少钱 边度=哪里 边个=谁 边间=哪间 边款=哪款
    边啲=哪些 边种=哪种 乜嘢=什么 咩嘢=什么 做乜=为什么 系咪=是不是 有冇=有没有 可唔可以=可不可以 得唔得=可以吗 使唔使=需不需要
    驶唔驶=需不需要 唔使=不用 唔该=请 唔见咗=丢失了 唔见=丢失 未到=没到 仲未=还没有 仲有=还有 而家=现在 依家=现在 呢个=这个 呢度=这里
    呢啲=这些 嗰个=那个 嗰度=那里 嗰啲=那些 啲嘢=东西 件嘢=东西 买嘢=买东西 食嘢=吃东西 寄嘢=寄东西 嘢食=食物 俾钱=付款 畀钱=付款
    找数=付款 碌卡=刷卡 收到未=收到了吗 听日=明天 琴日=昨天 寻日=昨天 礼拜=星期 烂咗=坏了 爆咗=破裂了 埋单=结账 速递=快递 退返=退回
    食得=能吃 平啲=便宜些 嘢=东西 嘅=的 咗=了 唔=不 冇=没有 喺=在 佢=他 哋=们 啲=些 畀=给 俾=给 攞=拿 揾=找 搵=找 嚟=来 谂=想 咁=这样
    咩=什么 乜=什么 睇=看 嗌=叫 靓=漂亮 啱=合适 㗎= 喎= 啫= 噃=
        """,
    )
)
_SPOKEN_ONLY = re.compile("[嘅咗唔冇喺佢哋啲畀攞揾搵嚟谂咁咩乜嘢㗎喎嗰]|边[度个间款啲种]|点[样解算]|几[耐钱]|系咪|而家|依家|呢[个度啲]")
_CANTONESE_WORD = re.compile("|".join(sorted(_CANTONESE, key=len, reverse=True)))


@lru_cache(maxsize=1)
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("tw2sp")


def has_han(text: str) -> bool:
    """Whether there is a Chinese character in `text`."""
    return _HAN.search(text) is not None


def to_simplified(text: str) -> str:
    """Traditional Chinese in the characters and words of the mainland; other text as it is."""
    return str(_converter().convert(text)) if has_han(text) else text


def one_script(text: str) -> str:
    """Any Chinese as written Simplified Chinese: both scripts, and spoken Cantonese when the text shows that it is that."""
    if not has_han(text):
        return text
    simplified = to_simplified(text)
    if _SPOKEN_ONLY.search(simplified):
        simplified = _CANTONESE_WORD.sub(lambda found: _CANTONESE[found.group()], simplified)
    return simplified

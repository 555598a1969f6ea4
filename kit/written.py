"""What customers write, as encoders read it: without addresses, telephones and long codes, and not in capitals."""

from __future__ import annotations

import re

_SAYING = 6
"""So many letters and digits beside what is pasted say something; a Chinese character counts twice. "It is" does not."""

PASTED = re.compile(
    r"(?:https?://|www\.)[!-~]*[a-z0-9/]"  # an address of the web
    r"|[\w.%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+"  # of a person
    r"|\+[0-9][0-9 ()-]{6,18}[0-9]"  # a telephone
    r"|(?<![a-z0-9])(?=(?:[a-z-]*[0-9]){4})[a-z0-9](?:-?[a-z0-9]){10,}(?![a-z0-9])",  # the number of a parcel or a payment, a key
    re.IGNORECASE | re.ASCII,
)
"""What customers paste."""

_SHOUTED = 0.8  # this share of letters in capitals
_SHOUTED_WORDS = 2
_WORD = re.compile(r"\S*[^\W\d_]\S*")
_CHINESE = 0x2E80  # from this code point on a character is a syllable or a word


def without_pasted(text: str) -> str:
    """`text` without addresses, telephones and long codes, which say nothing of what is wanted.

    As it is where hardly a word stands beside them: then they are what is said.
    """
    if not any(c in "@./0123456789" for c in text):
        return text
    rest, pasted = PASTED.subn(" ", text)
    said = sum(1 + (ord(c) > _CHINESE) for c in rest if c.isalnum())
    return " ".join(rest.split()) if pasted and said >= _SAYING else text


def unshouted(text: str) -> str:
    """A text in capitals in small letters, save words with a digit; one word alone may be a name and stays."""
    if sum(c.isupper() for c in text) <= _SHOUTED * sum(c.isalpha() for c in text) or len(_WORD.findall(text)) < _SHOUTED_WORDS:
        return text
    return _WORD.sub(lambda word: word.group() if any(c.isdigit() for c in word.group()) else word.group().lower(), text)


def plainly(text: str) -> str:
    """`text` without what is pasted, and not shouted."""
    return unshouted(without_pasted(text))

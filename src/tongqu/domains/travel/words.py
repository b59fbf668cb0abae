"""How a name can be typed: as it is written, in pinyin, or by initials."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from tongqu.kernel.things import normalised


@dataclass(frozen=True)
class Typed:
    """The forms of a name.

    Attributes:
        whole: normalised name, pinyin without tones and spaces, further names, each between bars.
        initials: first letters of the pinyin's syllables.
    """

    whole: str
    initials: str


@lru_cache(maxsize=65_536)
def typed(name: str, *others: str) -> Typed:
    """All forms of a name in which people look for it. Heteronyms take their reading from the word they stand in
    (重庆 is chongqing); pinyin by pypinyin after 汉语拼音方案, ü as v as keyboards have it."""
    from pypinyin import Style, lazy_pinyin

    read = [part for word in name.split() for part in lazy_pinyin(word, style=Style.NORMAL, v_to_u=False)]
    syllables = [plain(part) for part in read]
    first = "".join(part[:1] if not part.isdigit() else part for part in syllables if part)
    forms = [normalised(name), plain(name), "".join(syllables), *(plain(other) for other in others if other)]
    return Typed(f"|{'|'.join(dict.fromkeys(form for form in forms if form))}|", first)


def plain(text: str) -> str:
    """Normalised, without accents: `Praça XV` is `pracaxv`."""
    folded = unicodedata.normalize("NFD", normalised(text))
    return "".join(letter for letter in folded if not unicodedata.combining(letter))

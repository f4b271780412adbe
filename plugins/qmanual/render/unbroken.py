"""What must stay on one line of a print: a number with its unit, a clause with its word, a standard with its number.

`20` at the end of one line and `mm` at the beginning of the next are misread (GB/T 3100, GB/T 15834). The text stays as
it is, blanks included; it is only put into an element that is not broken.
"""

import re

from lxml.html import HtmlElement

_COUNTED = (
    "个工作日|工作日|个月|小时|分钟|公里|公斤|千克|毫米|厘米|万元|人次|年度|秒|分|时|日|天|周|月|年|件|台|套|份|个|次|批|人|名|家|张|组|"
    "只|块|级|倍|页|章|节|条|款|项|步|班|元|米|克|升|度|号|版|种|点|位|轮|路|层|排|列|行"
)
_UNITS = (
    "mmHg|mol|dB|ppm|ppb|rpm|kWh|Wh|mAh|Ah|kHz|MHz|GHz|Hz|kPa|MPa|hPa|Pa|kΩ|MΩ|mΩ|Ω|kV|mV|μV|V|mA|μA|A|kW|MW|mW|W|"
    "mm|cm|dm|km|μm|um|nm|m|kg|mg|μg|g|t|mL|ml|L|l|min|ms|μs|s|h|d|lx|lm|cd|KB|MB|GB|TB|kN|N|K|℃|°C|°F|°|%|‰|µm"
)
_NUMBER = r"(?<![A-Za-z0-9_.-])[±≤≥<>＜＞≈~～约−-]?\d[\d,.]*(?:\s?(?:[~～\-–—±×]|至)\s?\d[\d,.]*)?"
_PIECES = re.compile(
    rf"第\s?[\d.]+\s?(?:{_COUNTED}|部分|阶段)"
    rf"|(?:GB(?:/[TZ])?|ISO(?:/[A-Z]+)*|IEC|IATF|IPC|JJ[FG]|SJ/T|EN|UL)\s?[\d][\d.:\-—–]*\d"
    rf"|{_NUMBER}\s?(?:{_COUNTED}|(?:{_UNITS})(?:/(?:{_UNITS}|{_COUNTED}))?[²³]?(?![A-Za-z]))"
)
_LONGEST = 16
"""Characters; what is longer may be broken, or it would stand out of a narrow column."""
_OPAQUE = frozenset({"pre", "code", "svg", "a"})
CLASS = "qm-whole"


def keep_whole(part: HtmlElement) -> None:
    """Put what must not be broken into elements of its own, everywhere in a text but in code and links."""
    for element in list(part.iter()):
        if not isinstance(element.tag, str) or element.get("class") == CLASS:
            continue
        if element.text and element.tag not in _OPAQUE:
            element.text = _split(element, element.text, None)
        if element.tail and element is not part and _open(element.getparent()):
            parent = element.getparent()
            if parent is not None:
                element.tail = _split(parent, element.tail, element)


def _open(element: HtmlElement | None) -> bool:
    return element is not None and element.tag not in _OPAQUE


def _split(parent: HtmlElement, text: str, before: HtmlElement | None) -> str:
    """Put pieces of a text behind `before` (None: first in the parent) into elements; gives the text before them."""
    found = [match for match in _PIECES.finditer(text) if len(match[0]) <= _LONGEST]
    if not found:
        return text
    at = 0 if before is None else parent.index(before) + 1
    for number, match in enumerate(found):
        whole = parent.makeelement("span", {"class": CLASS})
        whole.text = match[0]
        end = found[number + 1].start() if number + 1 < len(found) else len(text)
        whole.tail = text[match.end() : end]
        parent.insert(at + number, whole)
    return text[: found[0].start()]

"""A form as a page of its own: looks as it is printed, is filled in without any network, saves a record file.

One file that opens from a disk or out of a mail. It is made from the HTML that the PDF is printed from, so its text is
the same; the marks in that HTML (`render.form_marks`) say where to put the inputs.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from lxml import etree
from lxml.html import HtmlElement, fragment_fromstring

from qmanual.files import text_name
from qmanual.language import N_, Translator
from qmanual.model import FieldType
from qmanual.records import Field, Form, Slot, slots
from qmanual.records.form import LONGEST
from qmanual.records.validate import PATTERNED
from qmanual.render.form_marks import DATE, FIELD, FURTHER, OPTION

_HERE = Path(__file__).parent
_BODY = re.compile(r'<body class="([^"]*)">(.*)</body>', re.DOTALL)
_KINDS = {".png": "png", ".jpg": "jpeg", ".jpeg": "jpeg", ".gif": "gif", ".webp": "webp", ".svg": "svg+xml",
          ".bmp": "bmp", ".avif": "avif"}  # fmt: skip

WHY = {
    "missing": N_("must be filled in"), "whole": N_("must be a whole number"), "number": N_("must be a number"),
    "least": N_("is less than {least}"), "most": N_("is more than {most}"),
    "date": N_("is no date; write it as 2026-05-01"), "long": N_("is longer than {most} characters"),
    "pattern": N_("is not written as it must be: {hint}"), "rule": N_("must be filled in: {message}"),
    "found": N_("{count} entries are not as they must be:"), "sound": N_("Everything is filled in as it must be."),
    "saved": N_("Saved as {name}, complete."), "savedOpen": N_("Saved as {name}; {count} entries are still open:"),
    "none": N_("This file is no record of a form."), "other": N_("This is a record of {name}, another form."),
    "older": N_("This record was filled in on revision {revision}, whose text is another. Open it with that form."),
    "opened": N_("{name} is open."),
}  # fmt: skip
"""What the page says; the first are those of `records.validate`."""


def form_page(form: Form, printed: str, standing: str, pictures: Mapping[str, bytes], say: Translator) -> str:
    """The page. `printed`: the HTML of `print_html`, marked. `standing`: whether one may work by it, in a few words.

    `pictures`: address in the text → the picture.
    """
    found = _BODY.search(printed)
    assert found is not None  # it was made by `print_html`
    sheet = fragment_fromstring(found[2], create_parent="main")
    sheet.set("class", f"sheet {found[1]}")
    by_name = {slot.name: slot for slot in slots(form)}
    for element in list(sheet.iter("td", "th", "span", "hr")):
        _put_input(element, by_name)
    _settle(sheet, pictures)
    script = (_HERE / "form_page.js").read_text("utf-8")
    content = etree.tostring(sheet, encoding="unicode", method="html")
    across = "qm-across" in found[1].split()
    return _page(form, content, script, standing, across, say)


def _page(form: Form, content: str, script: str, standing: str, across: bool, say: Translator) -> str:
    name = html.escape(f"{form.id} {form.title} {form.revision}".strip())
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'"
    )
    buttons = (
        ("save", N_("Save record")),
        ("open", N_("Open record")),
        ("check", N_("Check")),
        ("print", N_("Print the form")),
    )
    shown = "".join(f'<button type="button" data-do="{do}">{html.escape(say(text))}</button>' for do, text in buttons)
    language = "zh-CN" if say.language == "zh" else "en"
    data = json.dumps(_data(form, say), ensure_ascii=False).replace("<", "\\u003c")
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}; form-action \'none\'">'
        f'<meta name="viewport" content="width=device-width"><title>{name}</title>'
        f"<style>{(_HERE / 'form_page.css').read_text('utf-8')}"
        f"@page{{size:A4{' landscape' if across else ''};margin:14mm}}</style></head><body>"
        f'<div class="bar"><strong>{name}<em>{html.escape(standing)}</em></strong>{shown}'
        f'<input type="file" id="qm-file" accept=".json,application/json" hidden></div>'
        f'<div class="told" id="qm-told" role="status" hidden></div>{content}'
        f'<script type="application/json" id="qm-form">{data}</script><script>{script}</script></body></html>\n'
    )


def _data(form: Form, say: Translator) -> Mapping[str, object]:
    return {
        "id": form.id,
        "revision": form.revision,
        "digest": form.digest,
        "file": text_name(form.id, form.revision),
        "fields": [_field(field) for field in form.fields],
        "slots": [[one.name, one.table.key if one.table else "", one.row, one.field.key, one.option]
                  for one in slots(form)],
        "rules": [{"when": rule.when, "require": rule.require, "message": rule.message} for rule in form.rules],
        "longest": LONGEST,
        "patterned": PATTERNED,
        "why": WHY,
        "texts": {text: say(text) for text in WHY.values()},
    }  # fmt: skip


def _field(field: Field) -> Mapping[str, object]:
    return {
        "key": field.key, "label": field.label, "type": field.type.value, "required": field.required,
        "min": field.min, "max": field.max, "unit": field.unit, "pattern": field.pattern, "hint": field.hint,
        "columns": [_field(column) for column in field.columns],
    }  # fmt: skip


# -- inputs --------------------------------------------------------------------------------------------------------


def _put_input(element: HtmlElement, by_name: Mapping[str, Slot]) -> None:
    """Put the input of a marked place into it, or in its stead."""
    if name := element.get(DATE):
        _replace(element, _input(by_name[name], "input", type="date"))
    elif element.get(FURTHER):
        _replace(element, None)
    elif element.get(OPTION):
        _put_option(element, by_name[str(element.get(FIELD))])
    elif (name := element.get(FIELD)) and (slot := by_name.get(name)):
        if element.tag in ("td", "th"):
            _put_into_cell(element, slot)
        elif element.tag == "hr":
            _replace(element, _input(slot, "textarea", rows=str(1 + _further(element, name))))
        else:
            tag = "textarea" if slot.field.type is FieldType.TEXT else "input"
            _replace(element, _input(slot, tag, style=element.get("style", ""), **{"class": "line"}))


def _put_option(mark: HtmlElement, slot: Slot) -> None:
    option = str(mark.get(OPTION))
    ticked = _input(slot, "input", type="checkbox" if slot.option else "radio", value=option)
    ticked.set("title", slot.label)
    around = mark.getparent()
    assert around is not None
    if around.get("class") == "qm-tick":
        around.tag = "label"
    else:
        ticked.set("aria-label", option)
    _replace(mark, ticked)


def _put_into_cell(cell: HtmlElement, slot: Slot) -> None:
    made = _input(slot, "textarea" if slot.field.type is FieldType.TEXT else "input")
    unit, cell.text = (cell.text or "").strip(), None
    if unit:
        box = etree.SubElement(cell, "div", {"class": "unit"})
        box.append(made)
        etree.SubElement(box, "span").text = unit
    else:
        cell.insert(0, made)


def _input(slot: Slot, tag: str, **attributes: str) -> HtmlElement:
    """An input of a slot. Every text gets a `textarea`: an `input` would drop the line ends of a record it opens."""
    field = slot.field
    made: HtmlElement = fragment_fromstring(f"<{tag}></{tag}>")
    made.set("name", slot.name)
    made.set("aria-label", slot.label)
    if field.hint:  # a column of a table is too narrow to show it
        made.set("title" if slot.table else "placeholder", field.hint)
    if tag == "textarea":
        made.set("rows", "1")
    if field.type in (FieldType.INTEGER, FieldType.NUMBER):
        made.set("inputmode", "decimal")
    if field.type is FieldType.DATE and tag == "input":
        attributes["type"] = "date"
    for name, value in attributes.items():
        if value:
            made.set(name, value)
    return made


def _further(element: HtmlElement, name: str) -> int:
    return sum(1 for one in element.getroottree().getroot().iter("hr", "span") if one.get(FURTHER) == name)


def _replace(element: HtmlElement, made: HtmlElement | None) -> None:
    if made is None:
        element.drop_tree()
        return
    parent = element.getparent()
    if parent is not None:
        made.tail, element.tail = element.tail, None
        parent.replace(element, made)


def _settle(sheet: HtmlElement, pictures: Mapping[str, bytes]) -> None:
    """Pictures into the page, links to elsewhere away: the file stands alone."""
    for picture in list(sheet.iter("img")):
        address = str(picture.get("src", ""))
        ending = Path(address).suffix.lower()
        if address in pictures and ending in _KINDS:
            data = base64.b64encode(pictures[address]).decode()
            picture.set("src", f"data:image/{_KINDS[ending]};base64,{data}")
        elif not address.startswith("data:"):
            picture.attrib.pop("src", None)
    for link in sheet.iter("a"):
        if not str(link.get("href", "")).startswith("#"):
            link.attrib.pop("href", None)
    for element in _plain(sheet):
        for name in (FIELD, DATE, FURTHER, OPTION):
            element.attrib.pop(name, None)


def _plain(sheet: HtmlElement) -> Iterator[HtmlElement]:
    return (element for element in sheet.iter() if isinstance(element.tag, str))

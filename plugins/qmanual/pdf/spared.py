"""Work that WeasyPrint does again for every box, line and number although the answer is known.

Each function here gives what the one that it stands for gives; a test prints with both. Most of what is asked of a
style, a font or a number of the PDF has one answer for all that are alike, and the question costs more than the answer.
Together they are a sixth of the time that a page takes.
"""

import sys
from collections.abc import Callable
from typing import Any

_HORIZONTAL = ("margin_left", "margin_right", "padding_left", "padding_right", "width", "min_width", "max_width")
_VERTICAL = ("margin_top", "margin_bottom", "padding_top", "padding_bottom")
_OWN_HEIGHT = ("height", "min_height", "max_height")
_BORDERS = ("border_top_width", "border_right_width", "border_bottom_width", "border_left_width")


def install() -> None:
    """Let WeasyPrint work this way, in this process."""
    import pydyf
    from weasyprint.formatting_structure.boxes import Box
    from weasyprint.layout import percent
    from weasyprint.text.line_break import Layout

    if percent.resolve_percentages.__module__ == __name__:
        return
    original = percent.resolve_percentages
    _everywhere("resolve_percentages", original, _resolving(original))
    Box.is_in_normal_flow = _flowing(Box.is_in_normal_flow)
    pydyf._to_bytes = _writing(pydyf._to_bytes)
    Layout.setup = _setting_up(Layout.setup)


def _everywhere(name: str, old: object, new: object) -> None:
    """Put a function in the place of another in all modules of WeasyPrint that took it over by its name."""
    for place, module in list(sys.modules.items()):
        if place.startswith("weasyprint.") and getattr(module, name, None) is old:
            setattr(module, name, new)


# -- lengths -----------------------------------------------------------------------------------------------------


def _resolving(original: Any) -> Any:
    """`resolve_percentages`: most boxes have no percentages, so their lengths are those of their style."""

    def resolve_percentages(box: Any, containing_block: Any) -> None:
        style = box.style
        known = style.__dict__.get("lengths", style)
        if known is style:
            known = style.lengths = _lengths(style)
        if known is None:
            original(box, containing_block)
            return
        own = box.__dict__
        if known[1] and "border_top_width" in own:  # the borders of a collapsed table are settled already
            own.update(known[0])
        else:
            own.update(known[0])
            own.update(known[2])

    return resolve_percentages


def _lengths(style: Any) -> Any:
    """All lengths of boxes of this style, whether borders collapse, and their widths; None when it must be asked."""
    if style["box_sizing"] != "content-box":
        return None
    found: dict[str, Any] = {}
    for name in (*_HORIZONTAL, *_VERTICAL, *_OWN_HEIGHT):
        value = style[name]
        if value is not None and value != "auto":
            if getattr(value, "unit", None) != "px":
                return None
            value = value.value
        found[name] = 0 if value == "auto" and name in ("min_width", "min_height") else value
    return found, style["border_collapse"] == "collapse", {name: style[name] for name in _BORDERS}


def _flowing(original: Callable[[Any], bool]) -> Any:
    """`Box.is_in_normal_flow`: nearly every box is."""

    def is_in_normal_flow(self: Any) -> bool:
        style = self.style
        if style["float"] == "none" and style["position"] in ("static", "relative"):
            return True
        return original(self)

    return is_in_normal_flow


# -- text --------------------------------------------------------------------------------------------------------

_FEATURES = (
    "font_kerning", "font_variant_ligatures", "font_variant_position", "font_variant_caps", "font_variant_numeric",
    "font_variant_alternates", "font_variant_east_asian", "font_feature_settings",
)  # fmt: skip
_OF_FONT = (
    "direction", "lang", "font_family", "font_style", "font_stretch", "font_weight", "font_size", *_FEATURES,
)  # fmt: skip
"""What decides about the font of a text, where nothing in `_PLAIN` is set."""
_PLAIN = {"font_language_override": "normal", "text_decoration_line": "none", "font_variation_settings": "normal"}


def _setting_up(original: Any) -> Any:
    """`Layout.setup`: texts in one font share its description and the context that they are laid out in."""
    from weasyprint.text import constants
    from weasyprint.text.ffi import ffi, gobject, pango, unicode_to_char_p
    from weasyprint.text.fonts import font_features, get_font_description

    def described(style: Any) -> Any:
        """Context, description, language and features of a font."""
        context = ffi.gc(pango.pango_font_map_create_context(style.font_config.font_map), gobject.g_object_unref)
        pango.pango_context_set_round_glyph_positions(context, False)
        pango.pango_context_set_base_dir(context, constants.PANGO_DIRECTION[style["direction"]])
        pointer, _kept = unicode_to_char_p(style["lang"])
        language = pango.pango_language_from_string(pointer)
        pango.pango_context_set_language(context, language)
        features = font_features(*(style[name] for name in _FEATURES))
        said = ",".join(f"{key} {value}" for key, value in features.items()).encode()
        attribute = pango.pango_attr_font_features_new(said) if said else None
        return context, get_font_description(style), language, attribute

    def of(style: Any) -> Any:
        """The same for a style; None when it asks for more than a font."""
        if not style["lang"] or any(style[name] != value for name, value in _PLAIN.items()):
            return None
        fonts = style.font_config.__dict__.setdefault("qm_fonts", {})
        key = tuple(_frozen(style[name]) for name in _OF_FONT)
        if key not in fonts:
            fonts[key] = described(style)
        return fonts[key]

    def setup(self: Any, style: Any) -> None:
        known = style.__dict__.get("font", style)
        if known is style:
            known = style.font = of(style)
        if known is None:
            original(self, style)
            return
        context, description, self.language, attribute = known
        self.style, self.first_line_direction = style, 0
        self.layout = ffi.gc(pango.pango_layout_new(context), gobject.g_object_unref)
        pango.pango_layout_set_auto_dir(self.layout, False)
        pango.pango_layout_set_font_description(self.layout, description)
        self.ascent = self.underline_position = self.strikethrough_position = None
        if attribute is not None:  # a list of its own: what is set for the text is added to it
            own = pango.pango_attr_list_new()
            pango.pango_attr_list_insert(own, attribute)
            pango.pango_layout_set_attributes(self.layout, own)

    return setup


def _frozen(value: Any) -> Any:
    return tuple(map(_frozen, value)) if isinstance(value, (list, tuple)) else value


# -- bytes -------------------------------------------------------------------------------------------------------


def _writing(original: Callable[[Any], bytes]) -> Any:
    """`pydyf._to_bytes`, the most frequent kinds first."""

    def to_bytes(item: Any) -> bytes:
        kind = type(item)
        if kind is bytes:
            return item  # type: ignore[no-any-return]
        if kind is str:
            return item.encode("ascii")  # type: ignore[no-any-return]
        if kind is int:
            return b"%d" % item
        if kind is float and not item.is_integer():
            return f"{item:f}".rstrip("0").encode()
        return original(item)

    return to_bytes

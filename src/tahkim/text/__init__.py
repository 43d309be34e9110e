"""Reading text without changing it: the folded shadow, other offset units, sentences and tokens, zones."""

from tahkim.text.offsets import (
    code_point_to_grapheme,
    code_point_to_utf16,
    code_points_to_graphemes,
    code_points_to_utf16,
    grapheme_to_code_point,
    graphemes_to_code_points,
    utf16_to_code_point,
    utf16_to_code_points,
)
from tahkim.text.segments import lines, sentences, tokens
from tahkim.text.shadow import LINE_BREAKS, Shadow, shadow, shadows
from tahkim.text.zones import Zone, ZoneKind, zones

__all__ = [
    "LINE_BREAKS",
    "Shadow",
    "Zone",
    "ZoneKind",
    "code_point_to_grapheme",
    "code_point_to_utf16",
    "code_points_to_graphemes",
    "code_points_to_utf16",
    "grapheme_to_code_point",
    "graphemes_to_code_points",
    "lines",
    "sentences",
    "shadow",
    "shadows",
    "tokens",
    "utf16_to_code_point",
    "utf16_to_code_points",
    "zones",
]

"""What stands between spans: each unit outside a span as one letter, so that a gap can be read at a glance."""

from __future__ import annotations

from tahkim.rules.lexicon import Lexicon

# The first class a unit has decides; units with none of them are ".".
CUES: tuple[tuple[str, str], ...] = (
    ("prep.by", "y"),
    ("causative", "K"),
    ("because", "J"),
    ("among", "G"),
    ("including", "G"),
    ("response", "Q"),
    ("according", "A"),
    ("claim", "C"),
    ("accuse", "U"),
    ("denial", "X"),
    ("negation", "N"),
    ("irrealis", "I"),
    ("hedge", "H"),
    ("if", "I"),
    ("future", "I"),
    ("and_also", "&"),
    ("and", "&"),
    ("or", "&"),
    ("comma", ","),
    ("but", "B"),
    ("when", "W"),
    ("relative", "R"),
    ("that", "T"),
    ("affiliated", "F"),
    ("close_to", "j"),
    ("report.participle", "P"),
    ("behalf", "F"),
    ("undergo", "D"),
    ("meet", "E"),
    ("self", "x"),
    ("lose", "Z"),
    ("falling", "Y"),
    ("involve", "v"),
    ("ride", "r"),
    ("support", "S"),
    ("report", "V"),
    ("backed", "k"),
    ("led", "L"),
    ("control", "c"),
    ("bi", "b"),
    ("li", "l"),
    ("ka", "."),
    ("will", "I"),
    ("prep.in", "i"),
    ("prep.on", "o"),
    ("prep.against", "g"),
    ("prep.from", "f"),
    ("prep.to", "t"),
    ("prep.about", "a"),
    ("prep.with", "m"),
    ("prep.near", "n"),
    ("prep.edge", "e"),
    ("prep.at", "@"),
    ("prep.between", "w"),
    ("prep.under", "u"),
    ("prep.during", "d"),
    ("modal", "M"),
    ("be", "q"),
    ("colon", ":"),
    ("open", "("),
    ("close", ")"),
    ("this", "h"),
    ("all", "x"),
    ("exactly", "x"),
    ("quality", "~"),
    ("demonym", "~"),
    ("person", "p"),
    ("title", "p"),
    ("loc.class", "z"),
    ("loc.around", "z"),
    ("distance", "s"),
    ("stop", ";"),
)


def cue_table(lexicon: Lexicon) -> dict[int, str]:
    """For `str.translate`: class code → cue letter."""
    table = {ord(code): "." for code in lexicon.codes()}
    for word_class, cue in reversed(CUES):
        for code in lexicon.codes_of(word_class):
            table[ord(code)] = cue
    return table

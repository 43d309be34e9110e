"""Which trigger words denote an event here, and with which label: means, objects and exceptions decide."""

from __future__ import annotations

from typing import Final

from tahkim.rules.attach import LOOSE
from tahkim.rules.lexicon import Reading
from tahkim.rules.sentence import ATTACKS, Chunk, Clause, reading_of

_NEEDS_WEAPON: Final = frozenset({"attack.fall", "attack.launch"})
_PEOPLE: Final = frozenset({"PEOPLE", "NUMBER", "PERSON", "CASUALTY", "DEMONYM"})
_BODIES: Final = _PEOPLE | {"ACTOR", "STATE"}
_PLACES: Final = frozenset({"ASSET", "LOC", "STATE"})
_WINDOW: Final = 3


def find_events(clause: Clause) -> None:
    """Fill `clause.events` with the chunks that are events; give them label, family and voice."""
    for chunk in clause.chunks:
        if chunk.kind != "EVENT":
            continue
        reading = _reading(clause, chunk)
        if reading is None:
            continue
        _, voice, chunk.family = reading.entry.word_class.split(".", 2)
        chunk.reading = reading
        chunk.verb = voice == "verb"
        chunk.label = reading.entry.attributes["label"]
        if not _denotes(clause, chunk):
            chunk.label = None
            continue
        clause.events.append(chunk)
    clause.drop([chunk for chunk in clause.chunks if chunk.kind == "EVENT" and not chunk.label and not _aims(chunk)])


def _reading(clause: Clause, chunk: Chunk) -> Reading | None:
    """Noun or verb, for a word that can be both: a verb where a clause begins, a noun behind a preposition."""
    word = clause.units.words[chunk.start]
    verb, noun = word.reading("trigger.verb"), word.reading("trigger.noun")
    if verb is None or noun is None:
        return verb or noun
    ahead = clause.cues[chunk.start - 1] if chunk.start else "&"
    subject = clause.before(chunk)
    if ahead in "M&TNR,:" or (subject is not None and not chunk.gap and subject.kind in ("ACTOR", "WEAPON")):
        return verb
    return noun


def _aims(chunk: Chunk) -> bool:
    """Verbs of aiming stay in the sentence even where they are no event: they show what it is directed at."""
    return chunk.verb and chunk.family in ("attack.aim", "injure")


def _near(clause: Clause, chunk: Chunk, kinds: frozenset[str], gap: int = 3, before: bool = True) -> bool:
    """Whether a chunk of these kinds stands right beside, with at most `gap` units between."""
    after, ahead = clause.after(chunk), clause.before(chunk)
    if after is not None and after.kind in kinds and len(after.gap) <= gap:
        return True
    return before and ahead is not None and ahead.kind in kinds and len(chunk.gap) <= gap


def _weapon_near(clause: Clause, chunk: Chunk, classes: tuple[str, ...]) -> bool:
    low, high = max(0, chunk.index - 2), chunk.index + _WINDOW
    for other in clause.chunks[low:high]:
        if other.kind == "WEAPON" and reading_of(clause.units, other.start, other.end, classes):
            return True
    return False


def _denotes(clause: Clause, chunk: Chunk) -> bool:
    test = TESTS.get(chunk.family)
    return test is None or test(clause, chunk)


def _munition(clause: Clause, chunk: Chunk) -> bool:
    """`سقطت قذيفة`, `أطلق صاروخا`: the munition is subject or object."""
    return _weapon_near(clause, chunk, ("weapon.shell", "weapon.rocket", "weapon.bomb", "weapon.artillery"))


def _aim(clause: Clause, chunk: Chunk) -> bool:
    """`استهدف` only where no event word is its subject."""
    if not chunk.verb:
        return True
    if chunk.reading is not None and chunk.reading.entry.id.startswith("طال"):
        return False
    following = clause.after(chunk)
    if following is not None and following.kind == "EVENT" and not following.gap and not following.verb:
        return False
    coordinated = clause.cues[chunk.start - 1 : chunk.start] == "&"
    for ahead in reversed(clause.chunks[: chunk.index]):
        cues = clause.between(ahead, chunk)
        if "T" in cues or "V" in cues or "B" in cues or "W" in cues or len(cues) > 14:
            return True
        if ahead.label in ATTACKS:
            return coordinated and ahead.verb
    return True


def _with_people(clause: Clause, chunk: Chunk) -> bool:
    return _near(clause, chunk, _BODIES)


def _with_mine(clause: Clause, chunk: Chunk) -> bool:
    return _weapon_near(clause, chunk, ("weapon.mine", "weapon.ied"))


def _control(clause: Clause, chunk: Chunk) -> bool:
    """Change of control: with a body or place beside it; `تسيطر عليها` is static."""
    if chunk.family == "territory" and chunk.verb:
        reading = chunk.reading
        if reading is not None and reading.entry.id.startswith("سيطر"):
            return _takes_control(clause, chunk)
        return _near(clause, chunk, _BODIES | _PLACES)
    word = clause.units.texts[chunk.start].removeprefix("ال")
    if word.startswith("تقدم"):
        return False
    if word.startswith("سيطر"):
        return clause.cues[max(0, chunk.start - 1) : chunk.start] in ("d", "J", "W") and _near(clause, chunk, _BODIES)
    return _near(clause, chunk, _BODIES | _PLACES)


def _takes_control(clause: Clause, chunk: Chunk) -> bool:
    """`سيطرت القوات على بلدة X` where a clause begins; not `تسيطر عليها`, `مواقع سيطر عليها`."""
    past = chunk.reading is not None and chunk.reading.form.tense == "past"
    ahead = clause.cues[chunk.start - 1] if chunk.start else "&"
    if not past or ahead not in "&TM,:":
        return False
    following = clause.chunks[chunk.index + 1 : chunk.index + 3]
    return any(other.kind in _PLACES for other in following) or _onto_place(clause, chunk)


def _onto_place(clause: Clause, chunk: Chunk) -> bool:
    """`سيطر مقاتلون من الفصائل فجر الأحد على بلدة X`: a place behind على, over all that is no event or new clause."""
    for other in clause.chunks[chunk.index + 1 :]:
        if other.kind == "EVENT" or set("BTVWR;") & set(other.gap):
            return False
        if other.kind in _PLACES:
            return other.gap.rstrip(LOOSE).endswith("o")
    return False


def _move(clause: Clause, chunk: Chunk) -> bool:
    word = clause.units.texts[chunk.start]
    if word.startswith(("زرع", "زراع", "يزرع", "تزرع")):
        return _with_mine(clause, chunk)
    if word.startswith(("نصب", "ينصب", "نشر", "ينشر", "تنشر", "تنصب")):
        return _near(clause, chunk, frozenset({"WEAPON"}), gap=2)
    if word.startswith(("انتشار", "انتشر", "ينتشر", "انسحاب", "انسحب", "تمركز", "حشد", "حشود")):
        return _near(clause, chunk, frozenset({"ACTOR"}), gap=1, before=False)
    return _near(clause, chunk, frozenset({"ACTOR", "WEAPON", "LOC"}))


def _disrupt(clause: Clause, chunk: Chunk) -> bool:
    """Weapons intercepted, seized or defused, plots foiled; the one who does it may stand between."""
    ahead = clause.before(chunk)
    if ahead is not None and ahead.kind == "WEAPON" and not chunk.gap.strip("~.Mq&"):
        return True
    for other in clause.chunks[chunk.index + 1 : chunk.index + 4]:
        if other.kind in ("WEAPON", "EVENT", "ASSET"):
            return other.kind == "WEAPON" or len(other.gap) <= 1
        if other.kind not in ("ACTOR", "STATE", "DEMONYM", "TIME", "NUMBER", "SOURCE"):
            return False
    return False


def _shot(clause: Clause, chunk: Chunk) -> bool:
    """`أطلق الجنود النار`: the noun of the split idiom."""
    ahead = clause.units.texts[max(0, chunk.start - 6) : chunk.start]
    return any(text.startswith(_FIRES) for text in ahead)


_FIRES: Final[tuple[str, ...]] = ("اطلق", "يطلق", "تطلق", "فتح", "يفتح", "تفتح")


def _damage(clause: Clause, chunk: Chunk) -> bool:
    word = clause.units.texts[chunk.start]
    if "ضرار" in word or word.startswith(("دمر", "تدمير", "يدمر", "تدمر")):
        return True
    return _near(clause, chunk, frozenset({"ASSET"}), gap=2)


def _death(clause: Clause, chunk: Chunk) -> bool:
    return _near(clause, chunk, _PEOPLE) or (chunk.reading is not None and bool(chunk.reading.form.pronoun))


def _wounds(clause: Clause, chunk: Chunk) -> bool:
    """`أصاب سوقا`: a munition that hits a thing wounds nobody."""
    if chunk.reading is None or chunk.reading.entry.id != "أصاب":
        return True
    if _near(clause, chunk, _PEOPLE, gap=2, before=False):
        return True
    chunk.family = "attack.aim"
    return False


def _toll(clause: Clause, chunk: Chunk) -> bool:
    """`راح ضحيتها`, `ذهب ضحيته`: only with the pronoun and people after it."""
    return bool(chunk.reading and chunk.reading.form.pronoun) and _near(clause, chunk, _PEOPLE, before=False)


def _generic_event(clause: Clause, chunk: Chunk) -> bool:
    """`الجريمة`, `جريمة مماثلة`: an attack only where the document has told of one (see `means`)."""
    if chunk.reading is None or chunk.reading.form.number != 1:
        return False
    following = clause.units.texts[chunk.end : chunk.end + 1]
    return chunk.reading.form.definite or following in (["مماثله"], ["مماثل"])


def _reaps(clause: Clause, chunk: Chunk) -> bool:
    """`حصد أرواح`."""
    return clause.units.texts[chunk.end : chunk.end + 1] in (["ارواح"], ["حياه"])


def _chemical(clause: Clause, chunk: Chunk) -> bool:
    """`استخدام غاز الكلور`."""
    following = clause.after(chunk)
    return (
        following is not None
        and following.kind == "WEAPON"
        and len(following.gap) <= 4
        and reading_of(clause.units, following.start, following.end, ("weapon.chemical",)) is not None
    )


_DEADLY: Final[tuple[str, ...]] = ("انتحاري", "إرهابي", "طعن", "دهس", "تفجير", "قتل", "اغتيال")


def _operation(clause: Clause, chunk: Chunk) -> bool:
    """`عمليات استهدفت`, `عملية انتحارية`."""
    following = clause.after(chunk)
    if following is not None and following.kind == "EVENT" and not following.gap.strip("~.R"):
        verb = clause.units.words[following.start].reading("trigger.verb.attack.aim")
        return verb is not None
    words = clause.units.words[chunk.end : chunk.end + 2]
    return any(r.entry.id in _DEADLY for word in words for r in word.readings if r.entry.word_class == "quality")


def _finishes(clause: Clause, chunk: Chunk) -> bool:
    """`القضاء على إرهابيين`."""
    following = clause.after(chunk)
    return following is not None and following.kind in _PEOPLE and following.gap == "o"


_CEASING: Final[tuple[str, ...]] = ("وقف", "هدنه", "خرق", "خروق", "الهدنه", "تهديه", "التهديه", "الالتزام", "التزام")


def _no_ceasefire(clause: Clause, chunk: Chunk) -> bool:
    """`وقفا مؤقتا لإطلاق النار` is no shooting."""
    return not any(text.startswith(_CEASING) for text in clause.units.texts[max(0, chunk.start - 5) : chunk.start])


TESTS: Final = {
    "attack.shooting": _no_ceasefire,
    "finish": _finishes,
    "attack.operation": _operation,
    "attack.fall": _munition,
    "attack.launch": _munition,
    "attack.aim": _aim,
    "attack.step": _with_mine,
    "attack.event": _generic_event,
    "detain": _with_people,
    "territory": _control,
    "move": _move,
    "disrupt": _disrupt,
    "damage": _damage,
    "die": _death,
    "injure": _wounds,
    "toll": _toll,
    "attack.shot": _shot,
    "reap": _reaps,
    "attack.use": _chemical,
}

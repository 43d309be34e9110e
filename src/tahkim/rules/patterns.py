"""The pattern language, and its compiler.

A pattern file (`*.pat`) holds rules. A rule is a head line and indented lines below it:

    loc.named   LOC   0.92
        { loc.class? loc.name }
      + [بلدة الهري|LOC] …           an example: what the rule must mark
      - …                            a counter-example: the rule must not fire

A pattern is written over classes of the lexicons, each standing for one unit (a word, a clitic cut off, or a
name of several words): `a b` sequence, `a | b` choice, `( )` group, `? * +` repetition (at most eight times), `{ }`
what becomes the span (default: all), `&a` a unit of class a follows, `!a` none follows, `<a` and `~a` the same for the
unit before; `&( … )` and `!( … )` look ahead at several. `class:feature` asks for a form: `single`, `dual`, `plural`,
`the` (with article), `own` (with pronoun). `.` is any unit. The label `-` makes nothing: it consumes an exception so
that no later rule sees it.
Earlier rules win over later ones at the same place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from tahkim.errors import RuleError
from tahkim.rules.lexicon import Lexicon

MOST_REPEATS = 8
_TOKEN = re.compile(r"\s*([A-Za-z_][\w.]*(?::[a-z]+)?|[(){}|?*+&!<~.])")


class Rule(NamedTuple):
    """One rule of a pattern file: what it makes, its prior score, where it stands, what it is tested on."""

    id: str
    label: str
    score: float
    pattern: str
    source: str
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()


class _Parsed(NamedTuple):
    """A piece of pattern as a regular expression over codes, the codes it can begin with, whether it can be empty."""

    regex: str
    first: frozenset[str]
    empty: bool


def read_rules(folders: Sequence[Path]) -> list[Rule]:
    """Rules of all `*.pat` files in order. RuleError names file and line."""
    rules: list[Rule] = []
    for folder in folders:
        for path in sorted(folder.glob("*.pat")):
            rules.extend(_read_file(path))
    seen: dict[str, str] = {}
    for rule in rules:
        if rule.id in seen:
            raise RuleError(f"{rule.source}: rule {rule.id!r} is there already, at {seen[rule.id]}")
        seen[rule.id] = rule.source
    return rules


def _read_file(path: Path) -> Iterator[Rule]:
    rule: Rule | None = None
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{path}:{number}"
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if not raw[0].isspace():
            if rule is not None:
                yield rule
            rule = _head(line, where)
        elif rule is None:
            raise RuleError(f"{where}: a pattern before the first rule")
        elif line.startswith("+ "):
            rule = rule._replace(examples=(*rule.examples, line[2:].strip()))
        elif line.startswith("- "):
            rule = rule._replace(counter_examples=(*rule.counter_examples, line[2:].strip()))
        else:
            rule = rule._replace(pattern=f"{rule.pattern} {line}".strip())
    if rule is not None:
        yield rule


def classes_in(rules: Sequence[Rule]) -> set[str]:
    """The classes the patterns ask for."""
    return {token for rule in rules for token in _tokens(rule) if token[0].isalpha()}


def _head(line: str, where: str) -> Rule:
    parts = line.split()
    if len(parts) != 3:
        raise RuleError(f"{where}: a rule starts with: id LABEL score; found {line!r}")
    try:
        score = float(parts[2])
    except ValueError:
        score = -1.0
    if not 0.0 <= score <= 1.0:
        raise RuleError(f"{where}: the score of {parts[0]!r} must be a number from 0 to 1, not {parts[2]!r}")
    return Rule(parts[0], parts[1], score, "", where)


Candidate = tuple[Callable[[str, int], "re.Match[str] | None"], int, Rule]


class Matcher(dict[str, Sequence[Candidate]]):
    """All rules: for a code those that can begin at it, in their order, compiled when the code is first met."""

    def __init__(self, rules: Sequence[Rule], lexicon: Lexicon) -> None:
        super().__init__()
        self.rules = tuple(rules)
        self._parsed = [_parse(rule, lexicon) for rule in self.rules]
        self._compiled: dict[str, Candidate] = {}

    def __missing__(self, code: str) -> Sequence[Candidate]:
        rules = zip(self.rules, self._parsed, strict=True)
        found = self[code] = tuple(self._candidate(rule, parsed) for rule, parsed in rules if code in parsed.first)
        return found

    def _candidate(self, rule: Rule, parsed: _Parsed) -> Candidate:
        if rule.id not in self._compiled:
            match_at = re.compile(parsed.regex).match
            self._compiled[rule.id] = (match_at, 1 if "{" in rule.pattern else 0, rule)
        return self._compiled[rule.id]

    def chunks(self, codes: str) -> list[tuple[int, int, Rule]]:
        """Spans `[start, end)` of units and their rules, from left to right, without overlap."""
        found: list[tuple[int, int, Rule]] = []
        end = 0
        for position, code in enumerate(codes):
            if position < end:
                continue
            for match_at, group, rule in self[code]:
                match = match_at(codes, position)
                if match is not None:
                    start, stop = match.span(group)
                    found.append((start, stop, rule))
                    end = match.end()
                    break
        return found


def _parse(rule: Rule, lexicon: Lexicon) -> _Parsed:
    tokens = _tokens(rule)
    piece, rest = _alternatives(tokens, 0, rule, lexicon)
    if rest != len(tokens):
        raise RuleError(f"{rule.source}: {tokens[rest]!r} has nothing to close in the pattern of {rule.id!r}")
    if piece.empty or not piece.first:
        raise RuleError(f"{rule.source}: the pattern of {rule.id!r} can match nothing at all")
    return piece


def _tokens(rule: Rule) -> list[str]:
    if not rule.pattern:
        raise RuleError(f"{rule.source}: rule {rule.id!r} has no pattern")
    tokens, position = [], 0
    while position < len(rule.pattern):
        match = _TOKEN.match(rule.pattern, position)
        if match is None:
            raise RuleError(f"{rule.source}: cannot read {rule.pattern[position:]!r} in the pattern of {rule.id!r}")
        tokens.append(match.group(1))
        position = match.end()
    if tokens.count("{") > 1 or tokens.count("{") != tokens.count("}"):
        raise RuleError(f"{rule.source}: rule {rule.id!r} needs one pair of braces or none")
    return tokens


def _alternatives(tokens: Sequence[str], at: int, rule: Rule, lexicon: Lexicon) -> tuple[_Parsed, int]:
    branches: list[_Parsed] = []
    while True:
        piece, at = _sequence(tokens, at, rule, lexicon)
        branches.append(piece)
        if at == len(tokens) or tokens[at] != "|":
            break
        at += 1
    regex = "|".join(branch.regex for branch in branches)
    first = frozenset[str]().union(*(branch.first for branch in branches))
    return _Parsed(regex, first, any(branch.empty for branch in branches)), at


def _sequence(tokens: Sequence[str], at: int, rule: Rule, lexicon: Lexicon) -> tuple[_Parsed, int]:
    regex, first, empty = "", frozenset[str](), True
    while at < len(tokens) and tokens[at] not in ")}|":
        piece, at = _item(tokens, at, rule, lexicon)
        if empty:
            first |= piece.first
        empty = empty and piece.empty
        regex += piece.regex
    return _Parsed(regex, first, empty), at


def _item(tokens: Sequence[str], at: int, rule: Rule, lexicon: Lexicon) -> tuple[_Parsed, int]:
    token = tokens[at]
    if token in "({":
        inner, at = _alternatives(tokens, at + 1, rule, lexicon)
        if at == len(tokens):
            raise RuleError(f"{rule.source}: {token!r} is not closed in the pattern of {rule.id!r}")
        piece = inner._replace(regex=f"(?:{inner.regex})" if token == "(" else f"({inner.regex})")
        at += 1
    elif token in "&!<~":
        if at + 1 == len(tokens):
            raise RuleError(f"{rule.source}: {token!r} needs a class after it in the pattern of {rule.id!r}")
        if token in "&!" and tokens[at + 1] == "(":
            ahead, at = _item(tokens, at + 1, rule, lexicon)
            return _Parsed(f"(?{'=' if token == '&' else '!'}{ahead.regex})", frozenset(), True), at
        return _look(token, _class(tokens[at + 1], rule, lexicon)), at + 2
    elif token in "?*+|)}":
        raise RuleError(f"{rule.source}: {token!r} has nothing before it in the pattern of {rule.id!r}")
    else:
        codes = _class(token, rule, lexicon)
        piece, at = _Parsed(f"[{codes}]", frozenset(codes), False), at + 1
    if at < len(tokens) and tokens[at] in "?*+":
        repeat = {"?": "?", "*": f"{{0,{MOST_REPEATS}}}", "+": f"{{1,{MOST_REPEATS}}}"}[tokens[at]]
        wrapped = piece.regex if piece.regex.startswith("[") else f"(?:{piece.regex})"
        piece = _Parsed(wrapped + repeat, piece.first, piece.empty or tokens[at] != "+")
        at += 1
    return piece, at


def _look(token: str, codes: str) -> _Parsed:
    opening = {"&": "(?=", "!": "(?!", "<": "(?<=", "~": "(?<!"}[token]
    return _Parsed(f"{opening}[{codes}])", frozenset(), True)


def _class(name: str, rule: Rule, lexicon: Lexicon) -> str:
    if name == ".":
        return lexicon.codes()
    codes = lexicon.codes_of(name)
    if not codes:
        raise RuleError(f"{rule.source}: no lexicon has the class {name!r} that rule {rule.id!r} uses")
    return codes

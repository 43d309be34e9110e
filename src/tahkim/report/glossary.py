"""What each measure is called in the report, and what it is, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Term(NamedTuple):
    """A name as it stands in a table, and the sentence that explains it."""

    name: str
    meaning: str


GLOSSARY: Mapping[str, Term] = {
    "span_f1_exact": Term(
        "spans: same range and label (F1)",
        "Of the spans of two readers, the share that both have with the same range and label.",
    ),
    "span_f1_lenient": Term(
        "spans: same but for clitics, article, quotes (F1)",
        "The same, where a proclitic, the article, vowel signs, quotes and spaces at the edges make no difference.",
    ),
    "span_f1_overlap": Term(
        "spans: same label, half the range (F1)",
        "The same label, and ranges that share at least half of what they cover together.",
    ),
    "span_f1_unlabelled": Term("spans: same range (F1)", "The same range, whatever the label."),
    "kappa": Term(
        "tokens: kappa",
        "Agreement on the label of each token beyond chance: Cohen's for two readers, Fleiss's for more; it needs the "
        "same number of readers everywhere.",
    ),
    "alpha": Term(
        "tokens: Krippendorff's alpha",
        "Agreement on the label of each token beyond chance, for any number of readers.",
    ),
    "alpha_unitizing": Term(
        "characters: unitizing alpha",
        "Agreement on where spans lie and how long they are, beyond chance (Krippendorff 1995, 2004).",
    ),
    "gamma": Term(
        "units: gamma",
        "Agreement of the best alignment of all spans, in place and label, beyond chance (Mathet et al. 2015).",
    ),
    "relation_f1_strict": Term(
        "relations: same ends and label (F1)",
        "Of the relations of two readers, the share that both have with the same label between exactly the same spans.",
    ),
    "relation_f1_soft": Term(
        "relations: same places and label (F1)",
        "The same label between the same places, even where the spans there differ in range or label.",
    ),
    "retained_errors": Term("wrong suggestions kept", "Of the suggestions that are not in gold, those a reader kept."),
    "missed_unsuggested": Term(
        "missed, not suggested",
        "Of what gold has and nothing suggested, what a reader missed.",
    ),
    "kept": Term("suggestions kept", "Of all suggestions, those a reader has just so."),
    "edited": Term("suggestions edited", "Of all suggestions, those a reader has with another range or label."),
    "deleted": Term("suggestions deleted", "Of all suggestions, those a reader has nothing for."),
}

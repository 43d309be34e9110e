"""The rule extractor: Document → Annotation, from lexicons and patterns that are data files."""

from tahkim import compiled

COMPILED = compiled.take(__path__)
"""Whether the compiled form runs."""

from tahkim.rules.extract import VERSION, Rules, annotate, load, preannotate  # noqa: E402 (found where `take` says)

__all__ = ["COMPILED", "VERSION", "Rules", "annotate", "load", "preannotate"]

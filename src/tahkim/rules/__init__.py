"""The rule extractor: Document → Annotation, from lexicons and patterns that are data files."""

from tahkim.rules.extract import VERSION, Rules, annotate, load, preannotate

__all__ = ["VERSION", "Rules", "annotate", "load", "preannotate"]

"""One function a stage, and the only place where siblings meet.

    intake     reports, pre-annotation and annotations, into the project
    desks      who gets what, and how a project reaches its annotation tools
    pushing    out to the annotation tools
    pulling    and back from them
    lead_desk  conflicts to a lead's desk there, and back as decisions
    watching   all desks taken in, once or again and again
    boundaries spans of whole words, cut
    progress   how each desk stands, and whether its server can be worked with
    measure    agreement and evaluation
    settle     merge, conflicts, decisions
    publish    releases
    standing   where a project stands

Functions take a Corpus and return plain values, whether it was read from a file or from a project's store; a
`Project` is asked for only where something is kept.
"""

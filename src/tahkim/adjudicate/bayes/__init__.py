"""Whom to trust: a Bayesian merge that learns every annotator's reliability from all annotations together.

The model is Dawid and Skene's (1979), made for spans. At every place of a text there is one true reading or nothing;
annotators find it or miss it, give it a label and set its start and end, each with their own error rates; where nothing
is, they seldom invent something. Rates and truths are estimated in turns (EM). Places that nobody marked take part, so
that what all have missed, and how seldom anybody invents, is learned and not assumed.
"""

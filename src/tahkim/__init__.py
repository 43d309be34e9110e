"""tahkim (تحكيم, adjudication): from raw Arabic conflict reports to gold data people can trust."""

__version__ = "0.1.0"

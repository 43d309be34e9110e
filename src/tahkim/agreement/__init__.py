"""What belongs together, and how far annotators agree: pure functions over annotations."""

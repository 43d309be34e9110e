"""Every measure over a whole corpus: counts of each comparison once, figures of any selection from their sums."""

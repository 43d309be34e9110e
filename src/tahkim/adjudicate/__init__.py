"""From several readings to one: merge strategies, open conflicts, and a lead's decisions."""

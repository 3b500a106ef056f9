"""What a rating can be."""

WORST_RATING = 1
BEST_RATING = 5

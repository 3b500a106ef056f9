"""Ways from the outbox to the handlers: a folder each, of the same files.

`handing_over` has `hand_over(limit=…, line=…)`: claim events, see to it that they are handled, and
return how many there were; and `LINES`, those that are to be handed over side by side. `checking`
has `answers()`: whether what carries them is there; None where nothing has to be.
"""

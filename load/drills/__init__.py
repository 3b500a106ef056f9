"""`make drill`: each part of a running stack is struck before a crowd, and comes back by itself.

python -m load.drills --parts redis,worker --faults kill,cut --seeds 1

`parts` says what can be struck and how soon all must be well again, `faults` how it is struck,
`ways` what lies between two parts, `judging` when all is well, and `report` what is told of it.
"""

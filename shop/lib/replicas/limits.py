"""How old something may be that is read from a replica, and for how long writers do not read there.

What is read from a replica is no older than MAX_LAG_SECONDS, however late the replica, whoever
looks after it, or the beat is (`freshness`). So whoever wrote something more than MAX_LAG_SECONDS
ago finds it there, and reads from the primary until then:

    STICKY_SECONDS > MAX_LAG_SECONDS + BEAT_SECONDS + LOOK_SECONDS

The first summand alone is what it takes; the others are for cookies, whose seconds browsers round.
And a replica that is well has to look well: a beat, and the look that sees it, are never so late.

    MAX_LAG_SECONDS > BEAT_SECONDS + LOOK_SECONDS + ANSWER_SECONDS
"""

# How often the relay beats.
BEAT_SECONDS = 1.0
# How often a process looks at its replicas, and how long it waits for them to answer.
LOOK_SECONDS = 1.0
ANSWER_SECONDS = 1.0
# For how long a replica is taken for what it was when it answered: for a replica and not a primary.
BELIEVED_SECONDS = 3.0
MAX_LAG_SECONDS = 5.0
STICKY_SECONDS = 10

"""Ways from the outbox to the handlers: a folder each, of the same files.

`handing_over` has `hand_over(limit=…, queue=…)`: claim events, see to it that they are handled, and
return how many there were; `APART`, the queues that are to be handed over side by side; and
`hang_up()`: let go of what the thread keeps open in between. `checking` has `answers()`: whether
what carries them is there, None where nothing has to be; and `messages()`: how many wait there by
queue, None where nobody answers.

`kafka` is a way to other systems, beside either of those to the handlers.

`rabbitmq` has `working` as well, what a worker does, and `dead_letters`, the verbs for messages
that none could handle.
"""

"""A shop that is watched from outside: traces, faults, and the comments of statements."""

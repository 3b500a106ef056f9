"""A whole shop in one file, taken while it is open, and put back.

`backing_up` and `restoring` are the two verbs; `archive` is the file, `media` the pictures, and
each kind of database has a file that knows how one consistent copy of it is made and put back.
"""

"""Answers for everybody: the same bytes whoever asks, so that caches may keep them for a moment.

A view says so with `answering.public`. It then gets a request that knows nobody (`strangers`), and
its answer says for how long it may be kept.
"""

"""Beside the way to the handlers: to Kafka, for other systems.

Each event is one record: the topic is the kind of its subject, and its key the subject itself, so
that those of one subject stay in their order. An event that was not confirmed by all in sync is
sent again; who reads knows it by its number.
"""

"""By RabbitMQ to Celery's workers. The database stays the truth: what the broker loses comes again.

The relay sends a message for each handler that has no receipt yet, and lets the event be. Who has
the last receipt marks it. Should none come, it is due once more when LEASE has passed.
"""

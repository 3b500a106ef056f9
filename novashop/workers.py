"""What Celery's workers do without. Read by workers alone."""

from celery.worker import consumer


class Consumer(consumer.Consumer):
    """Celery's own, but for the 28 queues that it makes for messages with a delay: we have none."""

    class Blueprint(consumer.Consumer.Blueprint):
        """Its parts."""

        default_steps = [
            step
            for step in consumer.Consumer.Blueprint.default_steps
            if "delayed_delivery" not in step
        ]

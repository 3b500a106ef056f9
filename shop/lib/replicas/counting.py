"""What is counted of replicas, in all processes together."""

from shop.lib import metrics

_READS = metrics.counter(
    "novashop_replica_reads",
    "Requests that may lag, by where they were read: replica, primary, or again after a replica.",
    ["source"],
)
FROM_REPLICA, FROM_PRIMARY, AGAIN = (
    _READS.labels(source) for source in ("replica", "primary", "again")
)
LAG = metrics.gauge(
    "novashop_replica_lag_seconds",
    "How far a replica is behind at most, as the most pessimistic process knows.",
    ["replica"],
    over_processes="livemax",
)
UNREAD = metrics.gauge(
    "novashop_replica_unread", "Processes that do not read from a replica now.", ["replica"]
)

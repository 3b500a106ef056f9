"""What the relay tells of itself."""

from shop.events.rules.kinds import NUMBER, TEXT, Kind

SET_ASIDE = "event.set_aside"
NEWS = (
    Kind(
        SET_ASIDE,
        "An event has failed so often that nobody tries it any more.",
        {"event_id": NUMBER, "name": TEXT},
    ),
    Kind(
        "schedule.failed",
        "A piece of periodic work has failed that had gone well before.",
        {"entry": TEXT},
    ),
)

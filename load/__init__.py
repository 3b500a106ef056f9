"""The shop under load: crowds of people (Locust), and its speed beside the limits (bench/)."""

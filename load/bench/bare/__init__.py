"""A Django project with nothing in it: what the framework itself costs."""

"""What a bench does inside the shop: it asks what there is, and makes people with full carts.

A process of its own, since it is the shop's Django with the stack's environment.
"""

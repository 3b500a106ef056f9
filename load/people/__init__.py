"""Who comes to the shop. For Locust's own process alone: importing Locust patches it for gevent."""

from load.people.browser import Browser
from load.people.buyer import Buyer
from load.people.client import Client
from load.people.flash_buyer import FlashBuyer

__all__ = ["Browser", "Buyer", "Client", "FlashBuyer"]

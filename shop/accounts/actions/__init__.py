"""Accounts are opened, changed and closed; addresses kept; sign-ins counted and followed."""

from shop.accounts.actions.addresses import keep_address, note_use, remove_address
from shop.accounts.actions.families import close_family, forget_families, open_family, rotate_family
from shop.accounts.actions.people import (
    appoint,
    change_details,
    change_password,
    register,
    set_active,
    tell_changed,
)
from shop.accounts.actions.sign_ins import admit_sign_in, forget_sign_in

__all__ = [
    "admit_sign_in",
    "appoint",
    "change_details",
    "change_password",
    "close_family",
    "forget_families",
    "forget_sign_in",
    "keep_address",
    "note_use",
    "open_family",
    "register",
    "remove_address",
    "rotate_family",
    "set_active",
    "tell_changed",
]

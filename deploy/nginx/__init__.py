"""nginx before the shop: the one template, and its rendering."""

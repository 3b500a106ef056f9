"""Nothing in between: the relay runs the handlers itself."""

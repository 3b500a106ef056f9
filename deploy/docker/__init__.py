"""What the images and compose.yaml need besides the shop itself."""

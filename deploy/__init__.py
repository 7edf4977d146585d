"""Running Offramp on machines of one's own: the image, the compose file, and what they need. Start with README.md."""

"""What a program is: the model of a definition, its strict loader, and the check that proves its properties."""

"""Recovery: whatever is lost, on a real stack, is put back exactly or named as missing."""

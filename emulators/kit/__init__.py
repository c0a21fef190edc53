"""What the emulators share."""

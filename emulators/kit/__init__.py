"""Parts that the emulators share."""

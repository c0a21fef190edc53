"""What the emulators share: serving over sockets, recording exchanges, and a throw-away certificate authority."""

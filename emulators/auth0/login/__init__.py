"""The login that people go through; Auth0's own is closed, so what is documented or was observed is followed."""

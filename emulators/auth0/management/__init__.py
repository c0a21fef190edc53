"""Auth0's Management API, version 2, as far as a connection, its applications and its users need it."""

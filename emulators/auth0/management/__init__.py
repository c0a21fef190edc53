"""Auth0's Management API, version 2, as far as connections, applications and users need it."""

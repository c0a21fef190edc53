"""Import a connection that was made by hand into a stack, with its id and its users."""

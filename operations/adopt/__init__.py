"""A connection that was made by hand, taken into a stack with its id and its users."""

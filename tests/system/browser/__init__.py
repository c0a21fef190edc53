"""A package, so that pytest ends the fixtures of scope "package" before other tests begin."""

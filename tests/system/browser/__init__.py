"""A package, because pytest keeps its scope "package" to packages: the world here ends before other tests begin."""

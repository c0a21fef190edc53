"""A Pulumi project that turns "Sign in with TikTok" on in a Clerk instance."""

"""TikTok on Clerk in place of Auth0: a component, and the small provider plugin that speaks to Clerk for it."""

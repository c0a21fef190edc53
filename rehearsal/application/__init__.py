"""A small web application with a button "Sign in with TikTok", as a user's own would be."""

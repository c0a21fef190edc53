"""A small web application with a button "Sign in with TikTok", like one that you would write."""

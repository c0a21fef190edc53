"""Small servers that behave as TikTok, Auth0 and Google Cloud do, on one machine."""

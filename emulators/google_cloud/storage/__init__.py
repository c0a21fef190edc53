"""Cloud Storage's JSON API v1: buckets, objects and their versions, uploads."""

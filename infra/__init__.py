"""What is deployed: the Pulumi program, from settings to a running token proxy and a wired connection."""

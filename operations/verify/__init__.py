"""Diagnose a stack: the accounts before the first deployment, and what runs afterwards."""

"""Whether a stack works, seen from outside: probes of what runs, and of what an account allows before anything runs."""

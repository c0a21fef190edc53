"""Stand-ins for the auth0 and gcp provider plugins: Pulumi's engine attaches to them, and they speak to emulators.

They are never an executable and never on PATH, so a real `pulumi up` cannot meet them; they refuse any address but
loopback, and read nothing from the environment. What they answer and send is held to recordings of the released ones.
"""

from rehearsal.stand_in_plugins.attaching import attached

__all__ = ["attached"]

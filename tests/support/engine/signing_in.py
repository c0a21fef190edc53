"""The token request that Auth0 sends to the proxy after a person's consent."""

import httpx2

from tests.support.engine.driving import Driver


def exchange(driver: Driver, client_secret: str) -> httpx2.Response:
    """Exchange a code that the emulated TikTok has just issued, at the address that the connection names."""
    vendors = driver.vendors
    [connection] = vendors.tenant.connections.values()
    callback = driver.outputs()["tiktok_portal"]["redirect_uri"]
    form = {
        "grant_type": "authorization_code",
        "client_id": connection["options"]["client_id"],
        "client_secret": client_secret,
        "code": vendors.tiktok.issue_code(vendors.tiktok.apps[vendors.client_key], "ada", callback),
        "redirect_uri": callback,
    }
    return httpx2.post(connection["options"]["tokenURL"], data=form)

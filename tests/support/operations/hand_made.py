"""A connection that somebody made by hand, and people who sign in through it."""

from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import httpx2

from emulators.auth0.state import Record
from rehearsal.emulated_vendors import APPLICATION, EmulatedVendors
from tests.support.operations.typing_commands import Shell
from tests.support.proxy.local_proxy import digest, local_proxy

BY_HAND = "con_0000000000ByHand"
NEWCOMER = "newcomer"
CALLBACK = "https://app.example.com/callback"
PUBLISHED_SCRIPT = """function fetchUserProfile(accessToken, context, cb) {
  const axios = require('axios@0.22.0');
  const headers = { 'Authorization': 'Bearer ' + accessToken };
  axios
    .get('https://open.tiktokapis.com/v2/user/info?fields=union_id', { headers })
    .then(res => {
      const profile = {
        user_id: res.data.user.union_id,
      };
      cb(null, profile);
    })
    .catch(err => cb(err));
}"""
"""The script of Auth0's page on TikTok in its essentials, its two errors included: axios, and ``data.user``.

https://auth0.com/docs/authenticate/identity-providers/social-identity-providers/tiktok
"""


def working_script(vendors: EmulatedVendors, user_id: str) -> str:
    """Return a script that signs people in with one of TikTok's ids."""
    return f"""async function (accessToken, ctx, cb) {{
      const url = "{vendors.tiktok_origin}/v2/user/info/?fields=open_id,union_id,display_name";
      const answer = await fetch(url, {{ headers: {{ Authorization: `Bearer ${{accessToken}}` }} }});
      const user = (await answer.json()).data.user;
      cb(null, {{ user_id: user.{user_id}, name: user.display_name, email: `${{user.display_name}}@example.com` }});
    }}"""


def make_connection(shell: Shell, script: str = PUBLISHED_SCRIPT, **options: object) -> Record:
    """Return a connection as Auth0's page has it, enabled for one of the two applications that the stack names."""
    vendors = shell.deployed.vendors
    made: Record = {
        "client_id": vendors.client_key,
        "client_secret": vendors.client_secret,
        "authorizationURL": "https://www.tiktok.com/auth/authorize/",
        "tokenURL": "https://example.com",
        "scope": ["user.info.basic"],
        "scripts": {"fetchUserProfile": script},
        "upstream_params": {"client_key": {"value": vendors.client_key}},
        **options,
    }
    fields = {"id": BY_HAND, "name": "tiktok", "strategy": "oauth2", "display_name": "Our TikTok", "options": made}
    purposes = {"authentication": {"active": True}, "connected_accounts": {"active": False}}
    others = {"is_domain_connection": False, "realms": ["tiktok"], "metadata": {"team": "growth"}, **purposes}
    vendors.tenant.connections[BY_HAND] = {**fields, **others}
    vendors.tenant.enabled[BY_HAND] = [APPLICATION]
    vendors.tenant.add_application(NEWCOMER, "made-up")
    shell.set({"applications": [APPLICATION, NEWCOMER]})
    return vendors.tenant.connections[BY_HAND]


@contextmanager
def working_connection(shell: Shell, user_id: str) -> Generator[Record]:
    """Yield a connection with a proxy of its own, through which people sign in."""
    vendors = shell.deployed.vendors
    token_url = f"{vendors.tiktok_origin}/v2/oauth/token/"
    digests = (digest(vendors.client_secret),)
    with local_proxy(token_url, client_key=vendors.client_key, secret_digests=digests) as origin:
        yield make_connection(
            shell,
            working_script(vendors, user_id),
            authorizationURL=f"{vendors.tiktok_origin}/v2/auth/authorize/",
            tokenURL=f"{origin}/proxy/token",
        )


def sign_in(shell: Shell, person: str) -> None:
    """Sign a person in to the application, in a new browser."""
    vendors = shell.deployed.vendors
    callbacks = vendors.tenant.clients[APPLICATION]["callbacks"]
    if CALLBACK not in callbacks:
        callbacks.append(CALLBACK)
    query = {
        "response_type": "code",
        "client_id": APPLICATION,
        "redirect_uri": CALLBACK,
        "scope": "openid profile",
        "state": "a-state",
        "connection": "tiktok",
    }
    with httpx2.Client(trust_env=False) as browser:
        to_tiktok = browser.get(f"{vendors.login_origin}/authorize", params=query)
        consent = {"person": person, "scope": "user.info.profile", "decision": "allow"}
        to_auth0 = browser.post(to_tiktok.headers["location"], data=consent)
        back = browser.get(to_auth0.headers["location"])
    assert "code" in parse_qs(urlsplit(back.headers["location"]).query), back.headers["location"]

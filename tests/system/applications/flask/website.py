"""A website as Auth0's quickstart for Flask has it, with Authlib: https://auth0.com/docs/quickstart/webapp/python."""

# Its packages are installed beside it.
# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false

import os
from typing import Any
from urllib.parse import urlencode

from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, redirect, session, url_for

app = Flask(__name__)
app.secret_key = os.environ["AUTH0_SECRET"]
domain, client_id = os.environ["AUTH0_DOMAIN"], os.environ["AUTH0_CLIENT_ID"]
oauth: Any = OAuth(app)
oauth.register(
    "auth0",
    client_id=client_id,
    client_secret=os.environ["AUTH0_CLIENT_SECRET"],
    client_kwargs={"scope": "openid profile email"},
    server_metadata_url=f"https://{domain}/.well-known/openid-configuration",
)


@app.get("/")
def home() -> str:
    greeting = f"Hello {session['user']['userinfo']['name']}" if "user" in session else "Signed out"
    return f'<h1>{greeting}</h1><a href="/login">Sign in</a> <a href="/logout">Sign out</a>'


@app.get("/login")
def login() -> Response:
    return oauth.auth0.authorize_redirect(redirect_uri=url_for("callback", _external=True))


@app.get("/callback")
def callback() -> Response:
    session["user"] = oauth.auth0.authorize_access_token()
    return redirect("/")


@app.get("/logout")
def logout() -> Response:
    session.clear()
    query = {"returnTo": url_for("home", _external=True), "client_id": client_id}
    return redirect(f"https://{domain}/v2/logout?{urlencode(query)}")


app.run("localhost", int(os.environ["PORT"]))

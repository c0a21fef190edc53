"""A website with auth0-fastapi, as its README shows it: https://github.com/auth0/auth0-fastapi."""

# Its packages are installed beside it.
# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false

import os

import uvicorn
from auth0_fastapi.auth.auth_client import AuthClient
from auth0_fastapi.config import Auth0Config
from auth0_fastapi.server.routes import register_auth_routes, router
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse

port = int(os.environ["PORT"])
config = Auth0Config(
    domain=os.environ["AUTH0_DOMAIN"],
    client_id=os.environ["AUTH0_CLIENT_ID"],
    client_secret=os.environ["AUTH0_CLIENT_SECRET"],
    app_base_url=f"http://localhost:{port}",
    secret=os.environ["AUTH0_SECRET"],
    authorization_params={"scope": "openid profile email offline_access"},
)
app = FastAPI()
app.state.config = config
app.state.auth_client = AuthClient(config)
register_auth_routes(router, config)
app.include_router(router)


@app.get("/")
async def home(request: Request, response: Response) -> HTMLResponse:
    user = await app.state.auth_client.client.get_user(store_options={"request": request, "response": response})
    greeting = f"Hello {user['name']}" if user else "Signed out"
    links = '<a href="/auth/login">Sign in</a> <a href="/auth/logout">Sign out</a>'
    return HTMLResponse(f"<h1>{greeting}</h1>{links}")


uvicorn.run(app, host="localhost", port=port, log_level="warning")

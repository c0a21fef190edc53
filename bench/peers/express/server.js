// What Auth0's page on TikTok links to, brought up to date: v2 of the endpoint, a form body, a deadline, errors answered.
"use strict";

const axios = require("axios");
const express = require("express");

const { PORT, TIKTOK_TOKEN_URL } = process.env;
const app = express();
app.disable("x-powered-by");
app.use(express.urlencoded({ extended: false, limit: "8kb" }));

app.get("/health", (_request, response) => response.json({ status: "ok" }));

app.post("/proxy/token", async (request, response) => {
  const { client_id: client_key, client_secret, code, redirect_uri, grant_type } = request.body;
  const form = new URLSearchParams({ client_key, client_secret, code, redirect_uri, grant_type });
  try {
    const { data } = await axios.post(TIKTOK_TOKEN_URL, form.toString(), {
      headers: { "content-type": "application/x-www-form-urlencoded" },
      timeout: 8000,
    });
    response.set("cache-control", "no-store");
    response.status(data.error ? 400 : 200).json({ ...data, scope: data.scope?.replaceAll(",", " ") });
  } catch {
    response.status(502).json({ error: "server_error" });
  }
});

// Express's own handler prints the stack of every aborted request.
// eslint-disable-next-line no-unused-vars -- Express tells an error handler by its four parameters
app.use((_error, _request, response, _next) => response.status(400).json({ error: "invalid_request" }));

app.listen(PORT, "127.0.0.1");

// Runs one profile script as Auth0 does: it gets (accessToken, ctx, cb), and only its first call of cb counts.
"use strict";

globalThis.require = require;
const MAX_PROFILE = 100 * 1024;
const MAX_LINES = 100;
const MAX_LINE = 1000;
const lines = [];
function keep(text) {
  if (lines.length < MAX_LINES) lines.push(text.slice(0, MAX_LINE));
}

const { format } = require("node:util");
for (const level of ["log", "info", "warn", "error", "debug"]) {
  console[level] = (...values) => keep(format(...values));
}
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = (chunk) => keep(String(chunk));

let answered = false;
function answer(result) {
  if (answered) return;
  answered = true;
  const tooLarge = JSON.stringify(result).length > MAX_PROFILE;
  const said = tooLarge ? { error: "The profile is too large" } : result;
  write(JSON.stringify({ ...said, console: lines }), () => process.exit(0));
}

function fail(error) {
  answer({ error: error instanceof Error ? error.message : String(error) });
}

process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);
process.on("beforeExit", () => answer({ error: "The script ended without calling back" }));

const chunks = [];
process.stdin.on("data", (chunk) => chunks.push(chunk));
process.stdin.on("end", () => {
  const { body, accessToken, ctx } = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  const run = new Function(body)();
  run(accessToken, ctx, (error, profile) => (error ? fail(error) : answer({ profile })));
});

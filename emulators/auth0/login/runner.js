// Runs one connection script as Auth0 does: (accessToken, ctx, cb), of which the first call of cb counts.
"use strict";

globalThis.require = require;
const MAX_OUTPUT = 100 * 1024;
const lines = [];
for (const level of ["log", "info", "warn", "error", "debug"]) {
  console[level] = (...values) => lines.push(require("node:util").format(...values));
}

let answered = false;
function answer(result) {
  if (answered) return;
  answered = true;
  const text = JSON.stringify({ ...result, console: lines });
  process.stdout.write(text.length > MAX_OUTPUT ? JSON.stringify({ error: "The profile is too large" }) : text, () => process.exit(0));
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
  const { script, accessToken, ctx } = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  const run = (0, eval)(`(${script}\n)`);
  run(accessToken, ctx, (error, profile) => (error ? fail(error) : answer({ profile })));
});

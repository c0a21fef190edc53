/* Runs a profile script as Auth0 does: {script, accessToken, ctx} on standard input, {error} or {profile} on standard output. */
const { readFileSync } = require("node:fs");
const vm = require("node:vm");

const { script, accessToken, ctx } = JSON.parse(readFileSync(0, "utf8"));
// Nothing but what Node has built in: no require, no process.
const fetchUserProfile = vm.runInNewContext(`(${script})`, { AbortSignal, fetch });

fetchUserProfile(accessToken, ctx, (error, profile) => {
  console.log(JSON.stringify(error ? { error: error.message } : { profile }));
});

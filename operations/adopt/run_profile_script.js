// Runs the profile script of a connection on a recorded answer of TikTok, and prints {profile} or {error}.
// The script gets a context of its own with nothing of Node in it: no network, no files, no environment, no modules.
"use strict";

const { readFileSync } = require("node:fs");
const vm = require("node:vm");

// Defines in the context what Auth0 offers to a script. Every HTTP client answers with what was recorded.
function prepare({ user }) {
  const picked = (fields) => Object.fromEntries(fields.filter((name) => name in user).map((name) => [name, user[name]]));
  // TikTok returns the fields that were asked for, in the address or, before version 2, in the body.
  function answer(address, more) {
    const inAddress = /[?&]fields=([^&#]*)/.exec(String(address))?.[1];
    const fields = more ?? (inAddress === undefined ? Object.keys(user) : decodeURIComponent(inAddress));
    const names = Array.isArray(fields) ? fields : String(fields).split(",").map((name) => name.trim());
    return { data: { user: picked(names) }, error: { code: "ok", message: "", log_id: "recorded" } };
  }

  globalThis.URLSearchParams = class {
    #pairs = new Map();
    constructor(pairs = {}) { for (const [name, value] of Object.entries(pairs)) this.set(name, value); }
    set(name, value) { this.#pairs.set(name, String(value)); }
    append(name, value) { this.set(name, value); }
    toString() { return [...this.#pairs].map((pair) => pair.map(encodeURIComponent).join("=")).join("&"); }
  };
  globalThis.URL = class {
    searchParams = new URLSearchParams();
    constructor(address) { this.address = String(address); }
    toString() { return [this.address, String(this.searchParams)].filter(Boolean).join(this.address.includes("?") ? "&" : "?"); }
  };
  globalThis.AbortSignal = { timeout: () => undefined };
  globalThis.AbortController = class { signal = undefined; abort() {} };
  globalThis.setTimeout = () => 0;
  globalThis.clearTimeout = () => undefined;
  globalThis.console = { log() {}, info() {}, warn() {}, error() {}, debug() {} };

  globalThis.fetch = async (address) => {
    const body = answer(address);
    return { ok: true, status: 200, headers: { get: () => "application/json" }, json: async () => body, text: async () => JSON.stringify(body) };
  };
  const send = async (config) => ({ status: 200, data: answer(config.url, config.params?.fields ?? config.data?.fields) });
  const axios = Object.assign((address, config) => send(typeof address === "string" ? { ...config, url: address } : address), {
    request: send,
    get: (url, config) => send({ ...config, url }),
    post: (url, data, config) => send({ ...config, url, data }),
    create: () => axios,
  });
  axios.default = axios;
  function request(options, callback) {
    const { url, uri, qs, json, body } = typeof options === "string" ? { url: options } : options;
    const found = answer(url ?? uri, qs?.fields ?? body?.fields ?? json?.fields);
    callback(null, { statusCode: 200, body: found }, json ? found : JSON.stringify(found));
  }
  globalThis.request = Object.assign(request, { get: request, post: request });
  const modules = { axios, request: globalThis.request, "node-fetch": globalThis.fetch };
  globalThis.require = (name) => {
    const found = modules[String(name).split("@")[0]];
    if (!found) throw new Error(`Cannot find module '${name}'`);
    return found;
  };
}

// Calls the script, and keeps how it calls back first.
function call(script, { accessToken, context }) {
  const told = (error, profile) => { globalThis.outcome ??= error ? { error: String(error.message ?? error) } : { profile: profile ?? {} }; };
  Promise.resolve(script(accessToken, context, told)).catch(told);
}

const { script, ...recorded } = JSON.parse(readFileSync(0, "utf8"));
const context = vm.createContext(Object.create(null), {
  codeGeneration: { strings: false, wasm: false },
  microtaskMode: "afterEvaluate", // everything that is awaited is done when a run returns
});
const run = (code) => vm.runInContext(code, context, { timeout: 5000 });
const argument = JSON.stringify(recorded);
let outcome;
try {
  run(`(${prepare})(${argument})`);
  run(`(${call})((${script}\n), ${argument})`);
  outcome = run("JSON.stringify(globalThis.outcome ?? { error: 'It does not call back.' })");
} catch (error) {
  outcome = JSON.stringify({ error: String(error?.message ?? error) });
}
process.stdout.write(outcome);

import js from "@eslint/js";

const readonly = (...names) => Object.fromEntries(names.map((name) => [name, "readonly"]));

export default [
  { ignores: ["**/node_modules/", ".venv/", "build/"] },
  js.configs.recommended,
  {
    files: ["**/*.js"],
    languageOptions: {
      ecmaVersion: 2024,
      sourceType: "script",
      globals: readonly("AbortSignal", "Buffer", "URL", "URLSearchParams", "clearTimeout", "console", "fetch", "module", "process", "require", "setTimeout"),
    },
  },
  {
    // Profile scripts run in Auth0's own Node 22, and may take nothing but what that has built in.
    files: ["infra/*.js"],
    languageOptions: { globals: { console: "off", module: "off", process: "off", require: "off" } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      curly: ["error", "multi-line"],
      eqeqeq: "error",
      "max-lines-per-function": ["error", { max: 60 }],
      "no-implicit-globals": "off", // the one function is the script
      "no-shadow": "error",
      "no-var": "error",
      "prefer-const": "error",
      "preserve-caught-error": "off", // a cause may quote what TikTok answered
      "prefer-template": "error",
      "require-atomic-updates": "error",
    },
  },
  { files: ["tools/javascript/*.js", "tests/system/applications/nextjs/**/*.js"], languageOptions: { sourceType: "module" } },
  { files: ["**/*.mjs"], languageOptions: { ecmaVersion: 2024, globals: readonly("URL", "process") } },
  { files: ["tests/system/applications/node/*.js"], languageOptions: { globals: readonly("__dirname") } },
  {
    files: ["tests/system/applications/node/public/*.js"],
    languageOptions: { globals: readonly("auth0", "document", "sessionStorage", "window") },
  },
];

// Loaded before the API reference. Its validator would otherwise probe for eval, which the policy refuses and the browser reports.
globalThis.__zod_globalConfig = { jitless: true };

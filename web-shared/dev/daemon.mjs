// A daemon that runs elsewhere, behind Vite's servers: DAEMON names it, such as http://127.0.0.1:8080.

/** `undefined`: recordings are played. */
export const daemon = process.env.DAEMON;

/** What Vite passes on to it. To the daemon all of it comes from its own page: requests of others are refused. */
export const proxy = { target: daemon, changeOrigin: true, ws: true, headers: { origin: daemon } };

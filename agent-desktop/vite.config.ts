import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The daemon serves the build under /desktop/; while developing, dev/server.mjs stands in for the daemon.
export default defineConfig({
  base: "/desktop/",
  plugins: [react()],
  build: {
    target: ["chrome123", "firefox121", "safari17.5"],
    modulePreload: { polyfill: false },
    // The page's security policy knows no data: addresses.
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  server: {
    proxy: {
      "/api": "http://127.0.0.1:4600",
      "/ws": { target: "ws://127.0.0.1:4600", ws: true },
    },
  },
  // What is shared with the widget has no tools of its own.
  test: {
    include: ["src/**/*.test.ts", "../web-shared/test/*.test.ts"],
    alias: { vitest: new URL("node_modules/vitest", import.meta.url).pathname },
    environment: "node",
  },
});

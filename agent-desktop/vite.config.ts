import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { behind } from "./dev/behind.mjs";
import { messages } from "./dev/messages.mjs";

// The daemon serves the build under /desktop/.
export default defineConfig({
  base: "/desktop/",
  plugins: [react(), behind(), messages()],
  build: {
    target: ["chrome123", "firefox121", "safari17.5"],
    modulePreload: { polyfill: false },
    // The page's security policy knows no data: addresses.
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  // What is shared with the widget has no tools of its own.
  test: {
    include: ["src/**/*.test.ts", "../web-shared/test/*.test.ts"],
    alias: { vitest: new URL("node_modules/vitest", import.meta.url).pathname },
    environment: "node",
  },
});

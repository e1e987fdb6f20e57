// The loader is a classic script that any page can paste, the parts are ES modules that it imports when needed.
// All have stable names, as companies paste them.

import { type BuildOptions, defineConfig } from "vite";

const loader: BuildOptions = {
  // As a library, or Vite would wrap the import in a helper that talks to the host page's window.
  lib: { entry: "src/loader.ts", formats: ["iife"], name: "vorrang", fileName: () => "widget.js" },
  emptyOutDir: false,
};

/** Each is a file of its own that imports no other, so that any of them can be loaded again where that failed. */
const part = (name: string): BuildOptions => ({
  emptyOutDir: name === "app",
  rolldownOptions: {
    input: `src/${name}.${name === "more" ? "tsx" : "ts"}`,
    preserveEntrySignatures: "strict",
    output: { format: "es", entryFileNames: `widget/${name}.js`, minify: true },
  },
});

export default defineConfig(({ mode }) => ({
  // The development form adds attributes of its own, which dom.ts would draw.
  oxc: { jsx: { runtime: "classic", pragma: "h", development: false } },
  build: {
    target: "es2022",
    // light-dark() and nesting as they are.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: false,
    ...(mode === "loader" ? loader : part(mode)),
  },
}));

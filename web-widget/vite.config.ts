// Three builds: the loader is a classic script that any page can paste, the app an ES module that it imports when needed, the
// extras another one that the app imports. Each has a stable name, as companies paste them.

import { type BuildOptions, defineConfig } from "vite";

const loader: BuildOptions = {
  // As a library, or Vite would wrap the import in a helper that talks to the host page's window.
  lib: { entry: "src/loader.ts", formats: ["iife"], name: "vorrang", fileName: () => "widget.js" },
  emptyOutDir: false,
};

const module = (name: string): BuildOptions => ({
  lib: { entry: `src/${name}.ts`, formats: ["es"], fileName: () => `widget/${name}.js` },
  rolldownOptions: { output: { minify: true } },
  emptyOutDir: name === "app",
});

export default defineConfig(({ mode }) => ({
  // The development form adds attributes of its own, which dom.ts would draw.
  oxc: { jsx: { runtime: "classic", pragma: "h", development: false } },
  build: {
    target: "es2022",
    // light-dark() and nesting as they are.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    modulePreload: false,
    ...(mode === "loader" ? loader : module(mode)),
  },
}));

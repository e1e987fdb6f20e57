// `make screenshots`: pictures of all pages on recordings. None of them may take long.

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["screenshots/*.shots.ts"],
    fileParallelism: false,
    maxConcurrency: 2,
    testTimeout: 180_000,
    hookTimeout: 60_000,
    bail: 20,
  },
});

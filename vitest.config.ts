import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Hangs end here; how fast things are is for the bench to say.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // What a run said is told whole when it is not what was awaited: the log is all that is left of it.
    chaiConfig: { truncateThreshold: 4000 },
  },
});

// `npm run bundle`, after `npm run build`: puts what tsc wrote to dist/, and most of the packages it needs, into few files in its
// place. Node 20 takes a millisecond for each file that it loads, a third of the time of every command (docs/performance.md).
import { build } from 'rolldown';

await build({
  // The pages in docs/ are made from the last two (scripts/docs.mjs).
  input: {
    'cli/main': 'dist/cli/main.js',
    'modules/docs': 'dist/modules/docs.js',
    'modules/index': 'dist/modules/index.js',
    // What a project's own modules import by the name of this package.
    'modules/own/kit': 'dist/modules/own/kit.js',
  },
  platform: 'node',
  // CommonJS with parts compiled where they are installed, and what few commands need: these stay packages.
  external: ['ssh2', 'dockerode', 'jiti', '@viz-js/viz'],
  logLevel: 'warn',
  output: {
    dir: 'dist',
    cleanDir: true,
    comments: { legal: true },
    // As deep as src/cli/package-files.ts, which finds the package's own files from where it lies.
    chunkFileNames: 'cli/[name].js',
  },
});

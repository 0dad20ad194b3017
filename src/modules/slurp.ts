import { pathResource } from './promises.js';
import { defineModule, noChange, params } from './support/define.js';
import { alias, path } from './support/fields.js';
import { ModuleFailure } from './types.js';

/** Larger files belong in `fetch`: what is registered is kept for the whole run. */
const mostBytes = 16 * 1024 * 1024;

/** Reads a file of the host into a variable, byte for byte. */
export const slurp = defineModule({
  name: 'slurp',
  summary: 'Reads a file of the host: `content` is its bytes in base64, `text` the same as text where it is UTF-8.',
  params: params({ src: alias(path('The file, of 16 MiB at most.'), 'path') }),
  freeForm: 'src',
  restsOn: ({ src }) => [pathResource(src)],
  look: ({ params: { src } }) => ({
    kind: 'procedure',
    read: async (host) => host.readFile(src, { maximumBytes: mostBytes }),
  }),
  compare(found, { params: { src }, promised }) {
    if (found === undefined && promised?.has(pathResource(src)) === true)
      return { kind: 'unknown', reason: `an earlier task makes ${src}` };
    if (found === undefined) throw new ModuleFailure(`there is no file ${src} on the host`);
    const plain = found.toString('utf8');
    const isText = Buffer.from(plain, 'utf8').equals(found);
    return {
      kind: 'same',
      values: {
        source: src,
        encoding: 'base64',
        content: found.toString('base64'),
        ...(isText ? { text: plain } : {}),
      },
    };
  },
  change: noChange,
});

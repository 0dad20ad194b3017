import type { z } from 'zod';
import { params } from '../support/define.js';
import { alias, choice, flag, path, text, textMap, word } from '../support/fields.js';

export const imageParams = params(
  {
    name: word('The image with its tag, as the host shall know it.'),
    source: choice(
      ['pull', 'build', 'load', 'ship'],
      'Where it comes from: a registry, a folder of the controller, a tar, or the controller for hosts that reach no registry.',
    ).default('pull'),
    state: choice(['present', 'absent'], 'Whether the host shall have it.').default('present'),
    force: flag('Fetches it again although it is there (and removes one that is in use).').default(false),
    path: alias(
      path(
        'For `build` the folder with the Dockerfile, for `load` and `ship` the tar; searched as files are.',
      ).optional(),
      'src',
    ),
    remote_src: flag('For `load`: the tar lies on the host.').default(false),
    dockerfile: text('For `build`: the Dockerfile in the folder.').default('Dockerfile'),
    build_args: alias(textMap('For `build`: arguments of the Dockerfile.').default({}), 'args'),
    target: text('For `build`: the stage to stop at.').optional(),
    network: text('For `build`: the network of its steps ("host").').optional(),
    platform: text('For `pull` and `build`: the platform ("linux/amd64").').optional(),
    username: text('For `pull`: the login of the registry.').optional(),
    password: text('For `pull`: the password of the registry.').optional(),
  },
  (value) => {
    if (value.state === 'absent') return undefined;
    const needsPath = value.source === 'build' || value.source === 'load';
    if (needsPath && value.path === undefined) return `\`source: ${value.source}\` needs \`path\``;
    if (value.source === 'pull' && value.path !== undefined) return '`path` is for `build`, `load` and `ship`';
    if (value.remote_src && value.source !== 'load') return '`remote_src` is for `source: load`';
    return (value.username === undefined) === (value.password === undefined)
      ? undefined
      : '`username` and `password` go together';
  },
);

export type ImageParams = z.output<typeof imageParams>;

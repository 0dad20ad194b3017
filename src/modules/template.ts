import { Unknown } from '../template/value.js';
import { defineModule, params } from './support/define.js';
import { alias, flag, path, validation } from './support/fields.js';
import { ownershipFields } from './support/ownership.js';
import {
  bytesContent,
  compareTarget,
  lookAtTarget,
  parseTarget,
  secretContent,
  writeTarget,
} from './support/target-file.js';

/** Renders a template of the controller into a file of the host. */
export const template = defineModule({
  name: 'template',
  summary: 'Renders an EJS template of the controller and writes the result to a file of the host.',
  params: params({
    src: path("The template: searched in the role's templates/ and beside the playbook."),
    dest: alias(path('The file to write; in a folder it gets the name of the template without `.ejs`.'), 'path'),
    validate: validation().optional(),
    backup: flag('Keeps the old file beside the new one.').default(false),
    force: flag('Writes the file when it exists with another content.').default(true),
    follow: flag('Writes through a link instead of replacing it.').default(false),
    ...ownershipFields,
  }),
  async prepare(controller, params) {
    const source = await controller.find(params.src, 'templates');
    const rendered = await controller.render(source);
    if (rendered instanceof Unknown) return rendered;
    const bytes = Buffer.from(rendered, 'utf8');
    return (await controller.decrypted(source)) === undefined ? bytesContent(bytes) : secretContent(bytes);
  },
  look: ({ params, prepared }) => ({
    kind: 'script',
    script: lookAtTarget({ ...params, name: nameOf(params.src) }, prepared),
    parse: parseTarget,
  }),
  compare: (found, { params, prepared, promised }) =>
    compareTarget(found, { request: params, wanted: prepared, force: params.force, promised }),
  change: (host, { params, prepared, found, changes }) =>
    writeTarget(host, { request: params, wanted: prepared, found, changes }),
});

function nameOf(source: string): string {
  return (source.split('/').at(-1) ?? source).replace(/\.ejs$/, '');
}

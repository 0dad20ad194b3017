import { describe, expect, test } from 'vitest';
import { moduleDocs, moduleMarkdown, moduleSchema } from '../../../src/modules/docs.js';
import { findModule, moduleNames } from '../../../src/modules/index.js';

describe('the docs of a module', () => {
  test.each(moduleNames())(
    '%s has a sentence for itself and for each parameter, without a mistake in its schema',
    (name) => {
      const module = findModule(name)!;
      const docs = moduleDocs(module);
      expect(docs.summary).toMatch(/^[A-Z].*\.$/);
      for (const parameter of docs.parameters)
        expect(parameter, parameter.name).toMatchObject({ description: expect.stringMatching(/\S/) });
      expect(JSON.stringify(moduleSchema(module))).toContain('"type":"object"');
    },
  );

  test('come from the schema: type, default, choices, aliases, what is required', () => {
    const { parameters } = moduleDocs(findModule('lineinfile')!);
    const byName = new Map(parameters.map((parameter) => [parameter.name, parameter]));
    expect(byName.get('path')).toMatchObject({ required: true, type: 'text', aliases: ['dest', 'destfile', 'name'] });
    expect(byName.get('state')).toMatchObject({
      required: false,
      default: '"present"',
      choices: ['present', 'absent'],
    });
    expect(byName.get('create')).toMatchObject({ type: 'true or false', default: 'false' });
  });

  test('fit on a page of their own', () => {
    const page = moduleMarkdown(moduleDocs(findModule('shell')!));
    expect(page).toContain('| `cmd` | text | **required** |');
    expect(page).toContain('`shell: VALUE` means `shell: {cmd: VALUE}`');
  });

  test('tell editors that a template may stand for anything but a text', () => {
    const schema = moduleSchema(findModule('wait_for')!) as { properties: Record<string, unknown> };
    expect(schema.properties['port']).toMatchObject({
      anyOf: [{ type: 'integer' }, { type: 'string', pattern: '<%' }],
    });
  });
});

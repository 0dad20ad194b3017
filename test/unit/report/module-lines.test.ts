import { describe, expect, it } from 'vitest';
import type { ModuleDocs } from '../../../src/modules/docs.js';
import { createColors } from '../../../src/report/colors.js';
import { moduleDocsLines, moduleListLines } from '../../../src/report/module-lines.js';

const options = { columns: 60, colors: createColors(false) };

describe('modules in the terminal', () => {
  it('are listed with their summaries, wrapped beside the names', () => {
    const modules = [
      { name: 'copy', summary: 'Copies a file or folder of the controller, a text, or a file of the host.' },
      { name: 'wait_for', summary: 'Waits.' },
    ];
    expect(moduleListLines(modules, options)).toEqual([
      'copy      Copies a file or folder of the controller, a text,',
      '          or a file of the host.',
      'wait_for  Waits.',
    ]);
  });

  it('are explained one by one: kind, default, choices, other names', () => {
    const docs: ModuleDocs = {
      name: 'wait_for',
      summary: 'Waits until a port opens.',
      freeForm: 'port',
      parameters: [
        { name: 'port', aliases: [], type: 'whole number', required: true, description: 'A TCP port.', secret: false },
        {
          name: 'state',
          aliases: ['is'],
          type: 'text',
          required: false,
          default: '"started"',
          choices: ['started', 'stopped'],
          description: 'Open or closed.',
          secret: false,
        },
        { name: 'password', aliases: [], type: 'text', required: false, description: '', secret: true },
      ],
    };
    expect(moduleDocsLines(docs, options)).toEqual([
      'wait_for',
      '',
      'Waits until a port opens.',
      '',
      '`wait_for: VALUE` means `wait_for: {port: VALUE}`.',
      '',
      '  port  whole number, required',
      '    A TCP port.',
      '  state  text',
      '    Open or closed.',
      '    One of: started, stopped.',
      '    Default: "started".',
      '    Also written: is.',
      '  password  text',
      '    Never shown.',
    ]);
  });
});

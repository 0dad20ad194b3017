import { describe, expect, test } from 'vitest';
import { editKeys } from '../../../src/modules/authorized_key.js';

const one = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIone one@there';
const two = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAItwo two@there';
const edit = (file: string, wish: Partial<Parameters<typeof editKeys>[1]>): string =>
  editKeys(file, { key: one, state: 'present', exclusive: false, ...wish });

describe('the keys of a user', () => {
  test('get a new one at the end', () => {
    expect(edit(`# mine\n${two}`, {})).toBe(`# mine\n${two}\n${one}\n`);
  });
  test('stay as they are when it is there under another comment', () => {
    const file = `${one.replace('one@there', 'elsewhere')}\n`;
    expect(edit(file, {})).toBe(file);
  });
  test('lose one, with its options', () => {
    expect(edit(`no-pty ${one}\n${two}\n`, { state: 'absent' })).toBe(`${two}\n`);
  });
  test('are only the named ones when exclusive', () => {
    expect(edit(`# kept\n${two}\n`, { exclusive: true })).toBe(`# kept\n${one}\n`);
  });
  test('get the options that are asked for', () => {
    expect(edit(`${one}\n`, { key_options: 'no-pty' })).toBe(`no-pty ${one}\n`);
    expect(edit(`no-pty ${one}\n`, { key_options: 'no-pty' })).toBe(`no-pty ${one}\n`);
  });
  test('are refused when they are none', () => {
    expect(() => edit('', { key: 'hello' })).toThrow('no public key');
  });
});

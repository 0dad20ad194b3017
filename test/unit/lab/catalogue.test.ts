import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { grounds, parseImages, published, registryRecipe, usualImages } from '../../../lab/src/images/catalogue.js';

const imagesDirectory = join(import.meta.dirname, '../../../lab/images');
const recipes = [
  ...Object.values(grounds),
  registryRecipe,
  ...Object.values(published).flatMap(({ versions }) => Object.values(versions)),
];

describe('the catalogue of images', () => {
  it('has a Dockerfile for every recipe', () => {
    for (const { folder } of recipes)
      expect(existsSync(join(imagesDirectory, folder, 'Dockerfile')), folder).toBe(true);
  });

  it('stands every recipe on a ground it knows', () => {
    for (const { folder, from } of recipes) if (from !== undefined) expect(grounds, folder).toHaveProperty(from);
  });

  it('builds by default only versions it has', () => {
    for (const { name, version } of usualImages())
      expect(Object.keys(published[name]?.versions ?? {})).toContain(version);
  });

  it('calls what is a stand-in a stand-in', () => {
    for (const name of ['mesos-master', 'mesos-slave', 'marathon', 'bamboo']) {
      expect(published[name]?.note).toContain('stand-in');
    }
  });
});

describe('asking for images', () => {
  it('reads a name with a version, with or without the registry folder', () => {
    const wanted = [{ name: 'zookeeper', version: '3.4.13' }];
    expect(parseImages('zookeeper:3.4.13')).toEqual(wanted);
    expect(parseImages('lab/zookeeper:3.4.13')).toEqual(wanted);
  });

  it('takes all versions when none is named', () => {
    expect(parseImages('hello').map(({ version }) => version)).toEqual(['1', '2']);
  });

  it('says what there is when asked for what there is not', () => {
    expect(() => parseImages('zookeper')).toThrow(/there are zookeeper, /);
    expect(() => parseImages('zookeeper:3.5.0')).toThrow(/there are 3.4.13, 3.8.0, 3.9.3/);
  });
});

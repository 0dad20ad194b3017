/** One image as the lab builds it: a folder of lab/images, on top of another. */
export interface Recipe {
  readonly folder: string;
  readonly from: string | undefined;
  /** Copies the compiled stand-ins into the build. */
  readonly withStandIns?: boolean;
}

/** An image that hosts can pull: `lab/NAME:VERSION`. */
export interface Published extends Recipe {
  /** Version → the Debian suite whose packages it is made of. The first is the one a plain `up` pushes with the others of `usual`. */
  readonly versions: Readonly<Record<string, string>>;
  readonly usual: readonly string[];
}

const suite = 'bookworm';

export const grounds: Readonly<Record<string, Recipe>> = {
  base: { folder: 'base', from: undefined },
  java: { folder: 'java', from: 'base' },
  node: { folder: 'node', from: 'base' },
  standins: { folder: 'standins', from: 'node', withStandIns: true },
  haproxy: { folder: 'haproxy', from: 'standins' },
};

export const registryRecipe: Recipe = { folder: 'registry', from: 'base' };

export const published: Readonly<Record<string, Published>> = {
  zookeeper: {
    folder: 'zookeeper',
    from: 'java',
    versions: { '3.4.13': 'bullseye', '3.8.0': suite, '3.9.3': 'trixie' },
    usual: ['3.8.0'],
  },
  'mesos-master': standIn(
    'mesos-master',
    ['0.23.0', '0.24.1', '0.28.1', '1.0.4', '1.4.1', '1.9.0'],
    ['1.4.1', '1.9.0'],
  ),
  'mesos-slave': standIn('mesos-slave', ['0.23.0', '0.24.1', '0.28.1', '1.0.4', '1.4.1', '1.9.0'], ['1.4.1', '1.9.0']),
  marathon: standIn(
    'marathon',
    ['0.11.1', '0.15.3', '1.1.1', '1.3.14', '1.4.14', '1.5.15', '1.6.549', '1.8.222'],
    ['1.4.14', '1.5.15'],
  ),
  bamboo: { ...standIn('bamboo', ['0.2.11', '0.2.15', '0.2.20', '0.3.1'], ['0.2.20', '0.3.1']), from: 'haproxy' },
  hello: { folder: 'hello', from: undefined, versions: { '1': suite, '2': suite }, usual: ['1', '2'] },
};

function standIn(folder: string, versions: readonly string[], usual: readonly string[]): Published {
  return { folder, from: 'standins', versions: Object.fromEntries(versions.map((version) => [version, suite])), usual };
}

export interface PublishedImage {
  readonly name: string;
  readonly version: string;
}

/** Reads `zookeeper:3.4.13` or, for all its versions, `zookeeper`. @throws naming what there is */
export function parseImages(word: string): readonly PublishedImage[] {
  const [name = '', version] = word.replace(/^lab\//, '').split(':', 2);
  const image = published[name];
  if (image === undefined) throw new Error(`no image "${name}"; there are ${Object.keys(published).join(', ')}`);
  const versions = Object.keys(image.versions);
  if (version === undefined) return versions.map((each) => ({ name, version: each }));
  if (!versions.includes(version)) throw new Error(`no ${name}:${version}; there are ${versions.join(', ')}`);
  return [{ name, version }];
}

/** What a plain `up` builds and pushes. */
export function usualImages(): readonly PublishedImage[] {
  return Object.entries(published).flatMap(([name, image]) => image.usual.map((version) => ({ name, version })));
}

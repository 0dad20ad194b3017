/** One image as the lab builds it: a folder of lab/images, on top of another. */
export interface Recipe {
  readonly folder: string;
  /** The name of the ground it stands on; undefined when it stands on nothing. */
  readonly from: string | undefined;
  /** The Debian suite its packages come from, as its file `packages.SUITE` names them. */
  readonly suite: string;
  /** Copies the compiled stand-ins into the build. */
  readonly withStandIns?: boolean;
}

/** An image that hosts can pull, `lab/NAME:VERSION`: a recipe a version. */
export interface Published {
  /** What the image really is, where its name could mislead. */
  readonly note?: string;
  readonly versions: Readonly<Record<string, Recipe>>;
  /** The versions that a plain `up` builds and pushes. */
  readonly usual: readonly string[];
}

const suite = 'bookworm';

export const grounds: Readonly<Record<string, Recipe>> = {
  base: { folder: 'base', from: undefined, suite },
  java: { folder: 'java', from: 'base', suite },
  java11: { folder: 'java11', from: 'base', suite: 'bullseye' },
  node: { folder: 'node', from: 'base', suite },
  standins: { folder: 'standins', from: 'node', suite, withStandIns: true },
  haproxy: { folder: 'haproxy', from: 'standins', suite },
};

export const registryRecipe: Recipe = { folder: 'registry', from: 'base', suite };

const mesosVersions = ['0.23.0', '0.24.1', '0.28.1', '1.0.4', '1.4.1', '1.9.0'];
const marathonVersions = ['0.11.1', '0.15.3', '1.1.1', '1.3.14', '1.4.14', '1.5.15', '1.6.549', '1.8.222'];
const bambooVersions = ['0.2.11', '0.2.15', '0.2.20', '0.3.1'];

export const published: Readonly<Record<string, Published>> = {
  zookeeper: {
    versions: {
      '3.4.13': { folder: 'zookeeper', from: 'java11', suite: 'bullseye' },
      '3.8.0': { folder: 'zookeeper', from: 'java', suite },
      '3.9.3': { folder: 'zookeeper', from: 'java', suite: 'trixie' },
    },
    usual: ['3.8.0'],
  },
  'mesos-master': {
    note: 'a stand-in',
    versions: inEachVersion({ folder: 'mesos-master', from: 'standins', suite }, mesosVersions),
    usual: ['1.4.1', '1.9.0'],
  },
  'mesos-slave': {
    note: 'a stand-in',
    versions: inEachVersion({ folder: 'mesos-slave', from: 'standins', suite }, mesosVersions),
    usual: ['1.4.1', '1.9.0'],
  },
  marathon: {
    note: 'a stand-in',
    versions: inEachVersion({ folder: 'marathon', from: 'standins', suite }, marathonVersions),
    usual: ['1.4.14', '1.5.15'],
  },
  bamboo: {
    note: 'a stand-in on a real HAProxy',
    versions: inEachVersion({ folder: 'bamboo', from: 'haproxy', suite }, bambooVersions),
    usual: ['0.2.20', '0.3.1'],
  },
  hello: { versions: inEachVersion({ folder: 'hello', from: undefined, suite }, ['1', '2']), usual: ['1', '2'] },
};

/** Versions that differ in nothing but the version they are told to be. */
function inEachVersion(recipe: Recipe, versions: readonly string[]): Readonly<Record<string, Recipe>> {
  return Object.fromEntries(versions.map((version) => [version, recipe]));
}

/** An image's note as it follows its name. */
export function aside(note: string | undefined): string {
  return note === undefined ? '' : ` (${note})`;
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

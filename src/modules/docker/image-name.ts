/** The parts of an image's name. */
export interface ImageName {
  /** With registry and path: "registry:5000/lab/zookeeper". */
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Splits a name as Docker does: a colon after the last slash begins the tag, an at sign the digest. */
export function parseImageName(name: string): ImageName {
  const [rest = '', digest] = name.split('@', 2);
  const colon = rest.indexOf(':', rest.lastIndexOf('/') + 1);
  const repository = colon === -1 ? rest : rest.slice(0, colon);
  return {
    repository,
    ...(colon === -1 ? {} : { tag: rest.slice(colon + 1) }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The name with the tag that Docker takes when none is said. */
export function fullImageName(name: string): string {
  const { tag, digest } = parseImageName(name);
  return tag === undefined && digest === undefined ? `${name}:latest` : name;
}

/** The resource of an image in a preview. */
export function imageResource(name: string): string {
  return `image:${fullImageName(name)}`;
}

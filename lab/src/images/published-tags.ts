import type { RegistryAddresses } from './publish.js';

/** The versions of lab/NAME that the registry has. */
export async function publishedTags(registry: RegistryAddresses, name: string): Promise<readonly string[]> {
  const answer = await fetch(`http://${registry.push}/v2/lab/${name}/tags/list`);
  if (!answer.ok) return [];
  return ((await answer.json()) as { tags?: string[] | null }).tags ?? [];
}

import type { AppStatus, BambooRow, Row } from './types.js';

/** Marathon's apps with their routes in Bamboo and their servers in each HAProxy; undefined when no Marathon lists them. */
export function appsOf(rows: readonly Row[]): readonly AppStatus[] | undefined {
  const lists = rows.flatMap((row) =>
    row.component === 'marathon' && row.details?.apps !== undefined
      ? [{ leads: row.role === 'leader', apps: row.details.apps }]
      : [],
  );
  const list = lists.find(({ leads }) => leads) ?? lists[0];
  if (list === undefined) return undefined;
  const bamboos = rows.filter((row): row is BambooRow => row.component === 'bamboo' && row.details !== undefined);
  const rules = new Map(bamboos.flatMap(({ details }) => Object.entries(details?.rules ?? {})));
  return list.apps.map((app) => {
    const route = rules.get(app.id);
    const servers = Object.fromEntries(
      bamboos.flatMap(({ host, details }) => {
        const backends = details?.haproxy.backends;
        return backends === undefined ? [] : [[host, serversFor(app.id, backends)]];
      }),
    );
    return { ...app, ...(route === undefined ? {} : { route }), servers };
  });
}

/** Bamboo writes the slashes of an app's id as `::`; what a template adds to it is its own affair. */
function serversFor(id: string, configured: Readonly<Record<string, readonly string[]>>): number {
  const escaped = id.replaceAll('/', '::');
  const backends = Object.entries(configured);
  const own =
    backends.find(([name]) => name === `${escaped}-cluster`) ?? backends.find(([name]) => name.startsWith(escaped));
  return own?.[1].length ?? 0;
}

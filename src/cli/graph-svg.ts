/**
 * Lays a graph in Graphviz' language out as an SVG picture that stands for itself: no script, font or address is fetched
 * by whoever shows it. Graphviz is WebAssembly of a megabyte, so it is loaded here and not before.
 */
export async function graphSvg(dot: string): Promise<string> {
  const { instance } = await import('@viz-js/viz');
  const viz = await instance();
  const font = { fontname: 'Helvetica,Arial,sans-serif', fontsize: 12 };
  const svg = viz.renderString(dot, {
    format: 'svg',
    nodeAttributes: { ...font, style: 'rounded', margin: '0.2,0.1' },
    edgeAttributes: font,
  });
  // The type declaration names a file at w3.org, which some readers would fetch.
  return svg.replace(/<!DOCTYPE[^>]*>\s*/, '').trimEnd();
}

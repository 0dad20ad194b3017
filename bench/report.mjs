// The results as a Markdown table and as a picture; ratios against runner, because only ratios travel between machines.
import { verdicts } from './targets.mjs';

const width = 760;
const barHeight = 22;

export function table(results) {
  const lines = [];
  for (const { workload, load, rows } of results) {
    const ours = (rows.find((row) => row.peer === 'runner') ?? rows[0]).seconds;
    lines.push(
      `### ${workload} (load ${load.join(' to ')})`,
      '',
      '| | median s | times runner | CPU s | MB |',
      '|---|---:|---:|---:|---:|',
    );
    for (const row of rows)
      lines.push(
        `| ${row.peer} | ${row.seconds.toFixed(2)} | ${(row.seconds / ours).toFixed(2)} | ${row.cpuSeconds.toFixed(2)} | ${row.megabytes.toFixed(0)} |`,
      );
    lines.push('');
  }
  const judged = verdicts(results);
  if (judged.length > 0) {
    lines.push('### Targets', '', '| target | wanted | measured | met |', '|---|---|---|---|');
    for (const { what, wanted, measured, met } of judged)
      lines.push(`| ${what} | ${wanted} | ${measured} | ${met ? 'yes' : 'no'} |`);
    lines.push('');
  }
  return lines.join('\n');
}

export function picture(results) {
  const parts = [];
  let y = 20;
  for (const { workload, load, rows } of results) {
    const longest = Math.max(...rows.map((row) => row.seconds));
    parts.push(
      `<text x="10" y="${y}" font-weight="bold">${workload} (seconds, less is better; load ${load.join(' to ')})</text>`,
    );
    y += 10;
    for (const row of rows) {
      const length = Math.max(1, (row.seconds / longest) * (width - 420));
      parts.push(
        `<text x="10" y="${y + 15}">${row.peer}</text><rect x="330" y="${y + 3}" width="${length.toFixed(1)}" height="${barHeight - 6}" fill="${row.peer === 'runner' ? '#2a7de1' : row.peer.startsWith('floor') ? '#bbbbbb' : '#e0813c'}"/><text x="${(335 + length).toFixed(1)}" y="${y + 15}">${row.seconds.toFixed(2)}</text>`,
      );
      y += barHeight;
    }
    y += 26;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y}" font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="white"/>${parts.join('\n')}</svg>\n`;
}

import { joinShell, sh, shellSource, type ShellText } from '../../shell/text.js';

/** The engine's settings file and its service. */
export interface EngineSettings {
  readonly file: string;
  readonly service: string;
}

const kept = '/var/lib/runner/kept/.docker-engine';

/** For a look: tells `kept` while a step that was cut off has left settings to go back to. */
export const tellKept: ShellText = sh`[ ! -e ${`${kept}/done`} ] || tell kept`;

/** Keeps a copy of the engine's settings, or that there were none; what an unfinished step kept stays. */
export function keepSettings({ file }: EngineSettings): ShellText {
  return joinShell([
    header(file),
    shellSource(`[ ! -e "$kept/done" ] || exit 0
rm -rf -- "$kept" && mkdir -p -- "$kept" || exit 1
[ ! -f "$file" ] || cp -p -- "$file" "$kept/settings" || exit 1
: > "$kept/done"`),
  ]);
}

/** Brings the settings back and restarts the engine with them, where they differ; else starts an engine that is down. */
export function rollBackSettings({ file, service }: EngineSettings): ShellText {
  return joinShell([
    header(file),
    sh`service=${service}`,
    shellSource(`[ -e "$kept/done" ] || { echo "no settings of the Docker engine were kept on this host" >&2; exit 1; }
restart() { if [ -d /run/systemd/system ]; then systemctl reset-failed "$service" 2>/dev/null; systemctl restart "$service"; else service "$service" restart; fi; }
if [ -f "$kept/settings" ]; then
  cmp -s -- "$kept/settings" "$file" && same=yes || { same=no; cp -p -- "$kept/settings" "$file" || exit 1; }
else
  [ -e "$file" ] && same=no || same=yes
  rm -f -- "$file" || exit 1
fi
[ "$same" = yes ] && timeout 20 docker version >/dev/null 2>&1 || restart || exit 1
rm -rf -- "$kept"`),
  ]);
}

/** Takes the copy away. */
export const forgetSettings: ShellText = sh`rm -rf -- ${kept}`;

function header(file: string): ShellText {
  return joinShell([sh`kept=${kept}`, sh`file=${file}`, shellSource('umask 077')]);
}

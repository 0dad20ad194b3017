import { sh, joinShell, shellSource, type ShellText } from '../../shell/text.js';
import { keptFolder } from '../kept-folder.js';

/** What a step of a rollout replaces on a host, and what a roll-back brings back. */
export interface KeptThings {
  /** The name of the container; the role replaces it with `keep_old: <%= run.rolling %>`. */
  readonly container: string;
  /** Files of the host that the program reads when it starts. */
  readonly files: readonly string[];
}

/**
 * The replaced container is known by its id: a restart policy and copies of files that were kept with it are good for as
 * long as it is there, under its own name or as NAME.old-…, and are never written over before that. So a step that was
 * cut off and is taken again still goes back to what ran before the first try.
 */
const functions = shellSource(`umask 077
id_of() { docker inspect --type container --format '{{.Id}}' "$1" 2>/dev/null; }
name_of() { docker inspect --type container --format '{{.Name}}' "$1" 2>/dev/null | sed 's,^/,,'; }
policy_of() { docker inspect --type container --format '{{.HostConfig.RestartPolicy.Name}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}}' "$1" | sed 's/:0$//'; }
replaced() { docker ps --all --no-trunc --format '{{.ID}} {{.Names}}' | awk -v start="$name.old-" 'index($2, start) == 1 { print $1 }'; }
kept_id() { [ ! -f "$kept/id" ] || id_of "$(cat "$kept/id")"; }
give_up() { printf '%s\\n' "$*" >&2; exit 1; }`);

/** Keeps the restart policy of the container and copies of its files; what an unfinished step kept stays. */
export function keepStep(things: KeptThings): ShellText {
  const copies = things.files.map(
    (file) => sh`if [ -f ${file} ]; then
  mkdir -p "$kept.new/files"${directoryOf(file)} && cp -p -- ${file} "$kept.new/files"${file} || exit 1
fi`,
  );
  return joinShell([
    header(things),
    shellSource(`id=$(id_of "$name")
[ -z "$(kept_id)" ] || exit 0
rm -rf -- "$kept" "$kept.new"
[ -n "$id" ] || exit 0
mkdir -p -- "$kept.new" || exit 1
printf '%s\\n' "$id" > "$kept.new/id" && policy_of "$name" > "$kept.new/policy" || exit 1`),
    ...copies,
    shellSource(`mv -- "$kept.new" "$kept"`),
  ]);
}

/**
 * Brings the kept files and the kept container back and starts it. Where the container was not replaced, it is started
 * again only if a file differs or it does not run. Ends with another code than 0, and says why, when nothing can be
 * brought back.
 */
export function rollBackStep(things: KeptThings): ShellText {
  const restores = things.files.map(
    (file) => sh`if [ -f "$kept/files"${file} ]; then
  cmp -s -- "$kept/files"${file} ${file} || { stop_it; cp -p -- "$kept/files"${file} ${file} || exit 1; }
elif [ -f "$kept/id" ] && [ -e ${file} ]; then
  stop_it; rm -f -- ${file} || exit 1
fi`,
  );
  return joinShell([
    header(things),
    shellSource(`stop_it() { [ -z "$(id_of "$name")" ] || docker stop "$name" >/dev/null 2>&1; }
old=$(kept_id)
[ -n "$old" ] || old=$(replaced | head -n 1)
[ -n "$old" ] || give_up "nothing was kept of container $name: there was none before this step"
if [ -f "$kept/policy" ]; then policy=$(cat "$kept/policy")
elif [ -n "$(id_of "$name")" ]; then policy=$(policy_of "$name")
else policy=always
fi
if [ "$(name_of "$old")" != "$name" ]; then
  stop_it
  [ -z "$(id_of "$name")" ] || docker rm --force "$name" >/dev/null || exit 1
fi`),
    ...restores,
    shellSource(`[ "$(name_of "$old")" = "$name" ] || docker rename "$old" "$name" || exit 1
docker update --restart "$policy" "$name" >/dev/null || exit 1
docker start "$name" >/dev/null || exit 1
for other in $(replaced); do docker rm --force "$other" >/dev/null || exit 1; done
rm -rf -- "$kept"`),
  ]);
}

/** For a look: tells `kept` while a step that was cut off has left something of this container to go back to. */
export function tellKept(container: string): ShellText {
  return sh`[ ! -f ${`${keptFolder}/${container}/id`} ] || tell kept`;
}

/** Takes away what was kept. */
export function forgetStep(things: KeptThings): ShellText {
  return joinShell([
    header(things),
    shellSource(`for other in $(replaced); do docker rm --force "$other" >/dev/null || exit 1; done
rm -rf -- "$kept" "$kept.new"`),
  ]);
}

function header({ container }: KeptThings): ShellText {
  return joinShell([
    sh`name=${container}
kept=${`${keptFolder}/${container}`}`,
    functions,
  ]);
}

function directoryOf(file: string): string {
  return file.slice(0, file.lastIndexOf('/')) || '/';
}

import { sh, type ShellText } from '../../shell/text.js';

/** A package manager other than apt: how to ask what is installed and how to change it. */
export interface PackageManager {
  readonly name: string;
  /** Prints `name version` for each installed package of the names; says nothing of the others. */
  installed(names: readonly string[]): ShellText;
  /** Brings packages, without touching those that are there. */
  install(names: readonly string[]): ShellText;
  /** Brings packages at their newest version. */
  upgrade(names: readonly string[]): ShellText;
  remove(names: readonly string[]): ShellText;
  readLists: ShellText;
}

/** Asks rpm for each name, and for what provides it (a capability or a file). */
function rpmInstalled(names: readonly string[]): ShellText {
  return sh`for name in ${names}; do
  version=$(rpm -q --whatprovides --qf '%{VERSION}-%{RELEASE}\\n' -- "$name" 2>/dev/null) &&
    printf '%s %s\\n' "$name" "$(printf '%s\\n' "$version" | head -n 1)"
done`;
}

const dnf: PackageManager = {
  name: 'dnf',
  installed: rpmInstalled,
  install: (names) => sh`dnf -y -q install -- ${names}`,
  upgrade: (names) => sh`dnf -y -q install -- ${names} && dnf -y -q upgrade -- ${names}`,
  remove: (names) => sh`dnf -y -q remove -- ${names}`,
  readLists: sh`dnf -y -q makecache`,
};

const yum: PackageManager = {
  name: 'yum',
  installed: rpmInstalled,
  install: (names) => sh`yum -y -q install ${names}`,
  upgrade: (names) => sh`yum -y -q install ${names} && yum -y -q update ${names}`,
  remove: (names) => sh`yum -y -q remove ${names}`,
  readLists: sh`yum -y -q makecache`,
};

const zypper: PackageManager = {
  name: 'zypper',
  installed: rpmInstalled,
  install: (names) => sh`zypper --non-interactive --quiet install --auto-agree-with-licenses -- ${names}`,
  upgrade: (names) =>
    sh`zypper --non-interactive --quiet install --auto-agree-with-licenses -- ${names} && zypper --non-interactive --quiet update -- ${names}`,
  remove: (names) => sh`zypper --non-interactive --quiet remove -- ${names}`,
  readLists: sh`zypper --non-interactive --quiet refresh`,
};

const apk: PackageManager = {
  name: 'apk',
  installed: (names) => sh`for name in ${names}; do
  version=$(apk info -e -v "$name" 2>/dev/null) && printf '%s %s\\n' "$name" "$version"
done`,
  install: (names) => sh`apk add --quiet ${names}`,
  upgrade: (names) => sh`apk add --quiet --upgrade ${names}`,
  remove: (names) => sh`apk del --quiet ${names}`,
  readLists: sh`apk update --quiet`,
};

const pacman: PackageManager = {
  name: 'pacman',
  installed: (names) => sh`pacman -Q -- ${names} 2>/dev/null`,
  install: (names) => sh`pacman -S --noconfirm --needed -- ${names}`,
  upgrade: (names) => sh`pacman -S --noconfirm --needed -- ${names}`,
  remove: (names) => sh`pacman -R --noconfirm -- ${names}`,
  readLists: sh`pacman -Sy --noconfirm`,
};

/** In the order in which a host is asked for them; apt comes before all of these. */
export const packageManagers: readonly PackageManager[] = [dnf, yum, zypper, apk, pacman];

/** The manager a host named, or undefined. */
export function packageManager(name: string): PackageManager | undefined {
  return packageManagers.find((manager) => manager.name === name);
}

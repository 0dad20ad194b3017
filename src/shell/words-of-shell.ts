/** The place in a script of ours that dash, bash or ash puts before its words: it helps nobody. */
export const placeInShell = /^(\/bin\/)?sh: (line )?(\d+: )?(eval: )?(line )?(\d+: )?/gm;

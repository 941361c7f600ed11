export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Hidden command: prints what could come next, a line each: the word, a tab, what it is. */
export const COMPLETE = '__complete';

/** What a shell reads once. It asks the program itself each time, so it never grows old. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# bash completion of novalet. In ~/.bashrc: source <(novalet completion bash)
_novalet() {
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}") word rest
  COMPREPLY=()
  while IFS=$'\\t' read -r word rest; do
    COMPREPLY+=("$word")
  done < <("\${COMP_WORDS[0]}" ${COMPLETE} -- "\${words[@]}" 2>/dev/null)
  if [ "\${#COMPREPLY[@]}" -eq 0 ]; then compopt -o default; fi
}
complete -F _novalet novalet
`,
  zsh: `#compdef novalet
# zsh completion of novalet. In ~/.zshrc, after compinit: source <(novalet completion zsh)
_novalet() {
  local -a candidates
  local word rest
  while IFS=$'\\t' read -r word rest; do
    candidates+=("\${word//:/\\\\:}:\${rest}")
  done < <("\${words[1]}" ${COMPLETE} -- "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#candidates} )); then _describe novalet candidates; else _files; fi
}
if [ "\${funcstack[1]}" = _novalet ]; then _novalet "$@"; else compdef _novalet novalet; fi
`,
  fish: `# fish completion of novalet. In ~/.config/fish/completions/novalet.fish: novalet completion fish | source
function __novalet_complete
    set -l words (commandline -opc)
    set -l program $words[1]
    set -e words[1]
    set -l current (commandline -ct)
    $program ${COMPLETE} -- $words "$current" 2>/dev/null
end
complete -c novalet -f -a '(__novalet_complete)'
`,
};

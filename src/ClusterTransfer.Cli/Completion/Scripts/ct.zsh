#compdef ct
# zsh completion of ct. For now:  source <(ct completion zsh)
# For good:  ct completion zsh > "${fpath[1]}/_ct"
_ct() {
  local -a lines words_of words_about leads leads_about
  local line value about
  lines=("${(@f)$("${${(Q)words[1]}/#\~/$HOME}" complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
  for line in $lines; do
    value=${line%%$'\t'*}
    about=${line/$'\t'/  -- }
    case $value in
      :files) _files ;;
      :folders) _files -/ ;;
      *[:=]) leads+=("$value"); leads_about+=("$about") ;;
      *) words_of+=("$value"); words_about+=("$about") ;;
    esac
  done
  # A location goes on with a path, a flag with a value: no blank behind these.
  (($#leads)) && compadd -l -S '' -d leads_about -a leads
  (($#words_of)) && compadd -l -d words_about -a words_of
  return 0
}
if [[ ${funcstack[1]} == _ct ]]; then _ct "$@"; else compdef _ct ct; fi

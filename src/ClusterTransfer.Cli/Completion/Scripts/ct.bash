# bash completion of ct. For now:  source <(ct completion bash)
# For good:  ct completion bash > ~/.local/share/bash-completion/completions/ct
_ct_complete() {
  local rest=${COMP_LINE:0:COMP_POINT} words=() count=0 word current lead= value about

  # bash cuts words at ':' and '=' too; what stands together on the line belongs together.
  [[ $rest == "${COMP_WORDS[0]}"* ]] || rest=${COMP_WORDS[0]}${rest#*"${COMP_WORDS[0]}"}
  for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
    if [[ $count -eq 0 || $rest == [[:space:]]* ]]; then
      rest=${rest#"${rest%%[![:space:]]*}"}
      words[count++]=
    fi
    if ((${#word} > ${#rest})); then word=$rest; fi
    words[count - 1]+=$word
    rest=${rest:${#word}}
  done

  # Of the current word only what is behind the last cut is replaced.
  current=${words[count - 1]#[\"\']}
  words[count - 1]=$current
  for word in : =; do
    if [[ $COMP_WORDBREAKS == *$word* && $current == *$word* ]]; then
      word=${current%"${current##*"$word"}"}
      if ((${#word} > ${#lead})); then lead=$word; fi
    fi
  done

  COMPREPLY=()
  while IFS=$'\t' read -r value about; do
    case $value in
      :files) compopt -o default 2>/dev/null ;;
      :folders) compopt -o default -o dirnames 2>/dev/null ;;
      *) COMPREPLY+=("${value#"$lead"}") ;;
    esac
  done < <("${1/#\~/$HOME}" complete -- "${words[@]:1}" 2>/dev/null)

  # A location goes on with a path, a flag with a value.
  if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[:=] ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _ct_complete ct

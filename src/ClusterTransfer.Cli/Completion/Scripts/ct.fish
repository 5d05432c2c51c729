# fish completion of ct. For now:  ct completion fish | source
# For good:  ct completion fish > ~/.config/fish/completions/ct.fish
function __ct_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program $words[1]
    set -e words[1]
    for line in ($program complete -- $words "$current" 2>/dev/null)
        switch $line
            case ':files'
                __fish_complete_path "$current"
            case ':folders'
                __fish_complete_directories "$current"
            case '*'
                echo $line
        end
    end
end
complete -c ct -f -a '(__ct_complete)'

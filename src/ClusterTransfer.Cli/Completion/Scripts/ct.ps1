# PowerShell completion of ct. For now:  ct completion powershell | Out-String | Invoke-Expression
# For good, add that line to the file that $PROFILE names.
Register-ArgumentCompleter -Native -CommandName ct -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $elements = @($commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { $_.ToString().Trim('"', "'") })
    $words = @($elements | Select-Object -Skip 1)
    if ($wordToComplete -and $words.Count -gt 0) { $words = @($words | Select-Object -SkipLast 1) }

    # The current word goes in a flag: older versions do not hand on empty arguments. Without a result the shell offers its files by itself.
    & $elements[0] complete "--current=$wordToComplete" '--' @words 2>$null | ForEach-Object {
        $value, $about = $_ -split "`t", 2
        if (-not $value.StartsWith(':')) {
            [System.Management.Automation.CompletionResult]::new($value, $value, 'ParameterValue', $(if ($about) { $about } else { $value }))
        }
    }
}

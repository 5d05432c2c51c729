using System.Text;

namespace ClusterTransfer.Cli.Terminal;

/// <summary>Reads from the terminal what nobody may see on it.</summary>
internal static class SecretInput
{
    private const int MaxLength = 1024;
    private const char EndOfInput = '\u0004';

    /// <summary>What is typed up to Enter, nothing of it shown; null when the input ends.</summary>
    public static string? ReadLine()
    {
        var text = new StringBuilder();
        while (true)
        {
            ConsoleKeyInfo key = Console.ReadKey(intercept: true);
            switch (key)
            {
                case { Key: ConsoleKey.Enter }:
                    return text.ToString();
                case { Key: ConsoleKey.Backspace }:
                    text.Length = Math.Max(0, text.Length - 1);
                    break;
                case { KeyChar: EndOfInput } when text.Length == 0:
                    return null;
                case { KeyChar: var typed } when !char.IsControl(typed) && text.Length < MaxLength:
                    text.Append(typed);
                    break;
                default:
                    break;
            }
        }
    }
}

using ClusterTransfer.Cli.Output;
using ClusterTransfer.Model;

namespace ClusterTransfer.Cli.Contexts;

/// <summary>A node's token and where it was found. Its text is shown to the node and to nobody else.</summary>
internal sealed class Token
{
    private Token(string text, string place)
    {
        Text = text;
        Place = place;
    }

    /// <summary>The secret.</summary>
    public string Text { get; }

    /// <summary>The variable or file that it stands in.</summary>
    public string Place { get; }

    /// <summary>The token in a text; blanks around it do not count.</summary>
    /// <param name="text">The text.</param>
    /// <param name="subject">What holds it, as a sentence begins.</param>
    /// <param name="place">The same elsewhere in a sentence; null when it is not written otherwise.</param>
    /// <exception cref="CliException">It is no token. Anything else would be refused by the header it travels in, with a worse message.</exception>
    public static Token Of(string text, string subject, string? place = null)
    {
        string token = text.Trim();
        return token.Length > 0 && token.All(c => c is > ' ' and <= '~')
            ? new Token(token, place ?? subject)
            : throw new CliException(Reason.NotAuthenticated, $"{subject} holds no token.", "A token is one line of printable ASCII characters; give the one of the node.");
    }
}

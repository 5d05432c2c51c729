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
    /// <exception cref="CliException">It is no token. Anything else would be refused by the header it travels in, with a worse message.</exception>
    public static Token Of(string text, string place)
    {
        string token = text.Trim();
        return token.Length > 0 && token.All(c => c is > ' ' and <= '~')
            ? new Token(token, place)
            : throw new CliException(Reason.NotAuthenticated, $"{place} holds no token.", "A token is one line of printable ASCII characters; give the one of the node.");
    }
}

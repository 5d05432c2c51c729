namespace ClusterTransfer.Model;

/// <summary>What a node or location may be called: safe in a path, a certificate, a queue name and a URL.</summary>
internal static class NameRules
{
    private const int MaxLength = 63;

    public static bool IsName(string value, int minLength)
    {
        if (value.Length < minLength || value.Length > MaxLength || value[0] == '-' || value[^1] == '-')
        {
            return false;
        }

        foreach (char c in value)
        {
            if (!(c is >= 'a' and <= 'z' or >= '0' and <= '9' or '-'))
            {
                return false;
            }
        }

        return true;
    }
}

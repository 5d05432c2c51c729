namespace ClusterTransfer.Actors;

/// <summary>Names of the form <c>$a</c>, <c>$b</c> … for actors that were given none; users cannot choose them, so they never collide.</summary>
internal static class GeneratedNames
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+~";

    public static string Of(long number)
    {
        Span<char> text = stackalloc char[12];
        text[0] = '$';
        int length = 1;
        do
        {
            text[length++] = Alphabet[(int)(number & 63)];
            number >>>= 6;
        }
        while (number != 0);
        return new string(text[..length]);
    }
}

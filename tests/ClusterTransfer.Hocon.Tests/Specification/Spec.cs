namespace ClusterTransfer.Hocon.Tests.Specification;

/// <summary>What a text means, said in JSON. An apostrophe stands for a quote in both, so that cases stay readable.</summary>
internal static class Spec
{
    public static void Means(string text, string json, Func<string, string?>? environment = null) =>
        Assert.Equal(Quote(json), HoconParser.ParseValue(Quote(text), "spec", Options(environment)).Render(HoconRenderOptions.Concise));

    public static HoconException Refused(string text, string part = "") => Refused(text, part, environment: null);

    public static HoconException Refused(string text, string part, Func<string, string?>? environment)
    {
        HoconException error = Assert.Throws<HoconException>(() => HoconParser.ParseValue(Quote(text), "spec", Options(environment)));
        Assert.Contains(part, error.Problem, StringComparison.Ordinal);
        return error;
    }

    public static string Quote(string text) => text.Replace('\'', '"');

    private static HoconParserOptions Options(Func<string, string?>? environment) => new() { Environment = environment ?? (_ => null) };
}

namespace ClusterTransfer.Hocon;

/// <summary>The formats a text may have. Of a file the extension decides: <c>.json</c>, <c>.properties</c>, anything else is HOCON.</summary>
public enum HoconSyntax
{
    /// <summary>HOCON.</summary>
    Conf,

    /// <summary>JSON, strictly: no comments, no unquoted strings, no substitutions.</summary>
    Json,

    /// <summary>Java properties: <c>a.b = text</c>; every value is a string, keys are split at every dot.</summary>
    Properties,
}

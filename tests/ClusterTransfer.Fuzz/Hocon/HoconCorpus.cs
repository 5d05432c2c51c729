namespace ClusterTransfer.Fuzz.Hocon;

/// <summary>Valid texts to damage, and pieces to damage them with.</summary>
public static class HoconCorpus
{
    public static readonly string[] Conf =
    [
        """"
        # A file like any other.
        base { folder = "/srv/data", list = [1, 2, 3] [4], nested.key = ${?HOME} }
        node = ${base} { name = alpha, folder = ${base.folder}"/sub" }
        node.list += 5
        text = """several
        lines"""
        time { out = 10s, size = 64 MiB, on = yes }
        copy = ${node.list} ${base.list}
        time = ${time} { more = ${time.out} }
        """",
        "cluster-transfer {\n  node { name = beta, state-folder = state }\n  hub.address = \"alpha:7401\"\n  data { listen = \"0.0.0.0:7402\", advertise = [\"beta:7402\"] }\n  data-plane.chunk-size = 8MiB\n}\n",
        "path : \"a:b:c\"\npath : ${path}\":d\"\n",
        "foo : { a : { c : 1 } }\nfoo : ${foo.a}\nfoo : { a : 2 }\n",
        "bar : { a : ${foo.d}, b : 1 }\nbar.b = 3\nfoo : { c : ${bar.b}, d : 2 }\nfoo.d = 4\n",
        "a = 1\nb = 2\na = ${b}\nb = ${a}\n",
        "a = ${b}\nb = ${c}\nc = ${a}\n",
        "a = ${?a}foo\na += 1\n",
        "l.0 = x, l.1 = y\nm = [z] ${l}\nl += w\n",
        "x { my include = 1 }\n\"include\" = 2\na include = 3\n",
        "{ \"a\": {\"b\": [1, -2.5e3, true, false, null, \"x\\u0041\\n\"]}, \"c\" : {} }",
        "[ { a = ${?HOME} }, [1, 2] [3], \"\"\"x\"\"\"\" ]",
        "a.b.c.d.e.f.g = 1\na.b.c { h = ${a.b.c.d} }\na.b = null\na.b { i = ${?a.b.c} }\n",
        "d = 1 d\ne = ${d}${d} ${d}\nf = [ ${e} ${e}, ${?none}, ${?none} ${e} ]\n",
    ];

    public static readonly string[] Json =
    [
        "{ \"a\": {\"b\": [1, -2.5e3, true, false, null, \"x\\u0041\\n\"]}, \"c\" : {} }",
        "[ {\"a.b\": \"${x}\"}, [], [[1], {\"\": 0.5E-3}] ]",
    ];

    public static readonly string[] Properties =
    [
        "# comment\n! another\na.b=hello\na = lost\nkey with = value\nlong = one \\\n   two\\\n  three\nuni = \\u00e9\\t\\x\n. = dots\na. : end\nempty\n",
        "a=1\r\na.b=2\r\na.b.c=3\r\n0=x\\\r\n  y\r\n",
    ];

    public static readonly string[] AccessorPaths = ["a", "a.b", "a..b", ".a", "a.", "", "\"a.b\".c", "a b.c", " a ", "1.5", "a-b_c", "${a}", "\"\"", "a.\"x\\u0041\".b", "a\tb", "é.x", "a = b", "# x"];

    private static readonly string[] Units = ["", "", "ms", " s", "ns", "us", " minutes", "h", "d", " days", "w", " months", "y", "B", "K", "KiB", "kB", " MB", "GiB", "EiB", "YB", "x", " 10 s"];

    private static readonly string[] Numbers =
    [
        "0", "1", "-1", "+1", "1.5", "-0", "007", "2147483647", "2147483648", "-2147483649", "4294967296", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
        "1e3", "1e400", "-1e400", "1e-400", "0.1", "1E2", "1e", "e1", ".5", "5.", "79228162514264337593543950336", "true", "yes", "off", "null", "[1, a]", "[]", "{ 0 = a, 1 = b }", "{ x = a }", "[[1]]", "\"10 s\"",
    ];

    /// <summary>A value that some conversion takes, or nearly.</summary>
    public static string Number(Random random) => Numbers[random.Next(Numbers.Length)] + Units[random.Next(Units.Length)];

    public static readonly string[] Pieces =
    [
        "a", "b", "a.b", "c.a", "=", ":", "+=", "{", "}", "[", "]", ",", "\n", " ", "\t", "\r\n", "\"", "\"\"\"", "\"x\"", "\\", "\\u00", "${", "${a}", "${?b}",
        "${a.b}", "${?c.a}", "}", "$", "?", "#", "//", "include ", "include \"x\"", "include required(file(\"x\"))", "file(", ")", "required(", "1", "-1.5e9", "10s", "64MiB",
        "true", "null", "\0", "\u2028", "\uFEFF", "\uD800", "\u0085", "é", "😀", "a = ${a}x\n", "a { b = 1 }\n", "b = ${a}\n", "a = [1]\n", "a += 2\n", "c = ${a} ${b}\n",
        "b { a = ${c} }\n", "a.0 = ${b}\n", "[[[[[[[[", "{a={a={a=", "}}}}}}", "]]]]]]]]", "a.a.a.a.a.a.a.a", "1e999999999", "99999999999999999999999999 days",
    ];
}

using System.Text.Json;
using ClusterTransfer.Model;

namespace ClusterTransfer.Wire.Tests.Hashing;

/// <summary>The official test vectors: input byte i is i mod 251; of each output the first 32 bytes.</summary>
internal static class Blake3Vectors
{
    public static IReadOnlyList<(int Length, Digest Hash)> All { get; } = Load();

    public static byte[] Input(int length)
    {
        byte[] input = new byte[length];
        for (int i = 0; i < length; i++)
        {
            input[i] = (byte)(i % 251);
        }

        return input;
    }

    private static List<(int Length, Digest Hash)> Load()
    {
        using Stream stream = TestData.Open("Data/blake3_test_vectors.json");
        using var document = JsonDocument.Parse(stream);
        return
        [
            .. document.RootElement.GetProperty("cases").EnumerateArray().Select(test => (
                test.GetProperty("input_len").GetInt32(),
                Digest.Parse(test.GetProperty("hash").GetString()![..64], null))),
        ];
    }
}

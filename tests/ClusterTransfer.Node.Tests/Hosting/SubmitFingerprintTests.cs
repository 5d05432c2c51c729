using System.Text;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;
using ClusterTransfer.Node.Api;
using ClusterTransfer.Node.Hosting;
using Microsoft.AspNetCore.Http;

namespace ClusterTransfer.Node.Tests.Hosting;

public sealed class SubmitFingerprintTests
{
    private const string Least = """{"source":"src:a","destination":"beta:in"}""";

    [Theory]
    [InlineData(""" { "destination" : "beta:in" , "source":"src:a" } """)]
    [InlineData("""{"source":"src:a","destination":"beta:in","as":null,"conflict":"Fail","durability":"flushed","connections":null,"connectionPolicy":"Flexible"}""")]
    [InlineData("""{"SOURCE":"src:\u0061","destination":"beta:in","ofALaterVersion":1}""")]
    public async Task SameRequest_HoweverWritten_HasOneFingerprint(string body) => Assert.Equal(await OfAsync(Least), await OfAsync(body));

    [Theory]
    [InlineData("""{"source":"src:b","destination":"beta:in"}""")]
    [InlineData("""{"source":"beta:in","destination":"src:a"}""")]
    [InlineData("""{"source":"src:a","destination":"beta:in","as":"a"}""")]
    [InlineData("""{"source":"src:a","destination":"beta:in","conflict":"Skip"}""")]
    [InlineData("""{"source":"src:a","destination":"beta:in","durability":"Verified"}""")]
    [InlineData("""{"source":"src:a","destination":"beta:in","connections":1}""")]
    [InlineData("""{"source":"src:a","destination":"beta:in","connectionPolicy":"Strict"}""")]
    [InlineData("""{"source":"src:a\nas=\"x\"","destination":"beta:in"}""")]
    public async Task AnotherRequest_HasAnother(string body) => Assert.NotEqual(await OfAsync(Least), await OfAsync(body));

    [Fact]
    public void Fingerprint_IsPinned_BecauseJournalsKeepIt() => Assert.Equal(
        "0f8911b9809763711370134642e8b00e0354079fde9804a9dea5345b4b27be2b",
        SubmitFingerprint.Of(new SubmitTransfer
        {
            Source = "src:ä", Destination = "beta:in", As = "x", Conflict = ConflictPolicy.Skip, Durability = DurabilityLevel.Verified, Connections = 4, ConnectionPolicy = ConnectionPolicy.Strict,
        }));

    private static async Task<string> OfAsync(string body)
    {
        var context = new DefaultHttpContext();
        context.Request.ContentType = "application/json";
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(body));
        return SubmitFingerprint.Of(await SubmitBody.ReadAsync(context.Request, body.Length, TestContext.Current.CancellationToken));
    }
}

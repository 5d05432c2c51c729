using System.Text.Json;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Output;

/// <summary>One transfer, or a page of them, as results.</summary>
internal static class TransferResult
{
    public static JsonElement Json(TransferResource transfer) => JsonText.Of(transfer, ApiJson.Default.TransferResource);

    /// <summary>One transfer with all there is to it.</summary>
    public static Result Details(TransferResource transfer) => Of(transfer, (output, isWide) => TransferDetails.Write(output, transfer, isWide));

    /// <summary>How one transfer that was followed has ended, or how far it is.</summary>
    public static Result Outcome(TransferResource transfer) => Of(transfer, (output, isWide) =>
    {
        TransferText.WriteSummary(output, transfer);
        if (isWide)
        {
            TransferDetails.Write(output, transfer, isWide);
        }
    });

    /// <summary>One transfer about which people are told one sentence.</summary>
    public static Result Sentence(TransferResource transfer, string text) => Of(transfer, (output, _) => output.WriteLine(text));

    public static Result Page(TransferPage page) => new()
    {
        Document = () => JsonText.Of(page, ApiJson.Default.TransferPage),
        Lines = () => page.Items.Select(Json),
        Names = () => page.Items.Select(transfer => transfer.Id.Value),
        Text = (output, isWide) => TransferTable.Write(output, page.Items, isWide),
    };

    private static Result Of(TransferResource transfer, Action<TextWriter, bool> text) => new()
    {
        Document = () => Json(transfer),
        Names = () => [transfer.Id.Value],
        Text = text,
    };
}

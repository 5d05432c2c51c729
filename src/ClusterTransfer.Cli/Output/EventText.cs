using ClusterTransfer.Model;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Cli.Output;

/// <summary>The story of a transfer, a line for each event. The columns are as wide as the usual words: nobody knows what comes.</summary>
internal static class EventText
{
    public static string Header(bool isWide) => isWide
        ? $"{"EVENT",5}  {"TIME",-20}  {"KIND",-20}  {"STATE",-11}  {"FILES",9}  {"ON DISK",9}  {"EPOCH",-5}  TEXT"
        : $"{"EVENT",5}  {"TIME",-20}  {"KIND",-20}  TEXT";

    public static string Line(TransferEvent item, bool isWide)
    {
        TransferResource transfer = item.Transfer;
        string start = $"{item.Sequence,5}  {Units.Time(item.At),-20}  {PathText.EscapeControls(item.Kind),-20}  ";
        return isWide
            ? $"{start}{TransferText.StateOf(transfer),-11}  {Units.Count(transfer.Progress.FilesPublished),9}  {Units.Bytes(transfer.Progress.BytesDurable),9}  {transfer.Epoch,-5}  {item.Text}"
            : start + item.Text;
    }
}

using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Model.Control;
using ClusterTransfer.Transfers.Peers;
using ClusterTransfer.Transfers.Work;
using ClusterTransfer.Wire.Frames;
using ClusterTransfer.Wire.Manifests;

namespace ClusterTransfer.Transfers.Sessions;

// Manifest pages: a few at a time are announced; the destination answers each with what it holds, and only then its chunks move.
internal sealed partial class SourceSession
{
    private const int NoCarrier = -1;

    private readonly Dictionary<int, AnnouncedPage> _announced = [];
    private int _loading;
    private int _nextPage;
    private int _pagesAnswered;
    private int _pagesAtPeer = -1;
    private int _sealCarrier = NoCarrier;

    private void PumpPages()
    {
        if (_pagesAtPeer < 0 || Connections.Count == 0)
        {
            return;
        }

        foreach (AnnouncedPage page in _announced.Values.Where(page => page.Carrier == NoCarrier))
        {
            SendPage(page);
        }

        while (_nextPage < _outgoing!.PageCount
            && _loading + _announced.Count + _ledger.OpenPages < Services.Options.ActivePages)
        {
            int number = _nextPage++;
            _loading++;
            Step(
                "reading the manifest",
                () => (Page: _outgoing.GetPage(number), Plan: _outgoing.GetPlan(number), Encoded: _outgoing.ReadEncodedPage(number)),
                loaded => new SourceProtocol.PageLoaded(loaded.Page, loaded.Plan, loaded.Encoded));
        }
    }

    private void OnPageLoaded(SourceProtocol.PageLoaded loaded)
    {
        _loading--;
        var page = new AnnouncedPage(loaded.Page, loaded.Plan, loaded.Encoded);
        _announced[loaded.Page.Number] = page;
        SendPage(page);
    }

    private void SendPage(AnnouncedPage page)
    {
        if (AnyConnection() is not { } connection)
        {
            return;
        }

        // The destination keeps pages across sessions: of one it has, an empty body only asks what it holds.
        byte[] body = page.Page.Number < _pagesAtPeer ? [] : page.Encoded;
        page.Carrier = connection.Number;
        page.Restart();
        connection.Send(Frame(FrameType.ManifestPage, body, entry: (uint)page.Page.Number));
    }

    private void OnHaveBits(SessionProtocol.ControlFrame frame, HaveBitsBody have)
    {
        if (have.IsPagesAccepted)
        {
            if (_pagesAtPeer >= 0)
            {
                return;
            }

            if (have.AcceptedPages > _outgoing!.PageCount)
            {
                End(SessionEnd.Failed, new Problem(
                    Reason.ProtocolViolation, $"{Command.Peer} holds {have.AcceptedPages} manifest pages of this transfer; this node made only {_outgoing.PageCount}."));
                return;
            }

            ComparePages(have);
            return;
        }

        if (!_announced.TryGetValue(have.Page, out AnnouncedPage? page) || page.Carrier != frame.From.Number)
        {
            return;
        }

        if (!page.Add(have))
        {
            frame.From.Actor.Tell(new ConnectionProtocol.GiveUp(
                new Problem(Reason.ProtocolViolation, $"{Command.Peer} answered page {have.Page} with bits of other chunks.")));
            return;
        }

        if (page.IsAnswered)
        {
            _announced.Remove(have.Page);
            _pagesAnswered++;
            foreach (EntryIndex held in _ledger.Open(page.Page, page.Plan, chunk => page.Held[chunk.Value - page.Plan.FirstChunk] && !page.Lost.Contains(chunk)))
            {
                if (!page.Final.Contains(held))
                {
                    FindRoot(held);
                }
            }

            PumpPages();
            SendSealWhenDue();
            Dispatch();
        }
    }

    // Both ends must hold the same pages: their hashes are chained, so the last one speaks for all.
    private void ComparePages(HaveBitsBody have)
    {
        int pages = have.AcceptedPages;
        Digest theirs = have.LastPageHash;
        Step(
            "reading the manifest",
            () => pages == 0 || ManifestCodec.HashOf(_outgoing!.ReadEncodedPage(pages - 1)) == theirs,
            same => new SourceProtocol.PagesCompared(pages, same));
    }

    private void OnPagesCompared(SourceProtocol.PagesCompared compared)
    {
        if (!compared.Same)
        {
            End(SessionEnd.Failed, new Problem(
                Reason.ProtocolViolation, $"{Command.Peer} holds another manifest of this transfer than this node. Cancel it and submit it again."));
            return;
        }

        if (_pagesAtPeer < 0)
        {
            _pagesAtPeer = compared.Pages;
            PumpPages();
            SendSealWhenDue();
        }
    }

    private void OnFilesFinal(FileDoneBody done)
    {
        foreach ((EntryIndex entry, _) in done.Files)
        {
            _roots.Remove(entry);
            foreach (AnnouncedPage page in _announced.Values)
            {
                page.Final.Add(entry);
            }
        }
    }

    private void SendSealWhenDue()
    {
        if (_outgoing?.Seal is { } seal && _sealCarrier == NoCarrier && _pagesAtPeer >= 0
            && _pagesAnswered == seal.Pages && AnyConnection() is { } connection)
        {
            _sealCarrier = connection.Number;
            connection.Send(Frame(FrameType.ManifestSeal, new ManifestSealBody(seal).ToArray()));
        }
    }

    // Frames that were on a dead connection may not have arrived: whatever is not answered goes over another one.
    private void ForgetCarrier(int connection)
    {
        foreach (AnnouncedPage page in _announced.Values.Where(page => page.Carrier == connection))
        {
            page.Carrier = NoCarrier;
        }

        if (_sealCarrier == connection)
        {
            _sealCarrier = NoCarrier;
        }

        SendRootsOf(connection);
    }

    // When the last connection died, what it carried waits without a carrier for the next one.
    private void SendRootsOf(int carrier)
    {
        foreach (EntryIndex entry in _roots.Where(root => root.Value.Carrier == carrier).Select(root => root.Key).ToArray())
        {
            SendRoot(entry, _roots[entry].Root);
        }
    }

    private sealed class AnnouncedPage(ManifestPage page, PagePlan plan, byte[] encoded)
    {
        private int _covered;
        private int _answers;

        public ManifestPage Page { get; } = page;

        public PagePlan Plan { get; } = plan;

        public byte[] Encoded { get; } = encoded;

        public int Carrier { get; set; } = NoCarrier;

        public ChunkBits Held { get; private set; } = new();

        public HashSet<EntryIndex> Final { get; } = [];

        /// <summary>Chunks that the destination found damaged since it answered.</summary>
        public HashSet<ChunkIndex> Lost { get; } = [];

        public bool IsAnswered => _covered == Plan.ChunkCount && _answers > 0;

        public void Restart()
        {
            _covered = 0;
            _answers = 0;
            Held = new ChunkBits();
        }

        /// <summary>Adds one frame of bits; they come in order. False when they are not of this page or not next.</summary>
        public bool Add(HaveBitsBody have)
        {
            if (have.FirstChunk != Plan.FirstChunk + (uint)_covered || have.Count > Plan.ChunkCount - _covered)
            {
                return false;
            }

            for (int i = 0; i < have.Count; i++)
            {
                Held[(uint)(_covered + i)] = have.IsSet(i);
            }

            _covered += have.Count;
            _answers++;
            return true;
        }
    }
}

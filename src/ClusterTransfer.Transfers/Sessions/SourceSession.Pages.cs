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

    // A peer that refuses pages as too early so often in a row, with none accepted between, is not waiting for them.
    private const int MaxPageRounds = 16;

    private readonly SortedDictionary<int, AnnouncedPage> _announced = [];
    private int _loading;

    // All pages go over one connection until it ends: only a connection keeps order, and the destination takes no page before its predecessor.
    private int _pageCarrier = NoCarrier;
    private int _pageToSend;
    private long _chunksAnnounced;
    private bool _comparing;
    private int _pageRounds;
    private int _nextPage;
    private int _pagesAnswered;
    private int _pagesAtPeer = -1;
    private int _sealCarrier = NoCarrier;

    private void PumpPages()
    {
        if (_pagesAtPeer < 0 || Connections.Count == 0 || IsDraining)
        {
            return;
        }

        SendPages();
        ReadLost();
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
        _announced[loaded.Page.Number] = new AnnouncedPage(loaded.Page, loaded.Plan, loaded.Encoded);
        SendPages();
    }

    private void SendPages()
    {
        // Pages that came too early are sent again together with what was missing, once the destination has spoken on all that are on their way.
        if (PageCarrier() is not { } carrier
            || (_announced.Values.Any(page => page.CameEarly) && _announced.Values.Any(page => page.Carrier != NoCarrier)))
        {
            return;
        }

        foreach (AnnouncedPage page in _announced.Values.Where(page => page.Carrier == NoCarrier))
        {
            int number = page.Page.Number;
            if (number > _pageToSend)
            {
                return;   // The one before is still being read.
            }

            // The destination keeps pages across sessions: of one it has, an empty body only asks what it holds.
            byte[] body = number < _pagesAtPeer ? [] : page.Encoded;
            if (ManifestCodec.IsSparse(body) && !carrier.Connection.PeerHello.Has(HelloFeatures.SparseFiles))
            {
                EndFor(new Problem(
                    Reason.VersionMismatch,
                    $"{Command.Peer} runs version {carrier.Connection.PeerHello.SoftwareVersion}, which cannot take sparse files. Upgrade it, or copy the file without holes."));
                return;
            }

            page.Restart(carrier.Number);
            _pageToSend = Math.Max(_pageToSend, number + 1);
            _chunksAnnounced = Math.Max(_chunksAnnounced, page.Plan.FirstChunk + (long)page.Plan.ChunkCount);
            carrier.Send(Frame(FrameType.ManifestPage, body, entry: (uint)number));
        }
    }

    private ConnectionHandle? PageCarrier()
    {
        if (!Connections.TryGetValue(_pageCarrier, out ConnectionHandle? carrier))
        {
            carrier = AnyConnection();
            _pageCarrier = carrier?.Number ?? NoCarrier;
        }

        return carrier;
    }

    // Answers come in the order of the pages: those before this one that are not answered got lost.
    private void OnPageEarly(SessionProtocol.ControlFrame frame)
    {
        if (frame.Header.Entry.Value > int.MaxValue
            || !_announced.TryGetValue((int)frame.Header.Entry.Value, out AnnouncedPage? early)
            || early.Carrier != frame.From.Number)
        {
            return;
        }

        if (++_pageRounds > MaxPageRounds)
        {
            EndFor(new Problem(
                Reason.SessionLost, $"{Command.Peer} refused manifest pages {_pageRounds} times in a row as too early, the last time page {early.Page.Number}."));
            return;
        }

        foreach (AnnouncedPage page in _announced.Values.TakeWhile(page => page.Page.Number <= early.Page.Number))
        {
            page.Carrier = NoCarrier;
            page.CameEarly = true;
        }

        SendPages();
    }

    private void OnHaveBits(SessionProtocol.ControlFrame frame, HaveBitsBody have)
    {
        if (have.IsPagesAccepted)
        {
            if (_pagesAtPeer >= 0 || _comparing)
            {
                return;
            }

            if (have.AcceptedPages > _outgoing!.PageCount)
            {
                EndFor(new Problem(
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
            _pageRounds = 0;
            IReadOnlyList<FileIssue> parked = ParkedEarlierOf(page);
            GiveUpEarlier(parked);
            IReadOnlyList<EntryIndex> whole = _ledger.Open(page.Page, page.Plan, page.Holds);
            FailEarlier(page.Page, page.Plan, parked);
            foreach (EntryIndex held in whole)
            {
                if (!page.Final.Contains(held) && !_failedEntries.ContainsKey(held))
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
        _comparing = true;
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
            EndFor(new Problem(
                Reason.ProtocolViolation, $"{Command.Peer} holds another manifest of this transfer than this node. Cancel it and submit it again."));
            return;
        }

        _pagesAtPeer = compared.Pages;
        PumpPages();
        SendSealWhenDue();
    }

    private void OnFilesFinal(FileDoneBody done)
    {
        foreach ((EntryIndex entry, _) in done.Files)
        {
            ForgetRoot(entry);
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

        LoseNotices(connection);
    }

    private sealed class AnnouncedPage(ManifestPage page, PagePlan plan, byte[] encoded)
    {
        private int _covered;
        private int _answers;

        public ManifestPage Page { get; } = page;

        public PagePlan Plan { get; } = plan;

        public byte[] Encoded { get; } = encoded;

        public int Carrier { get; set; } = NoCarrier;

        /// <summary>The destination had not the page before when this one came.</summary>
        public bool CameEarly { get; set; }

        public ChunkBits Held { get; private set; } = new();

        public HashSet<EntryIndex> Final { get; } = [];

        /// <summary>Chunks that the destination found damaged since it answered.</summary>
        public HashSet<ChunkIndex> Lost { get; } = [];

        public bool Holds(ChunkIndex chunk) => Held[chunk.Value - Plan.FirstChunk] && !Lost.Contains(chunk);

        public bool IsAnswered => _covered == Plan.ChunkCount && _answers > 0;

        public void Restart(int carrier)
        {
            Carrier = carrier;
            CameEarly = false;
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

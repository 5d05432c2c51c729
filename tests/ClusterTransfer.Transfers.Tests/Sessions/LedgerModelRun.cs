using ClusterTransfer.Actors;
using ClusterTransfer.Model;
using ClusterTransfer.Transfers.Sessions;
using ClusterTransfer.Transfers.Tests.Support;
using ClusterTransfer.Wire.Manifests;
using static ClusterTransfer.Transfers.Tests.Support.Manifests;

namespace ClusterTransfer.Transfers.Tests.Sessions;

/// <summary>Drives a ledger with random operations beside a model that keeps one state a chunk in a plain dictionary.</summary>
internal sealed class LedgerModelRun
{
    private enum Place
    {
        Unopened,
        Pending,
        Waiting,
        InFlight,
        Settled,
        Parked,
    }

    private readonly SourceLedger _ledger = new();
    private readonly Random _random;
    private readonly int _seed;
    private readonly List<(ManifestPage Page, PagePlan Plan)> _pages = [];
    private readonly Dictionary<uint, Place> _chunks = [];
    private readonly Dictionary<uint, int> _attempts = [];
    private readonly HashSet<uint> _abandoned = [];
    private readonly HashSet<uint> _completed = [];
    private int _opened;

    public LedgerModelRun(int seed)
    {
        _seed = seed;
        _random = new Random(seed);
        uint entry = 0;
        uint chunk = 0;
        for (int number = 0; number < 3; number++)
        {
            long[] sizes = [.. Enumerable.Range(0, _random.Next(1, 6)).Select(_ => _random.Next(3) == 0 ? _random.Next(0, 1000) : _random.Next(1, 5) * (long)MiB)];
            ManifestPage page = Page(number, entry, chunk, sizes);
            var plan = new PagePlan(page);
            _pages.Add((page, plan));
            entry += (uint)sizes.Length;
            chunk += (uint)plan.ChunkCount;
        }

        for (uint i = 0; i < chunk; i++)
        {
            _chunks[i] = Place.Unopened;
        }
    }

    public void Run()
    {
        for (int step = 0; step < 200; step++)
        {
            switch (_random.Next(16))
            {
                case 0: OpenNext(); break;
                case 1 or 2 or 3 or 4: TakeOne(_random.Next(4) == 0 ? _random.Next(2 * MiB) : long.MaxValue); break;
                case 5 or 6 or 7: SettleOne(); break;
                case 8 or 9: RequeueOne(); break;
                case 10: ReopenOne(); break;
                case 11 or 12: WaitOne(); break;
                case 13 or 14: WakeOne(); break;
                case 15: if (_random.Next(4) == 0) { ParkOne(); } break;
                default: if (_random.Next(4) == 0) { AbandonOne(); } break;
            }

            Check();
        }

        Drain();
    }

    // Whatever happened, taking and settling what is given ends with everything settled.
    private void Drain()
    {
        while (_opened < _pages.Count)
        {
            OpenNext();
        }

        for (int i = 0; i < 10_000 && (TakeOne(long.MaxValue) || In(Place.InFlight).Length > 0 || In(Place.Waiting).Length > 0); i++)
        {
            WakeOne();

            if (In(Place.InFlight).Length > 0)
            {
                SettleOne();
            }

            Check();
        }

        Assert.All(_chunks, pair => Assert.True(IsOver(pair.Key), $"Chunk {pair.Key} is {pair.Value} at the end (seed {_seed})."));
        Assert.True(_ledger.OpenPages == 0, $"A page stays open (seed {_seed}).");
    }

    private void OpenNext()
    {
        if (_opened == _pages.Count)
        {
            return;
        }

        (ManifestPage page, PagePlan plan) = _pages[_opened++];
        HashSet<uint> held = [];
        for (uint chunk = plan.FirstChunk; chunk < plan.FirstChunk + (uint)plan.ChunkCount; chunk++)
        {
            bool isHeld = _random.Next(3) == 0;
            _chunks[chunk] = isHeld ? Place.Settled : Place.Pending;
            if (isHeld)
            {
                held.Add(chunk);
            }
        }

        uint[] complete = [.. OwnFiles(page, plan).Where(file => ChunksOf(plan, file).All(held.Contains))];
        _completed.UnionWith(complete);
        Assert.Equal(complete, _ledger.Open(page, plan, chunk => held.Contains(chunk.Value)).Select(entry => entry.Value));
    }

    private bool TakeOne(long room)
    {
        int connection = _random.Next(1, 3);
        ChunkToSend? taken = _ledger.Take(room, connection);
        if (taken is null)
        {
            // Only a chunk that does not fit may be kept back.
            Assert.True(
                In(Place.Pending).Length == 0 || In(Place.Pending).Any(chunk => PlanOf(chunk).At(new ChunkIndex(chunk)).Length > room),
                $"Chunks are pending and none is given (seed {_seed}).");
            return false;
        }

        uint index = taken.Chunk.Index.Value;
        Assert.True(_chunks[index] == Place.Pending, $"Chunk {index} is given while it is {_chunks[index]} (seed {_seed}).");
        Assert.True(taken.Chunk.Length <= room, $"Chunk {index} exceeds the room (seed {_seed}).");
        Assert.Equal(_attempts.GetValueOrDefault(index) + 1, taken.Attempt);
        _ledger.Launch(new ChunkInFlight(taken.Chunk, taken.Page, connection, ActorRefs.Nobody, taken.Attempt));
        _chunks[index] = Place.InFlight;
        return true;
    }

    private void SettleOne()
    {
        if (Any(Place.InFlight) is not { } index)
        {
            return;
        }

        _chunks[index] = Place.Settled;
        _attempts.Remove(index);
        PlannedChunk chunk = PlanOf(index).At(new ChunkIndex(index));
        bool completes = !chunk.IsPacked && ChunksOf(PlanOf(index), chunk.Entry.Value).All(IsOver)
            && !_abandoned.Contains(chunk.Entry.Value);
        EntryIndex? file = _ledger.Settle(new ChunkIndex(index));
        Assert.True((file is not null) == completes, $"Chunk {index}: file {file} named, expected {completes} (seed {_seed}).");
        if (completes)
        {
            Assert.Equal(chunk.Entry, file);
            Assert.True(_completed.Add(chunk.Entry.Value), $"File {file} completed twice (seed {_seed}).");
        }
    }

    private void RequeueOne()
    {
        if (Any(Place.InFlight) is { } index)
        {
            // Of its own accord, or at the cost of an attempt.
            ChunkTrouble? trouble = _random.Next(2) == 0 ? null : SomeTrouble();
            Assert.True(_ledger.Requeue(new ChunkIndex(index), trouble));
            _chunks[index] = Place.Pending;
            _attempts[index] = trouble?.Attempts ?? _attempts.GetValueOrDefault(index);
        }
    }

    private void WaitOne()
    {
        if (Any(Place.InFlight) is { } index)
        {
            ChunkTrouble trouble = SomeTrouble();
            _ledger.Wait(new ChunkIndex(index), trouble);
            _chunks[index] = Place.Waiting;
            _attempts[index] = trouble.Attempts;
        }
    }

    private void WakeOne()
    {
        // Also one that does not wait any more: a timer that was not stopped.
        if ((Any(Place.Waiting) ?? Any(Place.Settled)) is { } index)
        {
            _ledger.Wake(new ChunkIndex(index));
            _chunks[index] = _chunks[index] == Place.Waiting ? Place.Pending : _chunks[index];
        }
    }

    // Its file fails with it, as the session does.
    private void ParkOne()
    {
        if (Any(Place.InFlight) is not { } index)
        {
            return;
        }

        _ledger.Park(new ChunkIndex(index));
        _chunks[index] = Place.Parked;
        _attempts.Remove(index);
        PlannedChunk chunk = PlanOf(index).At(new ChunkIndex(index));
        if (!chunk.IsPacked)
        {
            Abandon(_pages.FindIndex(page => page.Plan == PlanOf(index)), chunk.Entry.Value);
        }
    }

    private ChunkTrouble SomeTrouble() => new(_random.Next(8), _random.Next(1, 3), Samples.Noon);

    private bool IsOver(uint chunk) => _chunks[chunk] is Place.Settled or Place.Parked;

    private void ReopenOne()
    {
        if (Any(Place.Settled) is not { } index)
        {
            return;
        }

        PagePlan plan = PlanOf(index);
        EntryIndex entry = plan.At(new ChunkIndex(index)).Entry;
        if (_abandoned.Contains(entry.Value))
        {
            return;
        }

        bool isOpen = Enumerable.Range(0, plan.ChunkCount).Any(i => !IsOver(plan.FirstChunk + (uint)i));
        int page = _pages.FindIndex(candidate => candidate.Plan == plan);
        Assert.Equal(isOpen, _ledger.Reopen(page, new ChunkIndex(index)));
        if (!isOpen)
        {
            // As the session does for a page that is over.
            _ledger.Open(_pages[page].Page, plan, chunk => chunk.Value != index);
        }

        _chunks[index] = Place.Pending;
        _completed.Remove(entry.Value);
    }

    private void AbandonOne()
    {
        if (_opened == 0)
        {
            return;
        }

        int number = _random.Next(_opened);
        (ManifestPage page, PagePlan plan) = _pages[number];
        uint[] files = [.. OwnFiles(page, plan)];
        if (files.Length == 0)
        {
            return;
        }

        Abandon(number, files[_random.Next(files.Length)]);
    }

    private void Abandon(int number, uint file)
    {
        PagePlan plan = _pages[number].Plan;
        uint[] inFlight = [.. ChunksOf(plan, file).Where(chunk => _chunks[chunk] == Place.InFlight)];
        Assert.Equal(inFlight, _ledger.Abandon(number, new EntryIndex(file)).Select(stopped => stopped.Chunk.Index.Value));
        foreach (uint chunk in ChunksOf(plan, file))
        {
            _chunks[chunk] = _chunks[chunk] == Place.Parked ? Place.Parked : Place.Settled;
            _attempts.Remove(chunk);
        }

        _abandoned.Add(file);
    }

    private void Check()
    {
        uint[] inFlight = In(Place.InFlight);
        Assert.Equal(inFlight, _ledger.InFlight.Keys.Select(chunk => chunk.Value).Order());
        Assert.Equal(inFlight.Sum(chunk => (long)PlanOf(chunk).At(new ChunkIndex(chunk)).Length), _ledger.BytesInFlight);
        int open = _pages.Take(_opened).Count(page => Enumerable.Range(0, page.Plan.ChunkCount).Any(i => !IsOver(page.Plan.FirstChunk + (uint)i)));
        Assert.All(_chunks.Where(pair => pair.Value != Place.Unopened), pair => AssertState(pair.Key, pair.Value));
        Assert.True(open == _ledger.OpenPages, $"{_ledger.OpenPages} pages are open, expected {open} (seed {_seed}).");
    }

    private void AssertState(uint chunk, Place place) =>
        Assert.True(_ledger.StateOf(new ChunkIndex(chunk)).ToString() == place.ToString(), $"Chunk {chunk} is {_ledger.StateOf(new ChunkIndex(chunk))}, expected {place} (seed {_seed}).");

    private uint[] In(Place place) => [.. _chunks.Where(pair => pair.Value == place).Select(pair => pair.Key).Order()];

    private uint? Any(Place place) => In(place) is { Length: > 0 } all ? all[_random.Next(all.Length)] : null;

    private PagePlan PlanOf(uint chunk) => _pages.First(page => page.Plan.Contains(new ChunkIndex(chunk))).Plan;

    private static IEnumerable<uint> OwnFiles(ManifestPage page, PagePlan plan) =>
        Enumerable.Range(0, page.Entries.Count).Select(i => page.FirstEntry + (uint)i)
            .Where(entry => plan.ChunksOf(new EntryIndex(entry)) is { Count: > 0 } chunks && !plan.At(chunks.First).IsPacked);

    private static IEnumerable<uint> ChunksOf(PagePlan plan, uint file)
    {
        (ChunkIndex first, int count) = plan.ChunksOf(new EntryIndex(file));
        return Enumerable.Range(0, count).Select(i => first.Value + (uint)i);
    }
}

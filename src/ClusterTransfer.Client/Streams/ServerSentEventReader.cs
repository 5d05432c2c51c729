using System.Globalization;
using System.Text;

namespace ClusterTransfer.Client.Streams;

/// <summary>Reads server-sent events of bounded size from a stream; comments are skipped.</summary>
/// <remarks>Not the parser of the framework: that one bounds neither the length of an event nor the silence between two.</remarks>
internal sealed class ServerSentEventReader(Stream stream, int maxEventBytes = 4 * 1024 * 1024)
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    /// <summary>The next event; null at the end of the stream. An unfinished event at the end is dropped, as the format demands.</summary>
    /// <param name="beforeRead">Gives the token that bounds one read from the stream: silence, not the length of an event, is what must be bounded.</param>
    /// <exception cref="IOException">The stream broke or an event is too long.</exception>
    public async ValueTask<ServerSentEvent?> ReadAsync(Func<CancellationToken> beforeRead)
    {
        long? id = null;
        string kind = "message";
        StringBuilder? data = null;
        while (true)
        {
            string? line = await ReadLineAsync(beforeRead).ConfigureAwait(false);
            if (line is null)
            {
                return null;
            }

            if (line.Length == 0)
            {
                if (data is not null)
                {
                    return new ServerSentEvent(id, kind, data.ToString());
                }

                kind = "message";
                continue;
            }

            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string field = colon < 0 ? line : line[..colon];
            string value = colon < 0 ? string.Empty : line[(colon + 1)..];
            value = value.StartsWith(' ') ? value[1..] : value;
            switch (field)
            {
                case "id" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number):
                    id = number;
                    break;
                case "event":
                    kind = value;
                    break;
                case "data":
                    data = data?.Append('\n') ?? new StringBuilder();
                    if (data.Length + value.Length > maxEventBytes)
                    {
                        throw TooLong();
                    }

                    data.Append(value);
                    break;
                default:
                    break;   // a comment (empty field), retry, or a field of a newer version
            }
        }
    }

    private async ValueTask<string?> ReadLineAsync(Func<CancellationToken> beforeRead)
    {
        int scanned = _start;
        while (true)
        {
            int newline = _buffer.AsSpan(scanned, _end - scanned).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                int end = scanned + newline;
                int length = end - _start - (end > _start && _buffer[end - 1] == (byte)'\r' ? 1 : 0);
                string line = Encoding.UTF8.GetString(_buffer, _start, length);
                _start = end + 1;
                return line;
            }

            MakeRoom();
            scanned = _end;
            int read = await stream.ReadAsync(_buffer.AsMemory(_end), beforeRead()).ConfigureAwait(false);
            if (read == 0)
            {
                return null;
            }

            _end += read;
        }
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end < _buffer.Length)
        {
            return;
        }

        if (_buffer.Length >= maxEventBytes)
        {
            throw TooLong();
        }

        Array.Resize(ref _buffer, Math.Min(_buffer.Length * 2, maxEventBytes));
    }

    private IOException TooLong() => new($"An event of the node is longer than {maxEventBytes} bytes.");
}

/// <summary>One event as it came.</summary>
internal sealed record ServerSentEvent(long? Id, string Kind, string Data);

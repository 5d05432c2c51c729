namespace ClusterTransfer.Hocon;

/// <summary>A span of the calendar. Its parts are never turned into one another: a month has no fixed number of days.</summary>
/// <param name="Years">Years, negative backwards.</param>
/// <param name="Months">Months, negative backwards.</param>
/// <param name="Days">Days, seven for each week, negative backwards.</param>
public readonly record struct HoconPeriod(int Years, int Months, int Days);

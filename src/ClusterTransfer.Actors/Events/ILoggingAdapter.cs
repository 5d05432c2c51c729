using System.Globalization;

namespace ClusterTransfer.Actors;

/// <summary>Logging in the classic form: composite format strings with arguments. It all goes where <see cref="ActorSystemSetup.Log"/> says.</summary>
public interface ILoggingAdapter
{
    /// <summary>Logs at a level.</summary>
    void Log(LogEventLevel logLevel, Exception? cause, string format, params object?[] args);
}

/// <summary>Makes logs.</summary>
public static class Logging
{
    /// <summary>A log that names the actor.</summary>
    public static ILoggingAdapter GetLogger(this IActorContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new LoggingAdapter(context.System, context.Self.Path.ToStringWithoutAddress());
    }

    /// <summary>A log that names its source.</summary>
    public static ILoggingAdapter GetLogger(ActorSystem system, object logSource)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(logSource);
        return new LoggingAdapter(system, logSource is IActorRef actor ? actor.Path.ToStringWithoutAddress() : logSource.ToString() ?? "");
    }
}

/// <summary>The classic forms.</summary>
public static class LoggingExtensions
{
    /// <summary>Logs one operation.</summary>
    public static void Debug(this ILoggingAdapter log, string format, params object?[] args) => log.Log(LogEventLevel.Debug, null, format, args);

    /// <summary>Logs a life event.</summary>
    public static void Info(this ILoggingAdapter log, string format, params object?[] args) => log.Log(LogEventLevel.Info, null, format, args);

    /// <summary>Logs something to look at later.</summary>
    public static void Warning(this ILoggingAdapter log, string format, params object?[] args) => log.Log(LogEventLevel.Warning, null, format, args);

    /// <summary>Logs something to look at later, with its cause.</summary>
    public static void Warning(this ILoggingAdapter log, Exception cause, string format, params object?[] args) => log.Log(LogEventLevel.Warning, cause, format, args);

    /// <summary>Logs something a person must look at.</summary>
    public static void Error(this ILoggingAdapter log, string format, params object?[] args) => log.Log(LogEventLevel.Error, null, format, args);

    /// <summary>Logs something a person must look at, with its cause.</summary>
    public static void Error(this ILoggingAdapter log, Exception cause, string format, params object?[] args) => log.Log(LogEventLevel.Error, cause, format, args);
}

internal sealed class LoggingAdapter(ActorSystem system, string source) : ILoggingAdapter
{
    public void Log(LogEventLevel logLevel, Exception? cause, string format, params object?[] args)
    {
        // A brace in a text without arguments is a brace.
        string text = args.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, args);
        system.WriteLog(logLevel, source, text, cause);
    }
}

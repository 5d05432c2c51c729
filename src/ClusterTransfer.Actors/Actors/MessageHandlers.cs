namespace ClusterTransfer.Actors;

/// <summary>The handlers of one behaviour, tried in the order they were added.</summary>
internal sealed class MessageHandlers
{
    private Handler[] _handlers = [];
    private int _count;
    private bool _handlesAny;

    public void Add<T>(Func<T, bool> handle) => Add(new TypedHandler<T>(handle));

    public void Add<T>(Action<T> handle, Predicate<T>? shouldHandle) => Add(new TypedAction<T>(handle, shouldHandle));

    public void Add(Type type, Func<object, bool> handle) => Add(new RuntimeTypeHandler(type, handle));

    public void AddAny(Action<object> handle)
    {
        Add(new TypedAction<object>(handle, null));
        _handlesAny = true;
    }

    public bool TryHandle(object message)
    {
        for (int index = 0; index < _count; index++)
        {
            if (_handlers[index].TryHandle(message)) { return true; }
        }
        return false;
    }

    private void Add(Handler handler)
    {
        if (_handlesAny)
        {
            throw new InvalidOperationException("A handler that takes every message has been added already; a handler added later would never be called.");
        }
        if (handler.TakesEverything) { _handlesAny = true; }
        if (_count == _handlers.Length) { Array.Resize(ref _handlers, _count == 0 ? 2 : _count * 2); }
        _handlers[_count++] = handler;
    }

    private abstract class Handler
    {
        public virtual bool TakesEverything => false;

        public abstract bool TryHandle(object message);
    }

    private sealed class TypedHandler<T>(Func<T, bool> handle) : Handler
    {
        public override bool TryHandle(object message) => message is T typed && handle(typed);
    }

    private sealed class TypedAction<T>(Action<T> handle, Predicate<T>? shouldHandle) : Handler
    {
        public override bool TakesEverything => shouldHandle is null && typeof(T) == typeof(object);

        public override bool TryHandle(object message)
        {
            if (message is not T typed || (shouldHandle is not null && !shouldHandle(typed))) { return false; }
            handle(typed);
            return true;
        }
    }

    private sealed class RuntimeTypeHandler(Type type, Func<object, bool> handle) : Handler
    {
        public override bool TryHandle(object message) => type.IsInstanceOfType(message) && handle(message);
    }
}

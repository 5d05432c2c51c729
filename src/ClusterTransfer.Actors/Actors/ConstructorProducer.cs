using System.Reflection;

namespace ClusterTransfer.Actors;

/// <summary>Calls one constructor with the same arguments each time.</summary>
internal sealed class ConstructorProducer(ConstructorInfo constructor, object?[] arguments) : IIndirectActorProducer
{
    private readonly ConstructorInvoker _invoker = ConstructorInvoker.Create(constructor);

    public Type ActorType { get; } = constructor.DeclaringType!; // a constructor always has one

    public static ConstructorProducer Find(Type type, object?[]? arguments)
    {
        arguments ??= [null];
        if (!typeof(ActorBase).IsAssignableFrom(type) || type.IsAbstract) { throw new ArgumentException($"{type} is not an actor class.", nameof(type)); }
        ConstructorInfo? found = null;
        foreach (ConstructorInfo candidate in type.GetConstructors())
        {
            if (!Fits(candidate.GetParameters(), arguments)) { continue; }
            if (found is not null) { throw new ArgumentException($"More than one constructor of {type} takes these arguments.", nameof(arguments)); }
            found = candidate;
        }
        return found is null
            ? throw new ArgumentException($"No public constructor of {type} takes these {arguments.Length} arguments.", nameof(arguments))
            : new ConstructorProducer(found, (object?[])arguments.Clone());
    }

    public ActorBase Produce() => (ActorBase)_invoker.Invoke(arguments.AsSpan());

    private static bool Fits(ParameterInfo[] parameters, object?[] arguments)
    {
        if (parameters.Length != arguments.Length) { return false; }
        for (int index = 0; index < parameters.Length; index++)
        {
            Type wanted = parameters[index].ParameterType;
            bool fits = arguments[index] is { } value
                ? wanted.IsInstanceOfType(value)
                : !wanted.IsValueType || Nullable.GetUnderlyingType(wanted) is not null;
            if (!fits) { return false; }
        }
        return true;
    }
}

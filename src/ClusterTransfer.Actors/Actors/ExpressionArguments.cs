using System.Linq.Expressions;
using System.Reflection;

namespace ClusterTransfer.Actors;

/// <summary>Values of the arguments of <c>() => new X(a, b)</c>.</summary>
internal static class ExpressionArguments
{
    public static object?[] Evaluate(NewExpression expression)
    {
        var values = new object?[expression.Arguments.Count];
        for (int index = 0; index < values.Length; index++) { values[index] = Evaluate(expression.Arguments[index]); }
        return values;
    }

    private static object? Evaluate(Expression expression)
    {
        // Constants and captured variables are nearly all there is; reading them directly spares the expression compiler.
        if (TryRead(expression, out object? value)) { return value; }
        return Expression.Lambda<Func<object?>>(Expression.Convert(expression, typeof(object))).Compile(preferInterpretation: true)();
    }

    private static bool TryRead(Expression expression, out object? value)
    {
        switch (expression)
        {
            case ConstantExpression constant:
                value = constant.Value;
                return true;
            case MemberExpression { Member: FieldInfo field, Expression: { } owner } when TryRead(owner, out object? instance) && instance is not null:
                value = field.GetValue(instance);
                return true;
            default:
                value = null;
                return false;
        }
    }
}

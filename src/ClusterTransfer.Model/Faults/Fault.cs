using System.Diagnostics;

namespace ClusterTransfer.Model.Faults;

/// <summary>Named points at which a test can make the process die, fail or wait. Only a build with <c>-p:FaultPoints=true</c> has them: in the product neither the calls nor what they would reach exist.</summary>
/// <remarks>The names are those of docs/faults.md, "Named kill points", with <c>.before</c> or <c>.after</c>. What a reached point does is written in tests/ClusterTransfer.Chaos/FaultPoints.</remarks>
internal static partial class Fault
{
    /// <summary>The process has come to the point.</summary>
    /// <param name="name">For example <c>d14.after</c>.</param>
    [Conditional("FAULT_POINTS")]
    public static void Point(string name) => Reach(name);

    static partial void Reach(string name);
}

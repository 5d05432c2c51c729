using System.Globalization;
using Mono.Cecil;
using Mono.Cecil.Cil;
using Mono.Cecil.Rocks;

namespace ClusterTransfer.Fuzz.Coverage;

/// <summary>Makes a copy of the program whose parsers note which ways their branches went.</summary>
/// <remarks>Each conditional jump has two ways, a switch one for each case and one for the rest. Jumps that the compiler made for its own purposes
/// (states of asynchronous methods, cached delegates, members of records) are left out: no input decides them.</remarks>
public sealed class Instrumenter
{
    private const int HiddenLine = 0xFEEFEE;

    private readonly IReadOnlyList<ParserPart> _parts;
    private readonly List<string> _branches = [];

    private Instrumenter(IReadOnlyList<ParserPart> parts) => _parts = parts;

    /// <summary>Copies the program to a folder and instruments it there.</summary>
    /// <returns>How many ways are watched.</returns>
    public static int CopyTo(string folder, IEnumerable<IFuzzTarget> targets)
    {
        Copy(AppContext.BaseDirectory, folder);
        var work = new Instrumenter([.. targets.SelectMany(target => target.Parser)]);
        foreach (string file in Directory.GetFiles(folder, "ClusterTransfer.*.dll"))
        {
            if (!file.Contains(".Fuzz", StringComparison.Ordinal))
            {
                work.Instrument(file);
            }
        }

        File.WriteAllLines(Path.Combine(folder, BranchReport.FileName), work._branches);
        return work._branches.Count;
    }

    private static void Copy(string from, string to)
    {
        foreach (string folder in Directory.GetDirectories(from, "*", SearchOption.AllDirectories))
        {
            Directory.CreateDirectory(Path.Combine(to, Path.GetRelativePath(from, folder)));
        }

        Directory.CreateDirectory(to);
        foreach (string file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)), overwrite: true);
        }
    }

    private void Instrument(string file)
    {
        byte[] result;
        using (var resolver = new DefaultAssemblyResolver())
        {
            resolver.AddSearchDirectory(Path.GetDirectoryName(file));
            resolver.AddSearchDirectory(Path.GetDirectoryName(typeof(object).Assembly.Location));
            using ModuleDefinition module = ModuleDefinition.ReadModule(file, new ReaderParameters { ReadSymbols = true, InMemory = true, AssemblyResolver = resolver });
            FieldReference map = module.ImportReference(typeof(BranchMap).GetField(nameof(BranchMap.Taken)));
            int before = _branches.Count;
            foreach (TypeDefinition type in module.GetTypes())
            {
                foreach (MethodDefinition method in type.Methods)
                {
                    if (method.HasBody && NameOf(method) is { } name && IsWanted(OutermostOf(type), name))
                    {
                        Instrument(method, name, map);
                    }
                }
            }

            if (_branches.Count == before)
            {
                return;
            }

            using var stream = new MemoryStream();
            module.Write(stream);
            result = stream.ToArray();
        }

        File.WriteAllBytes(file, result);
    }

    private bool IsWanted(string type, string method) =>
        _parts.Any(part => part.Type == type && (part.Methods.Length == 0 || part.Methods.Contains(method)));

    private static string OutermostOf(TypeDefinition type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type.FullName;
    }

    // The name in the source: of a lambda, a local function or a state machine, the method it stands in. Null for what the compiler made up.
    private static string? NameOf(MethodDefinition method)
    {
        string name = method.Name;
        if (name == "MoveNext" && method.DeclaringType.Name.StartsWith('<'))
        {
            name = method.DeclaringType.Name;
        }

        if (name.StartsWith('<') && name.IndexOf('>', StringComparison.Ordinal) is > 1 and int end)
        {
            return name[1..end];
        }

        bool made = method.CustomAttributes.Any(attribute => attribute.AttributeType.Name == "CompilerGeneratedAttribute");
        return made || name.StartsWith('<') ? null : name;
    }

    private void Instrument(MethodDefinition method, string name, FieldReference map)
    {
        var work = new Method(method, map);
        foreach (Instruction jump in method.Body.Instructions.Where(one => one.OpCode.FlowControl == FlowControl.Cond_Branch).ToArray())
        {
            if (work.PlaceOf(jump) is { } place && !IsCompilers(jump))
            {
                string prefix = $"{OutermostOf(method.DeclaringType)}\t{name}\t{place}\t";
                work.Watch(jump, way =>
                {
                    _branches.Add(prefix + way);
                    return _branches.Count <= BranchMap.Size ? _branches.Count - 1 : throw new InvalidOperationException("There are more branches than the map holds.");
                });
            }
        }

        work.Finish();
    }

    // Whether an awaited task is done already, and whether a delegate is cached already, no input decides.
    private static bool IsCompilers(Instruction jump) =>
        (jump.Previous?.Operand is MethodReference { Name: "get_IsCompleted" } called && called.DeclaringType.Name.Contains("Awaiter", StringComparison.Ordinal))
        || (jump.Previous?.OpCode == OpCodes.Dup && jump.Previous.Previous?.Operand is FieldReference { Name: ['<', '>', '9', ..] or ['<', '0', '>', ..] });

    /// <summary>One body being changed.</summary>
    private sealed class Method
    {
        private readonly MethodBody _body;
        private readonly ILProcessor _il;
        private readonly FieldReference _map;
        private readonly Dictionary<Instruction, string> _places = [];

        public Method(MethodDefinition method, FieldReference map)
        {
            _map = map;
            string? place = null;
            foreach (Instruction instruction in method.Body.Instructions)
            {
                if (method.DebugInformation.GetSequencePoint(instruction) is { } point)
                {
                    place = point.StartLine == HiddenLine ? null : string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(point.Document.Url)}:{point.StartLine}");
                }

                if (place is not null)
                {
                    _places[instruction] = place;
                }
            }

            _body = method.Body;
            _body.SimplifyMacros();
            _il = _body.GetILProcessor();
        }

        public string? PlaceOf(Instruction jump) => _places.GetValueOrDefault(jump);

        // jump X => jump A; [not taken]; br next; A: [taken]; br X; next:
        public void Watch(Instruction jump, Func<string, int> register)
        {
            Instruction next = jump.Next;
            var added = new List<Instruction>();
            Note(added, register(jump.Operand is Instruction[] ? "other cases" : "falls through"));
            added.Add(_il.Create(OpCodes.Br, next));
            if (jump.Operand is Instruction[] cases)
            {
                var detours = new Instruction[cases.Length];
                for (int i = 0; i < cases.Length; i++)
                {
                    // Cases that share their code are one way, as they are one line.
                    int same = Array.IndexOf(cases, cases[i]);
                    detours[i] = same < i ? detours[same] : cases[i] == next ? next : Detour(added, register(string.Create(CultureInfo.InvariantCulture, $"case {i}")), cases[i]);
                }

                jump.Operand = detours;
            }
            else
            {
                jump.Operand = Detour(added, register("jumps"), (Instruction)jump.Operand);
            }

            foreach (Instruction one in added)
            {
                _il.InsertBefore(next, one);
            }
        }

        public void Finish() => _body.OptimizeMacros();

        private Instruction Detour(List<Instruction> added, int way, Instruction target)
        {
            int at = added.Count;
            Note(added, way);
            added.Add(_il.Create(OpCodes.Br, target));
            return added[at];
        }

        private void Note(List<Instruction> added, int way)
        {
            added.Add(_il.Create(OpCodes.Ldsfld, _map));
            added.Add(_il.Create(OpCodes.Ldc_I4, way));
            added.Add(_il.Create(OpCodes.Ldc_I4_1));
            added.Add(_il.Create(OpCodes.Stelem_I1));
        }
    }
}

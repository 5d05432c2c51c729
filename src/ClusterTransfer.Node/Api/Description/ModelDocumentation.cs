using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using ClusterTransfer.Model.Api;

namespace ClusterTransfer.Node.Api.Description;

/// <summary>The XML documentation of the model, which is built into this assembly: what an API's field means is written once, where it is declared.</summary>
internal sealed class ModelDocumentation
{
    private const string Resource = "ClusterTransfer.Model.xml";

    private readonly Dictionary<string, XElement> _members;

    private ModelDocumentation(XDocument document) => _members = document.Descendants("member").ToDictionary(member => member.Attribute("name")?.Value ?? string.Empty);

    public static ModelDocumentation Load()
    {
        using Stream stream = typeof(ModelDocumentation).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"{Resource} is not built into this assembly.");
        return new ModelDocumentation(XDocument.Load(stream));
    }

    /// <summary>The summary of a type.</summary>
    public string Of(Type type) => Text(Member($"T:{NameOf(type)}").Element("summary"), type.Name);

    /// <summary>The summary of a value of an enum.</summary>
    public string Of(FieldInfo value) => Text(Member($"F:{NameOf(value.DeclaringType!)}.{value.Name}").Element("summary"), value.Name);   // a value of an enum has one

    /// <summary>The summary of a property; for one that a record declares in its head, the text of that parameter.</summary>
    public string Of(PropertyInfo property)
    {
        string type = NameOf(property.DeclaringType!);   // a property of a class has one
        return _members.TryGetValue($"P:{type}.{property.Name}", out XElement? member)
            ? Text(member.Element("summary"), property.Name)
            : Text(Member($"T:{type}").Elements("param").SingleOrDefault(param => param.Attribute("name")?.Value == property.Name), $"{type}.{property.Name}");
    }

    private static string NameOf(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName ?? type.Name;

    private XElement Member(string name) => _members.TryGetValue(name, out XElement? member) ? member : throw new InvalidOperationException($"{name} has no documentation.");

    private static string Text(XElement? element, string of)
    {
        if (element is null)
        {
            throw new InvalidOperationException($"{of} has no documentation.");
        }

        var text = new StringBuilder();
        foreach (XNode node in element.Nodes())
        {
            text.Append(node switch
            {
                XText plain => plain.Value,
                XElement { Name.LocalName: "see" } see => $"`{Shown(see.Attribute("cref")?.Value ?? see.Value)}`",
                XElement { Name.LocalName: "paramref" } name => $"`{Camel(name.Attribute("name")?.Value ?? string.Empty)}`",
                XElement other => $"`{other.Value}`",
                _ => string.Empty,
            });
        }

        return string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    // A reader of the API knows fields and values, not members.
    private static string Shown(string reference)
    {
        string last = reference[(reference.LastIndexOf('.') + 1)..];
        return reference.StartsWith("P:", StringComparison.Ordinal) ? Camel(last) : last;
    }

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);
}

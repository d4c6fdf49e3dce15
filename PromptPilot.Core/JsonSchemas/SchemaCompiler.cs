using System.Globalization;
using System.Text.Json;

namespace PromptPilot.Core.JsonSchemas;

/// <summary>
/// Reads a schema of draft 4 to 2020-12. Each keyword is applied, refused, or listed as one that does nothing; none is dropped silently.
/// </summary>
internal sealed class SchemaCompiler
{
    /// <summary>Schemas that are applied to one value. A schema that refers to itself many times over multiplies them.</summary>
    private const long MostInPlace = 100_000;

    private readonly JsonElement _root;
    private readonly string? _id;
    private readonly Dictionary<string, SchemaNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SchemaNode> _anchors = new(StringComparer.Ordinal);
    private readonly List<(SchemaNode Node, string Reference, Spot Spot)> _references = [];
    private readonly List<string> _ignored = [];
    private readonly List<string> _unchecked = [];

    private SchemaCompiler(JsonElement root)
    {
        _root = root;
        _id =
            root.ValueKind == JsonValueKind.Object && root.TryGetProperty("$id", out var id) && id.ValueKind == JsonValueKind.String
                ? id.GetString()!.TrimEnd('#')
                : null;
    }

    /// <exception cref="SchemaException">Something in it cannot be checked.</exception>
    public static CompiledSchema Compile(JsonElement root)
    {
        var compiler = new SchemaCompiler(root);
        var node = compiler.Read(root, new Spot("", "$"));
        compiler.Resolve();
        var costs = new Dictionary<SchemaNode, long>();
        foreach (var each in compiler._nodes.Values)
        {
            Measure(each, costs);
        }

        return new CompiledSchema(node, compiler._ignored, compiler._unchecked);
    }

    private SchemaNode Read(JsonElement schema, Spot spot)
    {
        if (_nodes.TryGetValue(spot.Pointer, out var known))
        {
            return known;
        }

        var node = new SchemaNode();
        _nodes[spot.Pointer] = node;
        switch (schema.ValueKind)
        {
            case JsonValueKind.True:
                break;
            case JsonValueKind.False:
                node.IsNever = true;
                break;
            case JsonValueKind.Object:
                foreach (var keyword in schema.EnumerateObject())
                {
                    Read(node, schema, keyword, spot.Of(keyword.Name));
                }

                break;
            default:
                throw new SchemaException($"{spot.Place} must be an object, like {{\"type\": \"object\"}}.");
        }

        return node;
    }

    private void Read(SchemaNode node, JsonElement schema, JsonProperty keyword, Spot spot)
    {
        if (SchemaKeywords.IsRefused(keyword.Name))
        {
            throw new SchemaException($"{spot.Place} is not supported. Use “$ref” with “#/$defs/…”.");
        }

        if (SchemaKeywords.IsApplied(keyword.Name))
        {
            ReadApplied(node, schema, keyword, spot);
        }
        else if (keyword.Name is "$id" && spot.Pointer != "/$id")
        {
            _ignored.Add($"{spot.Place} is supported only at the top level of a schema. Use “#/$defs/…” to refer to this part.");
        }
        else if (!SchemaKeywords.IsNote(keyword.Name))
        {
            _ignored.Add(SchemaKeywords.Unknown(keyword.Name, spot.Place));
        }
    }

    private void ReadApplied(SchemaNode node, JsonElement schema, JsonProperty keyword, Spot spot)
    {
        var (value, place) = (keyword.Value, spot.Place);
        switch (keyword.Name)
        {
            case "type":
                node.Types = SchemaKeywords.Types(value, place);
                break;
            case "enum":
                node.Enum = SchemaKeywords.Choices(value, place);
                break;
            case "const":
                node.Const = new SchemaChoices([value]);
                break;
            case "minimum":
                node.Minimum = SchemaKeywords.Number(value, place);
                break;
            case "maximum":
                node.Maximum = SchemaKeywords.Number(value, place);
                break;
            case "exclusiveMinimum":
                node.ExclusiveMinimum = Exclusive(schema, value, "minimum", place);
                break;
            case "exclusiveMaximum":
                node.ExclusiveMaximum = Exclusive(schema, value, "maximum", place);
                break;
            case "multipleOf":
                node.MultipleOf = SchemaKeywords.Divisor(value, place);
                break;
            case "minLength":
                node.MinLength = SchemaKeywords.Count(value, place);
                break;
            case "maxLength":
                node.MaxLength = SchemaKeywords.Count(value, place);
                break;
            case "pattern":
                node.Pattern = new SchemaPattern(SchemaKeywords.Text(value, place), place);
                break;
            case "format":
                ReadFormat(node, value, place);
                break;
            case "$ref":
                AddReference(node, value, spot);
                break;
            case "$anchor":
                if (!_anchors.TryAdd(SchemaKeywords.Text(value, place), node))
                {
                    throw new SchemaException($"{place} is used twice. Anchors need different names.");
                }

                break;
            case "$defs" or "definitions":
                Map(value, spot);
                break;
            case "allOf":
                node.AllOf = List(value, spot);
                break;
            case "anyOf":
                node.AnyOf = List(value, spot);
                break;
            case "oneOf":
                node.OneOf = List(value, spot);
                break;
            case "not":
                node.Not = Read(value, spot);
                break;
            case "if":
                node.If = Read(value, spot);
                break;
            case "then":
                Needs(schema, "if", spot);
                node.Then = Read(value, spot);
                break;
            case "else":
                Needs(schema, "if", spot);
                node.Else = Read(value, spot);
                break;
            default:
                ReadOfContainers(node, schema, keyword, spot);
                break;
        }
    }

    /// <summary>Keywords of lists and objects.</summary>
    private void ReadOfContainers(SchemaNode node, JsonElement schema, JsonProperty keyword, Spot spot)
    {
        var (value, place) = (keyword.Value, spot.Place);
        switch (keyword.Name)
        {
            case "items" when value.ValueKind == JsonValueKind.Array:
                // Before 2020-12, a list gave the first items and “additionalItems” the others.
                node.PrefixItems = schema.TryGetProperty("prefixItems", out _)
                    ? throw new SchemaException($"{place} is a list alongside “prefixItems”. Use one schema for the other items.")
                    : List(value, spot);
                break;
            case "items":
                node.Items = Read(value, spot);
                break;
            case "prefixItems":
                node.PrefixItems = List(value, spot);
                break;
            case "additionalItems":
                if (schema.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array)
                {
                    node.Items = Read(value, spot);
                }
                else
                {
                    // It has no effect, by the standard. A wrong value is refused all the same.
                    Read(value, spot);
                    _ignored.Add($"{place} has no effect unless “items” is a list. Remove it.");
                }

                break;
            case "unevaluatedItems":
                node.UnevaluatedItems = Read(value, spot);
                break;
            case "contains":
                node.Contains = Read(value, spot);
                break;
            case "minContains":
                Needs(schema, "contains", spot);
                node.MinContains = SchemaKeywords.Count(value, place);
                break;
            case "maxContains":
                Needs(schema, "contains", spot);
                node.MaxContains = SchemaKeywords.Count(value, place);
                break;
            case "minItems":
                node.MinItems = SchemaKeywords.Count(value, place);
                break;
            case "maxItems":
                node.MaxItems = SchemaKeywords.Count(value, place);
                break;
            case "uniqueItems":
                node.UniqueItems = SchemaKeywords.Truth(value, place);
                break;
            case "properties":
                node.Properties = Map(value, spot);
                break;
            case "patternProperties":
                node.PatternProperties =
                [
                    .. Map(value, spot).Select(entry => (new SchemaPattern(entry.Key, spot.Of(entry.Key).Place), entry.Value)),
                ];
                break;
            case "additionalProperties":
                node.AdditionalProperties = Read(value, spot);
                break;
            case "unevaluatedProperties":
                node.UnevaluatedProperties = Read(value, spot);
                break;
            case "propertyNames":
                node.PropertyNames = Read(value, spot);
                break;
            case "required":
                node.Required = SchemaKeywords.Names(value, place);
                break;
            case "minProperties":
                node.MinProperties = SchemaKeywords.Count(value, place);
                break;
            case "maxProperties":
                node.MaxProperties = SchemaKeywords.Count(value, place);
                break;
            case "dependentRequired" or "dependentSchemas" or "dependencies":
                ReadDependent(node, keyword, spot);
                break;
        }
    }

    private void ReadDependent(SchemaNode node, JsonProperty keyword, Spot spot)
    {
        if (keyword.Value.ValueKind != JsonValueKind.Object)
        {
            throw new SchemaException($"{spot.Place} must be an object.");
        }

        foreach (var entry in keyword.Value.EnumerateObject())
        {
            var at = spot.Of(entry.Name);
            if (keyword.Name == "dependentRequired" || (keyword.Name == "dependencies" && entry.Value.ValueKind == JsonValueKind.Array))
            {
                node.DependentRequired[entry.Name] = SchemaKeywords.Names(entry.Value, at.Place);
            }
            else
            {
                node.DependentSchemas[entry.Name] = Read(entry.Value, at);
            }
        }
    }

    private void ReadFormat(SchemaNode node, JsonElement value, string place)
    {
        var name = SchemaKeywords.Text(value, place);
        node.Format = SchemaFormats.Find(name);
        if (node.Format is not null)
        {
            return;
        }

        if (SchemaFormats.IsNoted(name))
        {
            _unchecked.Add($"format “{name}” at {place}");
        }
        else
        {
            _ignored.Add($"{place} “{name}” is not a known format and would be ignored. Checked formats: {SchemaFormats.Names}.");
        }
    }

    /// <summary>In draft 4, <c>true</c> makes the limit beside it exclusive.</summary>
    private decimal? Exclusive(JsonElement schema, JsonElement value, string limit, string place)
    {
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            return SchemaKeywords.Number(value, place);
        }

        if (!value.GetBoolean())
        {
            return null;
        }

        if (schema.TryGetProperty(limit, out var number))
        {
            return SchemaKeywords.Number(number, place);
        }

        _ignored.Add($"{place} has no effect without “{limit}”. Write the limit itself here.");
        return null;
    }

    private void Needs(JsonElement schema, string other, Spot spot)
    {
        if (!schema.TryGetProperty(other, out _))
        {
            _ignored.Add($"{spot.Place} has no effect without “{other}”. Remove it, or add “{other}”.");
        }
    }

    private Dictionary<string, SchemaNode> Map(JsonElement schemas, Spot spot) =>
        schemas.ValueKind == JsonValueKind.Object
            ? schemas
                .EnumerateObject()
                .ToDictionary(entry => entry.Name, entry => Read(entry.Value, spot.Of(entry.Name)), StringComparer.Ordinal)
            : throw new SchemaException($"{spot.Place} must be an object of schemas.");

    private List<SchemaNode> List(JsonElement schemas, Spot spot) =>
        schemas.ValueKind == JsonValueKind.Array && schemas.GetArrayLength() > 0
            ? [.. schemas.EnumerateArray().Select((schema, index) => Read(schema, spot.Of(index)))]
            : throw new SchemaException($"{spot.Place} must be a list of schemas.");

    private void AddReference(SchemaNode node, JsonElement value, Spot spot)
    {
        var reference = value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
        if (_id is { Length: > 0 } && reference.StartsWith(_id + "#", StringComparison.Ordinal))
        {
            reference = reference[_id.Length..];
        }
        else if (reference == _id)
        {
            reference = "#";
        }

        if (!reference.StartsWith('#'))
        {
            throw new SchemaException(
                $"{spot.Place} points outside this schema, and nothing is loaded from elsewhere. Put the definition under “$defs” "
                    + "and refer to it with “#/$defs/…”."
            );
        }

        _references.Add((node, reference[1..], spot));
    }

    /// <summary>A reference may lead to a part that is read only now, and that has references itself.</summary>
    private void Resolve()
    {
        for (var i = 0; i < _references.Count; i++)
        {
            var (node, reference, spot) = _references[i];
            var pointer = Uri.UnescapeDataString(reference);
            node.Reference =
                pointer.Length > 0 && pointer[0] != '/' ? _anchors.GetValueOrDefault(pointer)
                : Find(pointer) is { } found ? Read(found, new Spot(pointer, "$" + pointer.Replace('/', '.')))
                : null;
            if (node.Reference is null)
            {
                throw new SchemaException(
                    $"{spot.Place} “#{reference}” points to nothing in this schema. Correct it, or add the definition."
                );
            }
        }
    }

    private JsonElement? Find(string pointer)
    {
        var at = _root;
        foreach (var part in pointer.Split('/').Skip(1))
        {
            var name = part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (at.ValueKind == JsonValueKind.Object && at.TryGetProperty(name, out var field))
            {
                at = field;
            }
            else if (
                at.ValueKind == JsonValueKind.Array
                && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                && index < at.GetArrayLength()
            )
            {
                at = at[index];
            }
            else
            {
                return null;
            }
        }

        return at;
    }

    /// <summary>Counts the schemas that one value is checked by, and refuses those that would be followed forever.</summary>
    private static long Measure(SchemaNode node, Dictionary<SchemaNode, long> known)
    {
        if (known.TryGetValue(node, out var cost))
        {
            return cost > 0
                ? cost
                : throw new SchemaException(
                    "The schema refers to itself endlessly: a “$ref” leads back to it without a field or an item in between. "
                        + "Put the reference inside “properties” or “items”."
                );
        }

        known[node] = 0;
        cost = 1 + node.InPlace().Sum(inner => Measure(inner, known));
        if (cost > MostInPlace)
        {
            throw new SchemaException("The schema takes too long to check: its references multiply. Simplify it.");
        }

        known[node] = cost;
        return cost;
    }

    /// <summary>A place in the schema: as references write it, and as people read it.</summary>
    private readonly record struct Spot(string Pointer, string Place)
    {
        public Spot Of(string name) =>
            new(
                $"{Pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}",
                $"{Place}.{name}"
            );

        public Spot Of(int index) => new($"{Pointer}/{index}", $"{Place}[{index}]");
    }
}

/// <summary>A schema that values can be checked by.</summary>
/// <param name="Ignored">Keywords that have no effect, each with its place and what to do.</param>
/// <param name="Unchecked">Formats that say something to the reader only, each with its place.</param>
internal sealed record CompiledSchema(SchemaNode Root, IReadOnlyList<string> Ignored, IReadOnlyList<string> Unchecked);
